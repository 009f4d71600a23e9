// Dragging rows onto another: an act that Python asks about before anything moves.
const OPEN_AFTER_MS = 650;

class TreeDrag {
  constructor(tree) {
    this.tree = tree;
    this.ids = null;
    const list = tree.list;
    list.addEventListener("dragstart", (event) => this.start(event));
    list.addEventListener("dragover", (event) => this.over(event));
    list.addEventListener("dragleave", (event) => { if (!list.contains(event.relatedTarget)) this.mark(null); });
    list.addEventListener("drop", (event) => this.drop(event));
    list.addEventListener("dragend", () => this.end());
  }

  start(event) {
    const row = event.target.closest?.(".row");
    if (!row || !this.tree.edits) return;
    this.row = row;
    this.ids = this.tree.chosenWith(row.dataset.id);
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", this.ids.length === 1 ? row.dataset.path : `${this.ids.length} categories`);
  }

  over(event) {
    if (!this.ids) return;
    const row = event.target.closest?.(".row");
    const allowed = row && row.dataset.id && this.isAllowed(row.dataset.id) ? row : null;
    if (allowed) event.preventDefault();
    this.mark(allowed);
  }

  isAllowed(target) {
    const { index } = this.tree;
    const at = index.at.get(target);
    return at !== undefined && index.fixed[at] !== 2 && this.ids.every((id) => !index.isWithin(at, index.at.get(id)));
  }

  mark(row) {
    if (this.target === row) return;
    this.target?.classList.remove("drop");
    row?.classList.add("drop");
    this.target = row;
    clearTimeout(this.timer);
    if (row?.getAttribute("aria-expanded") === "false") {
      this.timer = setTimeout(() => this.tree.flip(row.dataset.id, true, false), OPEN_AFTER_MS);
    }
  }

  drop(event) {
    if (!this.ids || !this.target) return;
    event.preventDefault();
    this.tree.act("drop", this.ids, { target: this.target.dataset.id });
    this.end();
  }

  end() {
    this.mark(null);
    this.ids = this.row = null;
    this.tree.paint();
  }
}
