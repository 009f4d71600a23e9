// What the keys do in the tree: the WAI-ARIA tree pattern, and the acts of an editor.
const TYPE_AHEAD_MS = 700;

function treeKey(tree, event) {
  const { key } = event;
  const row = tree.rows[tree.activeRow()];
  if (!row || event.isComposing) return false;
  const id = tree.index.ids[row.i];
  if (event.altKey && (key === "ArrowUp" || key === "ArrowDown")) return tree.edits ? tree.reorder(row, key === "ArrowUp" ? -1 : 1) : false;
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (key === " " && tree.edits) return tree.toggle(id);
    return false;
  }
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12 }[key];
  if (step) return event.shiftKey && tree.edits ? tree.extend(step) : tree.step(step);
  switch (key) {
    case "Home": return tree.focusRow(0);
    case "End": return tree.focusRow(tree.rows.length - 1);
    case "ArrowRight": return row.isOpen ? tree.step(1) : tree.flip(id, true);
    case "ArrowLeft": return row.isOpen ? tree.flip(id, false) : tree.focusParent(row);
    case "Enter": return tree.choose([id]);
    case " ": return tree.edits ? tree.toggle(id) : tree.choose([id]);
    case "*": return tree.openSiblings(row);
    case "/": tree.search.focus(); return true;
    case "Escape": return tree.selected.length > 1 ? tree.choose([id]) : false;
  }
  if (tree.edits) {
    if (key === "F2") return tree.naming.start({ rename: id });
    if (key === "Insert" || key === "+") return tree.naming.start({ addTo: id });
    if (key === "Delete") return tree.act("deprecate", tree.chosenWith(id));
  }
  return key.length === 1 && /\S/.test(key) ? typeAhead(tree, key) : false;
}

function typeAhead(tree, key) {
  const now = performance.now();
  tree.typed = now - (tree.typedAt || -Infinity) > TYPE_AHEAD_MS ? key : tree.typed + key;
  tree.typedAt = now;
  const wanted = folded(tree.typed);
  const at = tree.activeRow();
  for (let step = wanted.length > 1 ? 0 : 1; step <= tree.rows.length; step++) {
    const candidate = (at + step) % tree.rows.length;
    if (folded(tree.index.names[tree.rows[candidate].i]).startsWith(wanted)) return tree.focusRow(candidate);
  }
  return true;
}
