// How a row of the tree looks. Names are text, never HTML.
function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function treeRow(index, row, look) {
  const { i, depth } = row;
  const element = make("div", `row${look.isQuiet ? " quiet" : ""}`);
  const hasChildren = index.below(i).length > 0;
  element.setAttribute("role", "treeitem");
  element.setAttribute("aria-level", depth + 1);
  element.setAttribute("aria-setsize", row.size);
  element.setAttribute("aria-posinset", row.pos);
  element.setAttribute("aria-selected", String(look.isSelected));
  if (hasChildren) element.setAttribute("aria-expanded", String(row.isOpen));
  element.id = look.elementId;
  element.dataset.id = index.ids[i];
  element.dataset.testid = "tree-row";
  element.dataset.path = element.title = index.path(i);
  element.style.paddingLeft = `${8 + depth * 20}px`;
  element.draggable = look.isDraggable;
  element.append(make("span", hasChildren ? "chevron" : "chevron leaf", hasChildren ? "›" : ""));
  element.append(rowLabel(index, i, look));
  const badge = index.badges[i];
  if (badge) element.append(make("span", `badge ${badge[1]}`, badge[0]));
  element.append(make("span", "count", index.counts[i] ? index.counts[i].toLocaleString("en") : ""));
  return element;
}

// The name with what was typed marked in it, and the synonym that matched where the name does not.
function rowLabel(index, i, look) {
  const label = make("span", "name", look.pending);
  if (look.pending !== undefined) return label;
  const name = index.names[i];
  const word = look.words?.find((candidate) => folded(name).includes(candidate));
  if (word && folded(name).length === name.length) {
    const at = folded(name).indexOf(word);
    label.append(name.slice(0, at), make("mark", "", name.slice(at, at + word.length)), name.slice(at + word.length));
  } else {
    label.textContent = name;
  }
  const also = !word && look.words && (index.synonyms[i] || []).find((other) => look.words.some((w) => folded(other).includes(w)));
  if (also) label.append(make("span", "also", ` also: ${also}`));
  return label;
}

// A row in which a name is typed: of a node, or of one to come.
function nameRow(depth, value, label, commit, cancel) {
  const element = make("div", "row typing");
  element.setAttribute("role", "none");
  element.style.paddingLeft = `${8 + depth * 20}px`;
  const input = make("input", "typed");
  input.value = value;
  input.maxLength = 120;
  input.dataset.testid = "tree-name";
  input.setAttribute("aria-label", label);
  input.placeholder = label;
  input.onkeydown = (event) => {
    event.stopPropagation();
    if (event.key === "Enter") input.value.trim() ? commit(input.value.trim()) : cancel();
    else if (event.key === "Escape") cancel();
  };
  input.onblur = () => cancel();
  element.append(make("span", "chevron leaf"), input);
  element.input = input;
  return element;
}
