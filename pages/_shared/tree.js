// A searchable tree of categories. Python hears of a choice; opening, closing and searching stay here.
const OPEN_ALL_BELOW = 40;
const trees = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

class Tree {
  constructor(root) {
    this.root = root;
    this.search = root.querySelector("input");
    this.list = root.querySelector(".list");
    this.open = new Set();
    this.search.oninput = () => this.draw();
    this.search.onkeydown = (event) => {
      if (event.key === "ArrowDown") { this.rows()[0]?.focus(); event.preventDefault(); }
      if (event.key === "Escape" && this.search.value) { this.search.value = ""; this.draw(); event.stopPropagation(); }
    };
    this.list.onclick = (event) => this.onClick(event);
    this.list.onkeydown = (event) => this.onKey(event);
  }

  update(data, send) {
    this.send = send;
    this.data = data;
    this.root.dataset.tree = data.key;
    this.list.style.maxHeight = `${data.height}px`;
    this.list.setAttribute("aria-label", data.label);
    this.search.setAttribute("aria-label", `Search: ${data.label}`);
    const signature = JSON.stringify(data.nodes);
    const isNew = signature !== this.signature;
    if (isNew) this.index(data.nodes);
    this.signature = signature;
    if (isNew || data.selected !== this.selected) {
      this.selected = data.selected;
      this.reveal(this.selected);
      this.draw();
    }
  }

  index(nodes) {
    this.byId = new Map(nodes.map((node) => [node.id, node]));
    this.children = new Map();
    for (const node of nodes) {
      if (!this.children.has(node.parent)) this.children.set(node.parent, []);
      this.children.get(node.parent).push(node);
    }
    const roots = this.children.get(null) || [];
    const all = nodes.length <= OPEN_ALL_BELOW ? nodes : roots;
    for (const node of all) this.open.add(node.id);
  }

  reveal(id) {
    for (let node = this.byId.get(id); node; node = this.byId.get(node.parent)) {
      if (node.id !== id) this.open.add(node.id);
    }
  }

  matches() {
    const words = this.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return null;
    const kept = new Set();
    for (const node of this.data.nodes) {
      const path = this.path(node).toLowerCase();
      if (!words.every((word) => path.includes(word)) || !words.some((word) => node.name.toLowerCase().includes(word))) continue;
      for (let at = node; at; at = this.byId.get(at.parent)) kept.add(at.id);
    }
    return kept;
  }

  path(node) {
    const names = [];
    for (let at = node; at; at = this.byId.get(at.parent)) names.unshift(at.name);
    return names.join(" > ");
  }

  draw() {
    const kept = this.matches();
    const rows = [];
    const walk = (parent, depth) => {
      for (const node of this.children.get(parent) || []) {
        if (kept && !kept.has(node.id)) continue;
        rows.push(this.row(node, depth, kept));
        if (kept || this.open.has(node.id)) walk(node.id, depth + 1);
      }
    };
    walk(null, 0);
    if (!rows.length) rows.push(make("div", "none", "Nothing by that name."));
    this.list.replaceChildren(...rows);
    const current = this.list.querySelector('[aria-selected="true"]') || this.rows()[0];
    if (current) current.tabIndex = 0;
  }

  row(node, depth, kept) {
    const row = make("div", "row");
    const hasChildren = (this.children.get(node.id) || []).length > 0;
    row.setAttribute("role", "treeitem");
    row.setAttribute("aria-level", depth + 1);
    row.setAttribute("aria-selected", String(node.id === this.selected));
    if (hasChildren) row.setAttribute("aria-expanded", String(Boolean(kept) || this.open.has(node.id)));
    row.tabIndex = -1;
    row.dataset.id = node.id;
    row.dataset.testid = "tree-row";
    row.dataset.path = this.path(node);
    row.style.paddingLeft = `${8 + depth * 20}px`;
    row.append(make("span", hasChildren ? "chevron" : "chevron leaf", hasChildren ? "›" : ""), this.label(node));
    if (node.badge) row.append(make("span", `badge ${node.tone || ""}`, node.badge));
    row.append(make("span", "count", node.count.toLocaleString("en")));
    return row;
  }

  label(node) {
    const name = make("span", "name");
    const word = this.search.value.trim().toLowerCase().split(/\s+/)[0];
    const at = word ? node.name.toLowerCase().indexOf(word) : -1;
    if (at < 0) { name.textContent = node.name; return name; }
    name.append(node.name.slice(0, at), make("mark", "", node.name.slice(at, at + word.length)), node.name.slice(at + word.length));
    return name;
  }

  rows() {
    return [...this.list.querySelectorAll(".row")];
  }

  onClick(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    if (event.target.closest(".chevron:not(.leaf)")) this.flip(row.dataset.id);
    else this.choose(row.dataset.id);
  }

  flip(id, open) {
    const shouldOpen = open ?? !this.open.has(id);
    if (shouldOpen) this.open.add(id);
    else this.open.delete(id);
    this.draw();
    this.focus(id);
  }

  focus(id) {
    const rows = this.rows();
    const row = rows.find((candidate) => candidate.dataset.id === id);
    for (const other of rows) other.tabIndex = other === row ? 0 : -1;
    row?.focus();
  }

  choose(id) {
    this.selected = id;
    this.draw();
    this.focus(id);
    this.send("selected", id);
  }

  onKey(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const rows = this.rows();
    const at = rows.indexOf(row);
    const id = row.dataset.id;
    const node = this.byId.get(id);
    const isOpen = row.getAttribute("aria-expanded") === "true";
    if (event.key === "ArrowDown") this.focus(rows[at + 1]?.dataset.id ?? id);
    else if (event.key === "ArrowUp") at === 0 ? this.search.focus() : this.focus(rows[at - 1].dataset.id);
    else if (event.key === "ArrowRight") isOpen ? this.focus(rows[at + 1]?.dataset.id ?? id) : this.flip(id, true);
    else if (event.key === "ArrowLeft") isOpen ? this.flip(id, false) : this.focus(node.parent ?? id);
    else if (event.key === "Home") this.focus(rows[0].dataset.id);
    else if (event.key === "End") this.focus(rows[rows.length - 1].dataset.id);
    else if (event.key === "Enter" || event.key === " ") this.choose(id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".tree-root");
  if (!root || !data) return;
  let tree = trees.get(root);
  if (!tree) {
    tree = new Tree(root);
    trees.set(root, tree);
  }
  tree.update(data, setStateValue);
}
