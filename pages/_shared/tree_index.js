// The nodes of a tree, indexed: who is below whom, and which match what somebody types, best first.
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
}

class TreeIndex {
  constructor(nodes) {
    Object.assign(this, nodes); // ids, parents, names, counts, revisions: one value a node; badges, synonyms: some; fixed: 1 the root, 2 out of use
    this.n = this.ids.length;
    this.at = new Map(this.ids.map((id, i) => [id, i]));
    this.nLive = this.n - Object.values(this.fixed).filter((kind) => kind === 2).length;
    this.showsGone = false;
    this.all = new Map(); // parent → children, -1 the parent of those at the top
    this.live = new Map();
    for (let i = 0; i < this.n; i++) {
      push(this.all, this.parents[i], i);
      if (this.fixed[i] !== 2) push(this.live, this.parents[i], i);
    }
    this.folded = null;
  }

  // What is below a node; what is out of use only where that was asked for.
  below(i) {
    return (this.showsGone ? this.all : this.live).get(i) || [];
  }

  isShown(i) { return this.showsGone || this.fixed[i] !== 2; }

  path(i) {
    const names = [];
    for (let at = i; at >= 0; at = this.parents[at]) names.unshift(this.names[at]);
    return names.join(" > ");
  }

  isWithin(i, ancestor) {
    for (let at = i; at >= 0; at = this.parents[at]) if (at === ancestor) return true;
    return false;
  }

  withAbove(kept) {
    const found = new Set();
    for (const i of kept) for (let at = i; at >= 0 && !found.has(at); at = this.parents[at]) found.add(at);
    return found;
  }

  fold() {
    if (this.folded) return this.folded;
    const names = this.names.map(folded);
    const others = {};
    for (const [i, words] of Object.entries(this.synonyms)) others[i] = words.map(folded);
    const paths = Array(this.n).fill(null);
    const path = (i) => (paths[i] ??= this.parents[i] < 0 ? names[i] : `${path(this.parents[i])} > ${names[i]}`);
    for (let i = 0; i < this.n; i++) path(i);
    this.folded = { names, others, paths };
    return this.folded;
  }

  // → { scores: index → score of hits, best: index → best score at or below, for hits and what is above them } or null.
  search(text, isAllowed) {
    const whole = folded(text).trim().replace(/\s+/g, " ");
    const words = whole.split(/[\s>]+/).filter(Boolean);
    if (!words.length) return null;
    const { names, others, paths } = this.fold();
    const scores = new Map(), best = new Map();
    for (let i = 0; i < this.n; i++) {
      if (!this.isShown(i) || (isAllowed && !isAllowed(i))) continue;
      const own = others[i] || [];
      if (!words.every((word) => paths[i].includes(word) || own.some((other) => other.includes(word)))) continue;
      const kind = rank(whole, words, names[i], own, paths[i]);
      if (kind === null) continue;
      const score = kind + Math.min(names[i].length, 99) / 1000;
      scores.set(i, score);
      for (let at = i; at >= 0 && !(best.get(at) <= score); at = this.parents[at]) best.set(at, score);
    }
    return { scores, best, words };
  }
}

function push(lists, key, value) {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

// How well a node's own words match, 0 the best; null where only what is above it matches.
function rank(whole, words, name, synonyms, path) {
  if (path === whole || name === whole) return 0;
  if (synonyms.includes(whole)) return 1;
  if (name.startsWith(whole)) return 2;
  if (` ${name}`.includes(` ${whole}`)) return 3;
  if (words.every((word) => ` ${name}`.includes(` ${word}`))) return 4;
  if (words.every((word) => name.includes(word))) return 5;
  if (synonyms.some((other) => words.every((word) => other.includes(word)))) return 6;
  const isOwn = (word) => name.includes(word) || synonyms.some((other) => other.includes(word));
  return words.some(isOwn) ? 7 : null;
}

// The rows in sight: { i, depth, pos, size, isOpen } with i the node, or { parent, depth } for a name being typed.
function visibleRows(index, isOpen, shows, order, addingTo) {
  const rows = [];
  const walk = (parent, depth) => {
    let below = shows ? index.below(parent).filter((i) => shows(i, parent)) : index.below(parent);
    if (order && below.length > 1) below = [...below].sort(order);
    if (addingTo === parent) rows.push({ parent, depth });
    for (let at = 0; at < below.length; at++) {
      const i = below[at], opened = index.below(i).length > 0 && isOpen(i);
      rows.push({ i, depth, pos: at + 1, size: below.length, isOpen: opened });
      if (opened || addingTo === i) walk(i, depth + 1);
    }
  };
  walk(-1, 0);
  return rows;
}
