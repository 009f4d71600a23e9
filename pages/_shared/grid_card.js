// The card beside a tile on which the mouse rests.
const REST_MS = 500;
const GAP_PX = 10;

class Card {
  constructor(grid, field, node) {
    Object.assign(this, { grid, node, index: -1 });
    field.addEventListener("pointerover", (event) => this.over(event));
    field.addEventListener("pointerleave", () => this.hide());
    field.addEventListener("wheel", () => this.hide(), { passive: true });
    field.addEventListener("pointerdown", () => { clearTimeout(this.timer); this.close(); });
  }

  over(event) {
    const index = this.grid.tiles.indexAt(event);
    if (index === this.index || event.pointerType === "touch" || this.grid.band.isOn) return;
    this.hide();
    this.index = index;
    if (index < 0) return;
    this.grid.tell("hover", [this.grid.tiles.items[index].id]);
    this.timer = setTimeout(() => this.show(), REST_MS);
  }

  show() {
    const item = this.grid.tiles.items[this.index];
    const tile = this.grid.tiles.nodes[this.index];
    if (!item || !tile?.isConnected || this.grid.data.looks) return; // a tile is shown beside the grid there
    const frame = make("div", "frame");
    frame.append(picture(item, "eager"));
    if (item.badge) frame.append(make("span", "badge", item.badge));
    this.node.replaceChildren(frame, make("h4", "", item.heading || item.title), factList(item));
    this.node.showPopover();
    this.place(tile.getBoundingClientRect());
  }

  place(tile) {
    const { width, height } = this.node.getBoundingClientRect();
    const fits = tile.right + GAP_PX + width < window.innerWidth;
    this.node.style.left = `${fits ? tile.right + GAP_PX : Math.max(tile.left - width - GAP_PX, 8)}px`;
    this.node.style.top = `${Math.max(Math.min(tile.top - 40, window.innerHeight - height - 8), 8)}px`;
  }

  get isOpen() {
    return this.node.matches(":popover-open");
  }

  hide() {
    clearTimeout(this.timer);
    if (this.index >= 0) this.grid.tell("hover", []);
    this.index = -1;
    this.close();
  }

  close() {
    if (this.isOpen) this.node.hidePopover();
  }
}
