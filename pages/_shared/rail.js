// The rail: a list of what can be opened. One row is open; several can be picked with Ctrl or Shift, to be merged.
const rails = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function initials(name) {
  const words = name.trim().split(/\s+/);
  return (words.length > 1 ? words[0][0] + words[words.length - 1][0] : name.slice(0, 2)).toUpperCase();
}

class Rail {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".sections");
    this.foot = root.querySelector(".foot");
    this.picked = new Set();
    this.box.onclick = (event) => this.onClick(event);
    this.box.onkeydown = (event) => this.onKey(event);
    root.querySelector(".merge").onclick = () => this.merge();
    root.querySelector(".clear").onclick = () => this.pickNone();
  }

  update(data, send) {
    this.send = send;
    this.box.setAttribute("aria-label", data.label);
    const signature = JSON.stringify(data);
    if (signature === this.signature) return;
    this.signature = signature;
    this.data = data;
    this.rows = data.sections.flatMap((section) => section.rows);
    const known = new Set(this.rows.filter((row) => row.can_merge).map((row) => row.id));
    this.picked = new Set([...this.picked].filter((id) => known.has(id)));
    this.draw();
  }

  draw() {
    const hadFocus = this.box.contains(this.box.getRootNode().activeElement);
    const parts = [];
    for (const section of this.data.sections) {
      if (!section.rows.length) continue;
      if (section.title) parts.push(make("div", "heading", section.title));
      parts.push(...section.rows.map((row) => this.row(row)));
    }
    this.box.replaceChildren(...parts);
    this.drawPicked();
    const open = this.box.querySelector(".row.open") || this.box.querySelector(".row");
    if (!open) return;
    open.tabIndex = 0;
    open.scrollIntoView({ block: "nearest" });
    if (hadFocus) open.focus();
  }

  row(item) {
    const row = make("div", `row ${item.mark} ${item.is_part ? "part" : ""}`);
    row.classList.toggle("open", item.id === this.data.selected);
    row.setAttribute("role", "option");
    row.setAttribute("aria-current", String(item.id === this.data.selected));
    row.tabIndex = -1;
    row.dataset.id = item.id;
    row.dataset.testid = "rail-row";
    row.title = item.tip;
    const dot = make("span", "dot", item.mark === "done" ? "✓" : item.mark === "rejected" ? "–" : "");
    if (item.colour) dot.style.setProperty("--dot", item.colour);
    const name = make("span", item.is_suggested ? "name suggested" : "name", item.label);
    row.append(dot, name);
    for (const person of item.who) {
      const face = make("span", "who", initials(person));
      face.title = `${person} has this open`;
      row.append(face);
    }
    if (item.note) row.append(make("span", "note", item.note));
    row.append(make("span", "size", item.size.toLocaleString("en")));
    row.append(make("kbd", item.digit ? "" : "none", item.digit));
    const people = item.who.length ? `, open at ${item.who.join(", ")}` : "";
    row.setAttribute("aria-label", `${item.label}, ${item.size} products${item.note ? `, ${item.note}` : ""}${people}`);
    return row;
  }

  drawPicked() {
    for (const node of this.box.querySelectorAll(".row")) {
      node.classList.toggle("picked", this.picked.has(node.dataset.id));
      node.setAttribute("aria-selected", String(this.picked.has(node.dataset.id)));
    }
    this.foot.hidden = this.picked.size < 2;
    this.foot.querySelector(".picked").textContent = `${this.picked.size} clusters`;
  }

  nodes() {
    return [...this.box.querySelectorAll(".row")];
  }

  onClick(event) {
    const node = event.target.closest(".row");
    if (!node) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) this.pick(node.dataset.id, event.shiftKey);
    else this.open(node);
    event.preventDefault();
  }

  pick(id, upTo) {
    const mergeable = this.rows.filter((row) => row.can_merge).map((row) => row.id);
    if (!mergeable.includes(id)) return;
    const { selected } = this.data;
    if (!this.picked.size && id !== selected && mergeable.includes(selected)) this.picked.add(selected);
    if (upTo && this.anchor) {
      const [low, high] = [mergeable.indexOf(this.anchor), mergeable.indexOf(id)].sort((a, b) => a - b);
      for (const between of mergeable.slice(Math.max(low, 0), high + 1)) this.picked.add(between);
    } else if (!this.picked.delete(id)) this.picked.add(id);
    this.anchor = id;
    this.drawPicked();
  }

  pickNone() {
    this.picked.clear();
    this.drawPicked();
  }

  open(node) {
    this.anchor = node.dataset.id;
    this.pickNone();
    for (const other of this.nodes()) other.classList.toggle("open", other === node);
    this.send("act", { action: "open", ids: [node.dataset.id] });
  }

  merge() {
    const ids = [...this.picked];
    this.pickNone();
    this.send("act", { action: "merge", ids });
  }

  onKey(event) {
    const nodes = this.nodes();
    const at = nodes.indexOf(event.target.closest(".row"));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
    if (to !== undefined) {
      const next = nodes[Math.min(Math.max(to, 0), nodes.length - 1)];
      for (const node of nodes) node.tabIndex = node === next ? 0 : -1;
      next.focus();
    } else if (event.key === "Enter" && at >= 0) this.open(nodes[at]);
    else if (event.key === " " && at >= 0) this.pick(nodes[at].dataset.id, event.shiftKey);
    else if (event.key === "Escape" && this.picked.size) this.pickNone();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".rail-root");
  if (!root || !data) return;
  if (!rails.has(root)) rails.set(root, new Rail(root));
  rails.get(root).update(data, setTriggerValue);
}
