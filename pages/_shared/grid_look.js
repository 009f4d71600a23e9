// Tells Python which tile has the focus and what is selected, once both have come to rest: something beside the grid
// shows it.
const LOOK_MS = 80;

class Look {
  constructor(grid) {
    this.grid = grid;
  }

  state(id, ids, isAll) {
    return JSON.stringify([id, [...ids], isAll]);
  }

  soon() {
    if (!this.grid.data?.looks) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), LOOK_MS);
  }

  tell() {
    const { tiles, selection, acts, data } = this.grid;
    const id = tiles.current?.id;
    const now = this.state(id, selection.ids, selection.isAll);
    if (id === undefined || acts.takes(id) || now === this.told) return;
    this.told = now;
    acts.push({ action: "look", choice: null, ids: [...selection.ids], is_all: selection.isAll, filter_key: data.filter_key, keeps: true, focus: id });
  }

  // An act tells it by the way.
  knows(id, selection) {
    if (this.grid.data.looks) this.told = this.state(id, selection ? selection.ids : [], selection ? selection.isAll : false);
  }

  // What Python shows now. At first, and after an act beside the grid, the tiles follow it; else it follows them.
  heard(leads) {
    const { tiles, acts, data } = this.grid;
    if (!data.looks || acts.open.length) return;
    const at = tiles.items.findIndex((item) => item.id === data.looked_at);
    if (leads && at >= 0 && at !== tiles.cursor) tiles[tiles.hasFocus ? "focus" : "setCursor"](at);
    if (leads) this.knows(tiles.current?.id, this.grid.selection);
    if (tiles.current && tiles.current.id !== data.looked_at) this.told = undefined;
    this.soon();
  }

  stop() {
    clearTimeout(this.timer);
    this.told = undefined;
  }
}
