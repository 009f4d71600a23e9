// The tiles and the one of them that the keyboard is on. A tile is made once and kept while its product stays.
class Tiles {
  constructor(box) {
    this.box = box;
    this.items = [];
    this.nodes = [];
    this.known = new Map();
    this.cursor = 0;
  }

  draw(items, cursor) {
    const hadFocus = this.hasFocus;
    const known = new Map(items.map((item) => [item.id, this.kept(item)]));
    const nodes = items.map((item) => known.get(item.id).node);
    const isSame = nodes.length === this.nodes.length && nodes.every((node, index) => node === this.nodes[index]);
    this.known = known;
    this.items = items.map((item) => known.get(item.id).item); // the same object while nothing about it changes
    this.nodes = nodes;
    this.cursor = Math.max(Math.min(cursor, items.length - 1), 0);
    if (!isSame) this.box.replaceChildren(...nodes);
    this.markCursor();
    if (hadFocus && !isSame) this.focus(this.cursor);
  }

  kept(item) {
    const signature = JSON.stringify(item);
    const before = this.known.get(item.id);
    return before?.signature === signature ? before : { signature, item, node: this.make(item) };
  }

  make(item) {
    const tile = make("div", "tile");
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-selected", "false");
    tile.setAttribute("aria-label", [item.title, item.sure_text, item.subtitle, item.badge, item.alert, ...(item.marks || [])].filter(Boolean).join(", "));
    tile.tabIndex = -1;
    tile.dataset.testid = "tile";
    tile.dataset.productId = item.id;
    const frame = make("div", "frame");
    const tick = make("span", "tick");
    tick.append(drawing("0 0 16 16", "M4 8.4l2.7 2.7L12 5.4"));
    frame.append(picture(item, "lazy"), tick);
    if (item.badge) frame.append(make("span", "badge", item.badge));
    if (item.marks?.length) frame.append(this.marks(item.marks));
    if (item.alert) frame.append(make("span", "mark alert", item.alert));
    tile.append(frame, ...(item.sure === undefined ? [] : [this.sure(item)]), make("div", "title", item.title), make("div", "subtitle", item.subtitle || "\u00a0"));
    return tile;
  }

  marks(texts) {
    const box = make("div", "marks");
    box.append(...texts.map((text) => make("span", "mark", text)));
    return box;
  }

  // How sure it is, as a bar and in words.
  sure(item) {
    const box = make("div", item.is_doubtful ? "sure doubtful" : "sure");
    const bar = make("i"), part = make("b");
    part.style.width = `${100 * item.sure}%`;
    bar.append(part);
    box.append(bar, make("em", "", item.sure_text));
    return box;
  }

  // Where the cursor goes when the list changes: it stays on its product, or at the place the product leaves.
  cursorIn(items) {
    const here = this.items[this.cursor];
    const at = items.findIndex((item) => item.id === here?.id);
    if (at >= 0) return at;
    const ids = new Set(items.map((item) => item.id));
    return this.items.slice(0, this.cursor).filter((item) => ids.has(item.id)).length;
  }

  number(firstNumber, total) {
    this.nodes.forEach((node, index) => {
      node.setAttribute("aria-posinset", firstNumber + index);
      node.setAttribute("aria-setsize", total);
    });
  }

  markCursor() {
    this.nodes.forEach((node, index) => { node.tabIndex = index === this.cursor ? 0 : -1; });
  }

  get hasFocus() {
    return this.box.contains(this.box.getRootNode().activeElement);
  }

  get current() {
    return this.items[this.cursor];
  }

  setCursor(index) {
    this.cursor = Math.max(Math.min(index, this.nodes.length - 1), 0);
    this.markCursor();
  }

  focus(index, options) {
    this.setCursor(index);
    this.nodes[this.cursor]?.focus(options);
  }

  // Index of the tile at an event, or -1.
  indexAt(event) {
    const tile = event.target.closest?.(".tile");
    return tile ? this.nodes.indexOf(tile) : -1;
  }

  get columns() {
    const top = this.nodes[0]?.offsetTop;
    const next = this.nodes.findIndex((node) => node.offsetTop !== top);
    return next < 0 ? Math.max(this.nodes.length, 1) : next;
  }

  show(isSelected, isGoing) {
    this.items.forEach((item, index) => {
      const node = this.nodes[index];
      const selected = String(isSelected(item.id));
      if (node.getAttribute("aria-selected") !== selected) node.setAttribute("aria-selected", selected);
      node.classList.toggle("going", isGoing(item.id));
    });
  }

  point(ids) {
    const wanted = new Set(ids);
    this.items.forEach((item, index) => this.nodes[index].classList.toggle("pointed", wanted.has(item.id)));
  }
}
