// The tree of a run, root on the left. A line shows the present cut; another follows the pointer or the arrow keys.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 16;
const TOP = 6;
const trees = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function draw(tag, className, attributes) {
  const node = document.createElementNS(SVG, tag);
  if (className) node.setAttribute("class", className);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

class CutTree {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".stage");
    this.svg = root.querySelector("svg");
    this.names = root.querySelector(".names");
    this.stage.onpointermove = (event) => this.onMove(event);
    this.stage.onpointerleave = () => this.wish(null);
    this.stage.onclick = (event) => this.onClick(event);
    this.stage.onkeydown = (event) => this.onKey(event);
    this.stage.onblur = () => this.wish(null);
    new ResizeObserver(() => this.data && this.layOut()).observe(this.stage);
  }

  update(data, send) {
    Object.assign(this, { data, send, wanted: null });
    this.root.classList.remove("busy");
    this.n = data.branches.length;
    this.owners = data.branches.map((branch) => branch.cluster);
    for (const [one, other] of data.children) this.owners.push(this.owners[one] === this.owners[other] ? this.owners[one] : null);
    this.below = data.branches.map((_, at) => [at, at]);
    for (const [one, other] of data.children) this.below.push([this.below[one][0], this.below[other][1]]);
    this.layOut();
    this.root.querySelector(".now").textContent = count(data.k, "cluster");
    this.root.querySelector(".foot").textContent = this.footText();
    for (const [name, value] of [["valuemin", data.k_range[0]], ["valuemax", data.k_range[1]], ["label", "Where to cut the tree. Arrow keys choose, Enter cuts."]]) {
      this.stage.setAttribute(`aria-${name}`, value);
    }
    this.wish(null);
  }

  footText() {
    const { n_outside: outside, fewest } = this.data;
    const said = ["Click where to cut: a cut further right gives finer clusters. Those you worked on stay."];
    if (fewest > 1) said.push("Dashed: what your earlier decisions keep apart.");
    if (outside) said.push(`${count(outside, "product")} set aside ${outside === 1 ? "is" : "are"} not in the tree.`);
    return said.join(" ");
  }

  layOut() {
    const width = this.stage.clientWidth;
    if (!width || (width === this.width && this.data === this.drawn)) return;
    Object.assign(this, { width, drawn: this.data });
    this.span = Math.round(width * 0.56) - 14;
    const height = this.n * ROW + 2 * TOP;
    this.stage.style.height = `${height}px`;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const branches = this.data.middles.map((_, node) => this.branch(node)).filter(Boolean);
    this.present = draw("line", "present", { y1: 0, y2: height });
    this.ghost = draw("line", "ghost", { y1: 0, y2: height });
    this.place(this.present, this.data.line);
    this.svg.replaceChildren(...branches, this.present, this.ghost);
    this.names.style.left = `${this.span + 16}px`;
    this.names.replaceChildren(...this.data.branches.map((branch, at) => this.name(branch, at)));
  }

  x(place) {
    return 8 + (1.06 - Math.min(place, 1.06)) / 1.06 * this.span;
  }

  y(node) {
    return TOP + ROW / 2 + this.data.middles[node] * ROW;
  }

  placeOf(node) {
    return node < this.n ? 0 : this.data.places[node - this.n];
  }

  colourOf(owner) {
    if (owner === null) return "";
    return owner < 0 ? this.data.quiet : this.data.colours[owner % this.data.colours.length];
  }

  branch(node) {
    const parent = this.data.children.findIndex((pair) => pair.includes(node));
    if (parent < 0) return node < this.n ? undefined : this.trunk(node);
    const joint = this.n + parent;
    const d = `M${this.x(this.placeOf(node))} ${this.y(node)}H${this.x(this.placeOf(joint))}V${this.y(joint)}`;
    const isForced = parent > this.data.children.length - this.data.fewest;
    const path = draw("path", isForced ? "branch forced" : "branch", { d, "data-node": node });
    if (this.owners[node] !== null) path.style.stroke = this.colourOf(this.owners[node]);
    return path;
  }

  trunk(node) {
    return draw("path", "branch", { d: `M${this.x(this.placeOf(node))} ${this.y(node)}H2`, "data-node": node });
  }

  name(branch, at) {
    const row = make("div", "name");
    const isFirst = at === 0 || this.data.branches[at - 1].cluster !== branch.cluster;
    row.classList.toggle("again", !isFirst);
    row.style.top = `${TOP + at * ROW}px`;
    row.title = `${branch.label}: ${Math.round(branch.share * 100)} % of ${count(branch.size, "product")}`;
    const dot = make("i");
    dot.style.background = this.colourOf(branch.cluster);
    row.append(dot, make("span", "label", branch.label), make("span", "count", branch.size.toLocaleString("en")));
    return row;
  }

  place(line, place) {
    line.setAttribute("x1", this.x(place));
    line.setAttribute("x2", this.x(place));
  }

  // Between the lowest merge undone and the highest one kept, as the line of the present cut is placed.
  placeOfCut(k) {
    const { places } = this.data;
    const kept = this.n - k;
    const below = kept ? places[kept - 1] : 0;
    const above = kept < places.length ? places[kept] : Math.max(below, 1) + 0.1;
    return (below + above) / 2;
  }

  clustersAt(x) {
    const place = 1.06 - ((x - 8) / this.span) * 1.06;
    return this.clamp(1 + this.data.places.filter((height) => height > place).length);
  }

  clamp(k) {
    return Math.min(Math.max(k, this.data.k_range[0]), this.data.k_range[1]);
  }

  wish(k, node) {
    this.wanted = k;
    const { data } = this;
    this.ghost.style.display = k === null || k === data.k ? "none" : "";
    if (k !== null) this.place(this.ghost, this.placeOfCut(k));
    for (const path of this.svg.querySelectorAll(".branch")) path.classList.toggle("lit", this.isBelow(Number(path.dataset.node), node));
    const said = [];
    if (node !== undefined) said.push(`${count(data.sizes[node], "product")} on this branch`);
    if (k !== null) said.push(k === data.k ? "the present cut" : `cut here: ${count(k, "cluster")}`);
    this.root.querySelector(".wish").textContent = said.join(" · ");
    this.stage.setAttribute("aria-valuenow", k ?? data.k);
    this.stage.setAttribute("aria-valuetext", k === null ? count(data.k, "cluster") : `${count(k, "cluster")}, press Enter to cut`);
  }

  isBelow(node, above) {
    if (above === undefined) return false;
    const [from, to] = this.below[above];
    return this.below[node][0] >= from && this.below[node][1] <= to;
  }

  at(event) {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  // The branch under the pointer: the one whose merge above lies left of it and whose own merge lies right.
  nodeAt(x, y) {
    const place = 1.06 - ((x - 8) / this.span) * 1.06;
    const row = (y - TOP) / ROW - 0.5;
    let node = Math.min(Math.max(Math.round(row), 0), this.n - 1);
    for (;;) {
      const parent = this.data.children.findIndex((pair) => pair.includes(node));
      if (parent < 0 || this.data.places[parent] > place) return node;
      node = this.n + parent;
    }
  }

  onMove(event) {
    const [x, y] = this.at(event);
    const isOverNames = x > this.span + 14;
    this.wish(isOverNames ? null : this.clustersAt(x), this.nodeAt(x, y));
  }

  onClick(event) {
    const [x] = this.at(event);
    if (x <= this.span + 14) this.cut(this.clustersAt(x));
  }

  onKey(event) {
    const at = this.wanted ?? this.data.k;
    const moves = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: this.data.k_range[0], End: this.data.k_range[1] };
    if (event.key in moves) this.wish(this.clamp(moves[event.key]));
    else if (event.key === "Enter" && this.wanted !== null) this.cut(this.wanted);
    else if (event.key === "Escape" && this.wanted !== null) this.wish(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  cut(k) {
    if (k === this.data.k) return;
    this.root.classList.add("busy");
    this.send("cut", { k });
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".cut-root");
  if (!root || !data) return;
  let tree = trees.get(root);
  if (!tree) {
    tree = new CutTree(root);
    trees.set(root, tree);
  }
  tree.update(data, setTriggerValue);
}
