// A box drawn with the mouse: what it touches is selected. It may start anywhere, on a tile too.
const BAND_STARTS_PX = 5;
const EDGE_PX = 56;
const EDGE_SPEED = 0.35;

function scrollerOf(node) {
  for (let at = node; at; at = at.parentElement || at.getRootNode().host) {
    const scrolls = /auto|scroll/.test(getComputedStyle(at).overflowY);
    if (scrolls && at.scrollHeight > at.clientHeight) return at;
  }
  return document.scrollingElement;
}

class Band {
  constructor(grid, field, node) {
    Object.assign(this, { grid, field, node });
    field.addEventListener("pointerdown", (event) => this.press(event));
    field.addEventListener("pointermove", (event) => this.move(event));
    field.addEventListener("pointerup", () => this.stop());
    field.addEventListener("pointercancel", () => this.stop());
  }

  press(event) {
    if (event.button !== 0 || event.pointerType === "touch" || !this.grid.isSelectable) return;
    this.pointerAt = { x: event.clientX, y: event.clientY };
    this.from = this.within();
    this.adds = event.ctrlKey || event.metaKey || event.shiftKey;
  }

  move(event) {
    if (!this.from) return;
    if (!(event.buttons & 1)) return this.stop();
    this.pointerAt = { x: event.clientX, y: event.clientY };
    const to = this.within();
    const isFar = Math.hypot(to.x - this.from.x, to.y - this.from.y) >= BAND_STARTS_PX;
    if (!this.isOn && isFar) this.start(event.pointerId);
    if (this.isOn) this.draw();
  }

  start(pointerId) {
    this.isOn = true;
    this.field.setPointerCapture(pointerId);
    this.grid.card.hide();
    this.base = this.adds ? new Set(this.grid.selection.ids) : new Set();
    this.places = this.grid.tiles.nodes.map((tile) => (
      { left: tile.offsetLeft, top: tile.offsetTop, right: tile.offsetLeft + tile.offsetWidth, bottom: tile.offsetTop + tile.offsetHeight }));
    this.scroller = scrollerOf(this.field);
    this.node.hidden = false;
    this.frame = requestAnimationFrame(() => this.scroll());
  }

  // The pointer in the field's own measure, which scrolling does not change.
  within() {
    const field = this.field.getBoundingClientRect();
    return { x: this.pointerAt.x - field.left, y: this.pointerAt.y - field.top };
  }

  draw() {
    const to = this.within();
    const [left, right] = [Math.min(this.from.x, to.x), Math.max(this.from.x, to.x)];
    const [top, bottom] = [Math.min(this.from.y, to.y), Math.max(this.from.y, to.y)];
    Object.assign(this.node.style, { left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px` });
    const { tiles, selection } = this.grid;
    const open = new Set(selection.pageIds);
    const touched = tiles.items.filter((item, index) => {
      const place = this.places[index];
      return place && open.has(item.id) && place.left < right && place.right > left && place.top < bottom && place.bottom > top;
    });
    this.last = touched.at(-1)?.id;
    selection.set([...this.base, ...touched.map((item) => item.id)]);
  }

  // Near an edge of what can be scrolled, it scrolls: the faster, the nearer.
  scroll() {
    if (!this.isOn) return;
    const isPage = this.scroller === document.scrollingElement;
    const edges = isPage ? { top: 0, bottom: window.innerHeight } : this.scroller.getBoundingClientRect();
    const above = edges.top + EDGE_PX - this.pointerAt.y;
    const below = this.pointerAt.y - Math.min(edges.bottom, window.innerHeight) + EDGE_PX;
    const by = below > 0 ? below : above > 0 ? -above : 0;
    if (by) {
      this.scroller.scrollBy({ top: by * EDGE_SPEED, behavior: "instant" });
      this.draw();
    }
    this.frame = requestAnimationFrame(() => this.scroll());
  }

  stop() {
    this.from = undefined;
    if (!this.isOn) return;
    this.isOn = false;
    cancelAnimationFrame(this.frame);
    this.node.hidden = true;
    this.isFresh = true; // the click that ends the drag is no click on a tile
    setTimeout(() => { this.isFresh = false; });
    this.grid.selection.mark(this.last ?? null);
    const at = this.grid.tiles.items.findIndex((item) => item.id === this.last);
    this.grid.tiles.focus(at < 0 ? this.grid.tiles.cursor : at, { preventScroll: true });
  }
}
