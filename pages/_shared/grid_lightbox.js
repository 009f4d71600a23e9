// One product at a time, large. Arrow keys go on to the next, and every key that acts on products works here too.
class LightBox {
  constructor(grid, node) {
    Object.assign(this, { grid, node });
    node.onclick = (event) => { if (event.target === node) this.close(); };
    node.onclose = () => { if (!this.grid.menu.isOpen) this.land(); };
  }

  get isOpen() {
    return this.node.open;
  }

  open() {
    if (!this.grid.tiles.current) return;
    this.grid.card.hide();
    this.draw();
    if (!this.isOpen) this.node.showModal();
  }

  close() {
    if (!this.isOpen) return;
    this.node.close();
    this.land();
  }

  // The browser gives the focus back to where it was; it belongs to the product looked at last.
  land() {
    const at = this.grid.tiles.items.indexOf(this.drawn);
    this.grid.tiles.focus(at < 0 ? this.grid.tiles.cursor : at);
  }

  refresh() {
    if (!this.isOpen) return;
    if (this.grid.tiles.current) this.draw();
    else this.close();
  }

  draw() {
    const { tiles, pages } = this.grid;
    const item = tiles.current;
    if (this.drawn !== item) this.build(item);
    this.drawn = item;
    this.place.textContent = `${figure(pages.firstNumber + tiles.cursor)} of ${figure(pages.total)}`;
    this.back.disabled = tiles.cursor === 0;
    this.on.disabled = tiles.cursor === tiles.items.length - 1;
    this.drawSelection();
  }

  drawSelection() {
    if (!this.isOpen && !this.pick) return;
    const item = this.grid.tiles.current;
    const isSelected = Boolean(item) && this.grid.selection.has(item.id);
    this.pick.hidden = !this.grid.isSelectable;
    this.pick.setAttribute("aria-pressed", String(isSelected));
    this.pick.lastChild.textContent = isSelected ? "Selected" : "Select";
    const n = this.grid.selection.isAll ? this.grid.pages.total : this.grid.selection.ids.size;
    const subject = n === 0 ? "Keys act on this product." : `Keys act on the ${n === 1 ? "product" : `${figure(n)} products`} selected.`;
    this.hint.textContent = this.grid.canAct ? subject : "";
    this.node.classList.toggle("going", Boolean(item) && this.grid.acts.takes(item.id));
  }

  build(item) {
    const frame = make("div", "frame");
    frame.append(picture(item, "eager"));
    const words = make("div", "words");
    this.place = make("div", "place");
    this.hint = make("div", "hint-line");
    const title = make("h3", "", item.heading || item.title);
    words.append(this.place, title, ...(item.badge ? [make("span", "badge", item.badge)] : []), factList(item), this.hint, this.controls());
    const body = make("div", "body");
    body.tabIndex = -1;
    body.autofocus = true;
    body.append(frame, words);
    const hadFocus = this.isOpen;
    this.node.replaceChildren(body);
    this.node.setAttribute("aria-label", item.title);
    if (hadFocus) body.focus();
  }

  controls() {
    this.back = button("", "box-previous", () => this.step(-1), "turn");
    this.on = button("", "box-next", () => this.step(1), "turn");
    this.back.append(drawing("0 0 16 16", "M10 4L6 8l4 4"));
    this.on.append(drawing("0 0 16 16", "M6 4l4 4-4 4"));
    this.back.setAttribute("aria-label", "Previous product");
    this.on.setAttribute("aria-label", "Next product");
    this.pick = button("", "box-select", () => this.toggle(), "");
    this.pick.append(keyChips("Space"), make("span", "", "Select"));
    const close = button("", "box-close", () => this.close(), "quiet");
    close.append(keyChips("Esc"), make("span", "", "Close"));
    const box = make("div", "controls");
    box.append(this.back, this.on, this.pick, close);
    return box;
  }

  toggle() {
    const item = this.grid.tiles.current;
    if (item && this.grid.isSelectable) this.grid.selection.toggle(item.id);
  }

  step(by) {
    this.goTo(this.grid.tiles.cursor + by);
  }

  goTo(index) {
    this.grid.tiles.setCursor(index);
    this.grid.look.soon();
    this.grid.tell("hover", [this.grid.tiles.current.id]);
    this.refresh();
  }

  press(event) {
    const isOnButton = event.composedPath()[0].tagName === "BUTTON";
    if (isOnButton && (event.key === " " || event.key === "Enter")) return false;
    if (event.key === "ArrowRight" || event.key === "ArrowDown") this.step(1);
    else if (event.key === "ArrowLeft" || event.key === "ArrowUp") this.step(-1);
    else if (event.key === "Home") this.goTo(0);
    else if (event.key === "End") this.goTo(this.grid.tiles.items.length - 1);
    else if (event.key === " ") this.toggle();
    else if (event.key === "Enter" || event.key === "Escape") this.close();
    else return false;
    return true;
  }
}
