// A searchable tree of categories. Only the rows in sight are in the page. Python hears of choices and acts; opening,
// closing, searching and scrolling stay here.
const OPEN_ALL_BELOW = 40;
const ROW_PX = 32;
const SPARE_ROWS = 8;
const trees = new WeakMap();

class Tree {
  constructor(root) {
    this.root = root;
    this.search = root.querySelector("input");
    this.status = root.querySelector(".status");
    this.list = root.querySelector(".list");
    this.canvas = root.querySelector(".canvas");
    this.open = new Set();
    this.openInSearch = new Set();
    this.selected = [];
    this.rows = [];
    this.search.oninput = () => this.onSearch();
    this.search.onfocus = () => { if (this.data.sends) this.scrollTo(this.activeRow(), true); }; // it was closed until now
    this.search.onkeydown = (event) => this.onSearchKey(event);
    this.list.onclick = (event) => this.onClick(event);
    this.list.onkeydown = (event) => {
      if (treeKey(this, event)) { event.preventDefault(); event.stopPropagation(); }
    };
    this.list.onscroll = () => { this.paint(); this.keepSoon(); };
    this.drag = new TreeDrag(this);
    this.naming = new TreeNaming(this);
  }

  update(data, sendState, sendAct) {
    Object.assign(this, { data, sendState, sendAct, edits: data.edits });
    this.root.dataset.tree = data.key;
    this.root.classList.toggle("sends", Boolean(data.sends));
    if (data.hint) this.search.placeholder = data.hint;
    this.list.style.maxHeight = `${data.height}px`;
    this.list.setAttribute("aria-label", data.label);
    this.list.setAttribute("aria-multiselectable", String(this.edits));
    this.search.setAttribute("aria-label", `Search: ${data.label}`);
    this.root.querySelector(".keys").hidden = !this.edits;
    const isFirst = !this.index;
    if (isFirst || data.nodes.signature !== this.signature) this.take(data.nodes, isFirst);
    const kept = data.kept ? data.kept.join() : null;
    const isFiltered = kept !== this.keptKey;
    if (isFirst || isFiltered || this.filteredFor !== this.signature) this.narrow(data.kept, kept);
    if (isFirst || data.choice.token !== this.token) this.obey(data.choice);
    this.lay();
    if (isFirst && this.wasAt) this.list.scrollTop = this.wasAt;
    else if (this.isRevealing) this.scrollTo(this.activeRow(), isFirst);
    this.isRevealing = false;
  }

  narrow(kept, keptKey) {
    Object.assign(this, { keptKey, filteredFor: this.signature, kept: new Set(kept), shut: new Set() });
    this.index.showsGone = Boolean(kept);
    this.filter = kept && this.index.withAbove(kept);
    if (this.query()) this.find();
  }

  take(nodes, isFirst) {
    this.signature = nodes.signature;
    this.index = new TreeIndex(nodes);
    this.naming.pending = null;
    if (isFirst) this.recall();
    this.selected = this.selected.filter((id) => this.index.at.has(id));
    (window.requestIdleCallback || setTimeout)(() => this.index.fold());
  }

  recall() {
    const held = JSON.parse(sessionStorage.getItem(`shelfwise:tree:${this.data.key}`) || "null");
    const { ids } = this.index, roots = this.index.below(-1);
    const first = held ? held.open : ids.length <= OPEN_ALL_BELOW ? ids : roots.length <= 8 ? roots.map((i) => ids[i]) : [];
    for (const id of first) this.open.add(id);
    this.wasAt = held?.top || 0;
  }

  keepSoon() {
    clearTimeout(this.keeping);
    const keep = () => sessionStorage.setItem(`shelfwise:tree:${this.data.key}`, JSON.stringify({ open: [...this.open], top: this.list.scrollTop }));
    this.keeping = setTimeout(keep, 150);
  }

  obey(choice) {
    this.token = choice.token;
    if (this.data.sends && this.search.value) { this.search.value = ""; this.found = null; }
    this.selected = choice.ids.filter((id) => this.index.at.has(id));
    if (!this.selected.length) return;
    this.active = this.anchor = this.selected[0];
    this.reveal(this.active);
    this.isRevealing = true;
  }

  reveal(id) {
    const { index } = this;
    for (let at = index.parents[index.at.get(id)]; at >= 0; at = index.parents[at]) this.open.add(index.ids[at]);
  }

  query() { return this.search.value.trim(); }
  find() {
    this.found = this.index.search(this.query(), this.filter && ((i) => this.kept.has(i)));
    this.openInSearch.clear();
    this.closedInSearch = new Set();
  }

  onSearch() {
    this.query() ? this.find() : (this.found = null);
    const best = this.found && [...this.found.scores].reduce((a, b) => (b[1] < a[1] ? b : a), [-1, Infinity])[0];
    if (best >= 0) this.active = this.index.ids[best];
    this.lay();
    if (best >= 0) { this.list.scrollTop = 0; this.scrollTo(this.activeRow()); }
    else if (!this.found && this.active) { this.reveal(this.active); this.lay(); this.scrollTo(this.activeRow()); }
  }

  onSearchKey(event) {
    event.stopPropagation();
    if (event.key === "ArrowDown") { this.list.focus(); event.preventDefault(); this.paint(); }
    else if (event.key === "Enter" && this.found && this.active) this.choose([this.active]);
    else if (event.key === "Escape" && this.search.value) { this.search.value = ""; this.onSearch(); }
  }

  isOpen(i) {
    const id = this.index.ids[i];
    if (this.found) return this.openInSearch.has(id) || (!this.closedInSearch.has(id) && this.isAboveHit(i));
    return this.filter ? !this.shut.has(id) && this.index.below(i).some((below) => this.filter.has(below)) : this.open.has(id);
  }

  isAboveHit(i) { return this.index.below(i).some((below) => this.found.best.has(below)); }
  // What is shown below a node: all of it, or what was found, unless somebody opened what is below a hit.
  shows() {
    if (this.found) return (i, parent) => this.found.best.has(i) || (parent >= 0 && this.openInSearch.has(this.index.ids[parent]));
    return this.filter ? (i) => this.filter.has(i) : null;
  }

  lay() {
    const byScore = this.found && ((a, b) => (this.found.best.get(a) ?? 99) - (this.found.best.get(b) ?? 99));
    const adding = this.naming.addTo;
    this.rows = visibleRows(this.index, (i) => this.isOpen(i), this.shows(), byScore, adding ? this.index.at.get(adding) : null);
    this.rowOf = new Map(this.rows.map((row, at) => [row.i === undefined ? "+" : this.index.ids[row.i], at]));
    if (!this.rowOf.has(this.active)) this.active = this.index.ids[this.rows.find((row) => row.i !== undefined)?.i];
    const n = this.found ? this.found.scores.size : this.data.kept ? this.data.kept.length : this.index.nLive;
    this.status.textContent = `${n.toLocaleString("en")} ${this.found ? "found" : n === 1 ? "category" : "categories"}`;
    this.canvas.style.height = `${this.rows.length * ROW_PX}px`;
    this.paint(true);
  }

  paint(isNew = false) {
    if (!this.index) return;
    if (isNew) this.painted = null;
    const first = Math.max(Math.floor(this.list.scrollTop / ROW_PX) - SPARE_ROWS, 0);
    const last = Math.min(Math.ceil((this.list.scrollTop + this.data.height) / ROW_PX) + SPARE_ROWS, this.rows.length);
    const before = this.painted || new Map();
    this.painted = new Map();
    for (let at = first; at < last; at++) {
      const element = before.get(at) || this.element(this.rows[at]);
      element.style.top = `${at * ROW_PX}px`;
      this.painted.set(at, element);
    }
    const elements = [...this.painted.values()];
    if (this.drag.row && !elements.includes(this.drag.row)) elements.push(this.drag.row); // removing it would end the drag
    if (!elements.length) elements.push(make("div", "none", this.found ? "Nothing by that name." : "Nothing to show here."));
    if (elements.length !== this.canvas.childElementCount || elements.some((element, at) => this.canvas.children[at] !== element)) {
      this.canvas.replaceChildren(...elements);
    }
    this.mark();
  }

  element(row) {
    if (row.i === undefined) return this.naming.row(row.depth, "");
    const id = this.index.ids[row.i];
    if (this.naming.rename === id) return this.naming.row(row.depth, this.index.names[row.i]);
    return treeRow(this.index, row, {
      elementId: `${this.data.key}-${row.i}`,
      isSelected: this.selected.includes(id),
      isQuiet: Boolean(this.found ? !this.found.scores.has(row.i) : this.filter && !this.kept.has(row.i)),
      isDraggable: this.edits && !this.index.fixed[row.i],
      words: this.found?.words,
      pending: this.naming.pending?.id === id ? this.naming.pending.name : undefined,
    });
  }

  // Which row has the focus: the list keeps it, so that scrolling a row away loses nothing.
  mark() {
    for (const [at, element] of this.painted) element.classList.toggle("active", at === this.activeRow());
    const element = this.painted.get(this.activeRow());
    if (element?.id) this.list.setAttribute("aria-activedescendant", element.id);
    else this.list.removeAttribute("aria-activedescendant");
  }

  activeRow() { return this.rowOf?.get(this.active) ?? 0; }

  scrollTo(at, isCentred = false) {
    const top = at * ROW_PX, height = this.list.clientHeight;
    if (isCentred || top < this.list.scrollTop) this.list.scrollTop = isCentred ? top - height / 3 : top;
    else if (top + ROW_PX > this.list.scrollTop + height) this.list.scrollTop = top + ROW_PX - height;
    this.paint();
  }

  focusRow(at) {
    const row = this.rows[Math.max(0, Math.min(at, this.rows.length - 1))];
    if (row?.i === undefined) return true;
    this.active = this.index.ids[row.i];
    this.list.focus({ preventScroll: true });
    this.scrollTo(this.activeRow());
    return true;
  }

  step(by) {
    if (by === -1 && this.activeRow() === 0) { this.search.focus(); return true; }
    return this.focusRow(this.activeRow() + by);
  }

  focusParent(row) {
    const parent = this.index.parents[row.i];
    return parent < 0 ? true : this.focusRow(this.rowOf.get(this.index.ids[parent]));
  }

  flip(id, open = !this.isOpen(this.index.at.get(id)), isFocused = true) {
    if (open && !this.index.below(this.index.at.get(id)).length) return true;
    if (this.found) { this.openInSearch[open ? "add" : "delete"](id); this.closedInSearch[open ? "delete" : "add"](id); }
    else if (this.filter) { this.shut[open ? "delete" : "add"](id); }
    else this.open[open ? "add" : "delete"](id);
    if (isFocused) this.active = id;
    this.lay();
    this.keepSoon();
    return true;
  }

  openSiblings(row) {
    for (const i of this.index.below(this.index.parents[row.i])) if (this.index.below(i).length) this.open.add(this.index.ids[i]);
    this.lay();
    this.keepSoon();
    return true;
  }

  onClick(event) {
    const row = event.target.closest(".row");
    if (!row?.dataset.id) return;
    const { id } = row.dataset;
    this.list.focus({ preventScroll: true });
    if (event.target.closest(".chevron:not(.leaf)")) return this.flip(id);
    this.active = id;
    if (this.edits && event.shiftKey) this.range(id);
    else if (this.edits && (event.ctrlKey || event.metaKey)) this.toggle(id);
    else this.choose([id]);
  }

  choose(ids, anchor = ids[0]) {
    if (this.data.sends) { this.sendAct("act", { ids }); this.search.blur(); this.list.blur(); return true; }
    this.selected = ids;
    this.anchor = anchor;
    this.paint(true);
    clearTimeout(this.sending); // a run of Shift+arrows is one message
    const send = () => this.sendState("selected", this.edits ? { ids: this.selected, token: this.token } : this.selected[0] ?? null);
    if (ids.length > 1) this.sending = setTimeout(send, 200);
    else send();
    return true;
  }

  toggle(id) {
    const isIn = this.selected.includes(id);
    return this.choose(isIn ? this.selected.filter((other) => other !== id) : [...this.selected, id], id);
  }

  range(id) {
    const ends = [this.rowOf.get(this.anchor) ?? this.rowOf.get(id), this.rowOf.get(id)].sort((a, b) => a - b);
    const ids = this.rows.slice(ends[0], ends[1] + 1).filter((row) => row.i !== undefined).map((row) => this.index.ids[row.i]);
    return this.choose(ids, this.anchor ?? id);
  }

  extend(by) {
    if (!this.rowOf.has(this.anchor)) this.anchor = this.active;
    this.focusRow(this.activeRow() + by);
    return this.range(this.active);
  }

  chosenWith(id) { return this.selected.includes(id) ? this.selected : [id]; }

  act(act, ids, more = {}) {
    const revisions = Object.fromEntries(ids.map((id) => [id, this.index.revisions[this.index.at.get(id)]]));
    if (act !== "add" && ids.some((id) => this.index.fixed[this.index.at.get(id)])) return true;
    if (ids.join() !== this.selected.join()) this.choose([...ids]);
    this.sendAct("act", { act, ids, revisions, ...more });
    return true;
  }

  reorder(row, by) {
    if (this.found || this.filter || !row.size || row.pos + by < 1 || row.pos + by > row.size) return true;
    return this.act("reorder", [this.index.ids[row.i]], { index: row.pos - 1 + by });
  }
}

export default function (component) {
  const { parentElement, data, setStateValue, setTriggerValue } = component;
  const root = parentElement.querySelector(".tree-root");
  if (!root || !data) return;
  let tree = trees.get(root);
  if (!tree) trees.set(root, (tree = new Tree(root)));
  tree.update(data, setStateValue, setTriggerValue);
}
