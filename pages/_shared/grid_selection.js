// Which products are selected: by id, so that turning the page keeps them. It knows nothing of how they are drawn.
class Selection {
  constructor(changed) {
    this.changed = changed;
    this.ids = new Set();
    this.pageIds = []; // what can be selected here and now, in order
    this.isAll = false; // everything in the filter, listed or not
    this.mark(null);
  }

  has(id) {
    return this.isAll || this.ids.has(id);
  }

  get isEmpty() {
    return !this.isAll && this.ids.size === 0;
  }

  get isWholePage() {
    return this.pageIds.length > 0 && this.pageIds.every((id) => this.ids.has(id));
  }

  countElsewhere() {
    const here = this.pageIds.filter((id) => this.ids.has(id)).length;
    return this.ids.size - here;
  }

  // A range starts at the anchor, and is added to what was selected when the anchor was set.
  mark(id) {
    this.anchor = id;
    this.base = new Set(this.ids);
  }

  set(ids, anchor) {
    this.ids = new Set(ids);
    this.isAll = false;
    if (anchor !== undefined) this.mark(anchor);
    this.changed();
  }

  clear() {
    this.set([], this.anchor);
  }

  choose(id) {
    const isLone = !this.isAll && this.ids.size === 1 && this.ids.has(id);
    this.set(isLone ? [] : [id], id);
  }

  toggle(id) {
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    this.set(ids, id);
  }

  extend(id) {
    const from = this.pageIds.includes(this.anchor) ? this.pageIds.indexOf(this.anchor) : this.pageIds.indexOf(id);
    const to = this.pageIds.indexOf(id);
    if (to < 0) return;
    this.set([...this.base, ...this.pageIds.slice(Math.min(from, to), Math.max(from, to) + 1)]);
  }

  // The first time the page, the second time everything in the filter.
  widen(total) {
    if (this.isWholePage && total > this.pageIds.length) this.takeAll();
    else this.set([...this.ids, ...this.pageIds]);
  }

  takeAll() {
    this.ids = new Set([...this.ids, ...this.pageIds]);
    this.isAll = true;
    this.changed();
  }

  // Products that left while nobody acted on them can only be told where all products are on one page.
  prune(known) {
    this.ids = new Set([...this.ids].filter((id) => known.has(id)));
  }
}
