// Typing a name in the tree itself: of a category, or of one to come below it.
const PENDING_MS = 4000;

class TreeNaming {
  constructor(tree) {
    this.tree = tree;
  }

  start({ rename, addTo }) {
    const { tree } = this;
    const id = rename || addTo;
    const fixed = tree.index.fixed[tree.index.at.get(id)];
    if (fixed === 2 || (rename && fixed)) return true;
    Object.assign(this, { rename, addTo, element: null });
    if (addTo) tree.open.add(id);
    tree.lay();
    tree.scrollTo(tree.rowOf.get(addTo ? "+" : id));
    this.element?.input.focus();
    this.element?.input.select();
    return true;
  }

  row(depth, value) {
    const label = this.addTo ? "Name of the new category" : "New name";
    return (this.element ??= nameRow(depth, value, label, (name) => this.commit(name), () => this.end()));
  }

  commit(name) {
    const { tree, rename, addTo } = this;
    this.end();
    if (addTo) return tree.act("add", [addTo], { name });
    if (name === tree.index.names[tree.index.at.get(rename)]) return;
    this.pending = { id: rename, name }; // shown until Python has answered
    setTimeout(() => { this.pending = null; tree.paint(true); }, PENDING_MS);
    tree.act("rename", [rename], { name });
  }

  end() {
    if (!this.rename && !this.addTo) return;
    this.rename = this.addTo = this.element = null;
    this.tree.lay();
    this.tree.list.focus({ preventScroll: true });
  }
}
