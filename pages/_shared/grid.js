// The image grid. Selection lives here; Python hears of it only when somebody acts.
const PREVIEW_DELAY_MS = 500;
const SVG = "http://www.w3.org/2000/svg";
const grids = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function placeholder() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 48 48");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ["M8 12h32v24H8z", "M8 31l9-9 8 8 5-5 10 9", "M31 19.5a2 2 0 1 0 .01 0"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.appendChild(path);
  }
  const box = make("div", "placeholder");
  box.appendChild(svg);
  return box;
}

function picture(item) {
  if (!item.thumb) return placeholder();
  const image = make("img");
  image.alt = "";
  image.loading = "lazy";
  image.decoding = "async";
  image.draggable = false;
  image.onerror = () => image.replaceWith(placeholder());
  image.src = item.thumb;
  return image;
}

class Grid {
  constructor(root) {
    this.root = root;
    this.tilesBox = root.querySelector(".tiles");
    this.bar = root.querySelector(".bar");
    this.foot = root.querySelector(".foot");
    this.preview = root.querySelector(".preview");
    this.selected = new Set();
    this.anchor = 0;
    this.cursor = 0;
    this.tilesBox.onclick = (event) => this.onClick(event);
    this.tilesBox.ondblclick = (event) => this.onDoubleClick(event);
    this.tilesBox.onkeydown = (event) => this.onKey(event);
    this.tilesBox.onpointerover = (event) => this.onHover(event);
    this.tilesBox.onpointerleave = () => this.hidePreview();
    this.tilesBox.onfocusout = () => this.hidePreview();
    root.onkeydown = (event) => {
      if (event.key === "Escape") this.onEscape(event);
    };
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    const signature = JSON.stringify(data.items);
    if (signature !== this.signature) {
      this.signature = signature;
      const ids = new Set(data.items.map((item) => item.id));
      this.selected = new Set([...this.selected].filter((id) => ids.has(id)));
      this.drawTiles();
    }
    this.root.classList.remove("busy");
    this.root.dataset.grid = data.key;
    this.root.dataset.size = data.size;
    this.tilesBox.setAttribute("aria-label", data.label);
    this.drawFoot();
    this.drawBar();
  }

  drawTiles() {
    this.hidePreview();
    this.cursor = Math.min(this.cursor, Math.max(this.data.items.length - 1, 0));
    this.tiles = this.data.items.map((item, index) => this.tile(item, index));
    this.tilesBox.replaceChildren(...this.tiles);
  }

  tile(item, index) {
    const tile = make("div", "tile");
    tile.setAttribute("role", "option");
    tile.setAttribute("aria-selected", String(this.selected.has(item.id)));
    tile.setAttribute("aria-label", [item.title, item.subtitle, item.badge].filter(Boolean).join(", "));
    tile.tabIndex = index === this.cursor ? 0 : -1;
    tile.dataset.testid = "tile";
    tile.dataset.productId = item.id;
    tile.dataset.index = index;
    const frame = make("div", "frame");
    frame.append(picture(item), make("span", "tick", "✓"));
    if (item.badge) frame.append(make("span", "badge", item.badge));
    tile.append(frame, make("div", "title", item.title), make("div", "subtitle", item.subtitle || "\u00a0"));
    return tile;
  }

  indexOf(event) {
    const tile = event.target.closest?.(".tile");
    return tile ? Number(tile.dataset.index) : null;
  }

  onClick(event) {
    const index = this.indexOf(event);
    if (index === null) return;
    this.hidePreview();
    if (event.shiftKey) this.selectRange(this.anchor, index);
    else this.toggle(index);
    if (!event.shiftKey) this.anchor = index;
    this.focus(index);
  }

  onDoubleClick(event) {
    const index = this.indexOf(event);
    if (index !== null) this.showPreview(index);
  }

  onHover(event) {
    const index = this.indexOf(event);
    if (index === this.hovered) return;
    this.hidePreview();
    this.hovered = index;
    if (index !== null) this.timer = setTimeout(() => this.showPreview(index), PREVIEW_DELAY_MS);
  }

  onKey(event) {
    const keys = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns(), ArrowUp: -this.columns() };
    if (event.key in keys) this.step(keys[event.key], event.shiftKey);
    else if (event.key === "Home") this.focus(0);
    else if (event.key === "End") this.focus(this.tiles.length - 1);
    else if (event.key === " ") { this.toggle(this.cursor); this.anchor = this.cursor; }
    else if (event.key === "Enter") this.previewed === this.cursor ? this.hidePreview() : this.showPreview(this.cursor);
    else if (event.key.toLowerCase() === "a" && (event.ctrlKey || event.metaKey)) this.selectRange(0, this.tiles.length - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  onEscape(event) {
    if (this.previewed !== undefined) this.hidePreview();
    else if (this.selected.size) this.clear();
    else return;
    event.stopPropagation();
  }

  columns() {
    const top = this.tiles[0]?.offsetTop;
    const next = this.tiles.findIndex((tile) => tile.offsetTop !== top);
    return next === -1 ? Math.max(this.tiles.length, 1) : next;
  }

  step(by, extend) {
    const target = Math.min(Math.max(this.cursor + by, 0), this.tiles.length - 1);
    this.focus(target);
    if (extend) this.selectRange(this.anchor, target);
    else this.anchor = target;
  }

  focus(index) {
    if (!this.tiles.length) return;
    this.tiles[this.cursor].tabIndex = -1;
    this.cursor = index;
    this.tiles[index].tabIndex = 0;
    this.tiles[index].focus();
  }

  toggle(index) {
    if (!this.data.actions.length) return;
    const id = this.data.items[index].id;
    if (!this.selected.delete(id)) this.selected.add(id);
    this.drawSelection();
  }

  selectRange(from, to) {
    if (!this.data.actions.length) return;
    const [low, high] = from < to ? [from, to] : [to, from];
    for (const item of this.data.items.slice(low, high + 1)) this.selected.add(item.id);
    this.drawSelection();
  }

  clear() {
    this.selected.clear();
    this.drawSelection();
  }

  drawSelection() {
    this.data.items.forEach((item, index) =>
      this.tiles[index].setAttribute("aria-selected", String(this.selected.has(item.id))));
    this.drawBar();
  }

  drawBar() {
    const n = this.selected.size;
    this.bar.hidden = n === 0;
    this.closeMenu();
    if (!n) return;
    const count = make("span", "count", n === 1 ? "1 selected" : `${n} selected`);
    count.dataset.testid = "grid-selected-count";
    count.setAttribute("aria-live", "polite");
    const buttons = this.data.actions.map((action) => this.actionButton(action));
    const clear = make("button", "quiet", "Clear");
    clear.type = "button";
    clear.dataset.testid = "grid-clear";
    clear.onclick = () => this.clear();
    this.bar.replaceChildren(count, ...buttons, clear);
  }

  actionButton(action) {
    const button = make("button", "", action.choices ? `${action.label} ▾` : action.label);
    button.type = "button";
    button.dataset.testid = `grid-action-${action.id}`;
    button.onclick = () => (action.choices ? this.openMenu(action, button) : this.act(action.id, null));
    if (action.choices) button.setAttribute("aria-haspopup", "menu");
    return button;
  }

  openMenu(action, button) {
    const wasOpen = this.menu?.dataset.action === action.id;
    this.closeMenu();
    if (wasOpen) return;
    const menu = make("div", "menu");
    menu.dataset.action = action.id;
    menu.setAttribute("role", "menu");
    const rows = action.choices.map((choice) => this.choiceRow(action, choice));
    if (rows.length > 8) menu.append(this.menuFilter(rows));
    menu.append(...rows);
    this.bar.append(menu);
    menu.style.left = `${button.offsetLeft}px`;
    this.menu = menu;
    (menu.querySelector("input") || rows[0])?.focus();
  }

  choiceRow(action, choice) {
    const row = make("button", "choice", choice.label);
    row.type = "button";
    row.setAttribute("role", "menuitem");
    row.dataset.testid = `grid-choice-${choice.id}`;
    row.onclick = () => this.act(action.id, choice.id);
    return row;
  }

  menuFilter(rows) {
    const input = make("input", "filter");
    input.type = "search";
    input.placeholder = "Find…";
    input.setAttribute("aria-label", "Find a cluster");
    input.oninput = () => {
      const wanted = input.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    };
    return input;
  }

  closeMenu() {
    this.menu?.remove();
    this.menu = undefined;
  }

  act(action, choice) {
    const ids = this.data.items.filter((item) => this.selected.has(item.id)).map((item) => item.id);
    if (!ids.length) return;
    this.root.classList.add("busy");
    this.selected.clear();
    this.drawSelection();
    this.send("act", { action, choice, ids });
  }

  drawFoot() {
    const { items, total, step } = this.data;
    this.foot.replaceChildren();
    this.foot.hidden = items.length >= total;
    if (this.foot.hidden) return;
    const more = make("button", "quiet", `Show ${Math.min(step, total - items.length)} more`);
    more.type = "button";
    more.dataset.testid = "grid-more";
    more.onclick = () => { this.root.classList.add("busy"); this.send("act", { action: "more", choice: null, ids: [] }); };
    this.foot.append(make("span", "shown", `${items.length} of ${total} shown`), more);
  }

  showPreview(index) {
    const item = this.data.items[index];
    const tile = this.tiles[index];
    if (!item || !tile.isConnected) return;
    this.fillPreview(item);
    this.preview.showPopover?.();
    this.previewed = index;
    const around = tile.getBoundingClientRect();
    const size = this.preview.getBoundingClientRect();
    const right = around.right + 10 + size.width < window.innerWidth;
    const left = right ? around.right + 10 : Math.max(around.left - size.width - 10, 8);
    const top = Math.min(Math.max(around.top - 40, 8), window.innerHeight - size.height - 8);
    this.preview.style.left = `${left}px`;
    this.preview.style.top = `${Math.max(top, 8)}px`;
  }

  fillPreview(item) {
    const frame = make("div", "frame");
    frame.append(picture(item));
    const facts = make("dl");
    for (const [name, value] of item.facts) facts.append(make("dt", "", name), make("dd", "", value));
    this.preview.replaceChildren(frame, make("h4", "", item.title), facts);
  }

  hidePreview() {
    clearTimeout(this.timer);
    this.hovered = undefined;
    if (this.previewed === undefined) return;
    this.previewed = undefined;
    this.preview.hidePopover?.();
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".grid-root");
  if (!root || !data) return undefined;
  let grid = grids.get(root);
  if (!grid) {
    grid = new Grid(root);
    grids.set(root, grid);
  }
  grid.update(data, setTriggerValue);
  return () => grid.hidePreview();
}
