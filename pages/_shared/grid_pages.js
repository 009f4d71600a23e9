// Pages: the one shown, those already seen or fetched ahead, and the line that leads to the others.
class Pages {
  constructor(grid, foot) {
    this.grid = grid;
    this.foot = foot;
    this.seen = new Map();
    this.warmed = new Set();
    this.shown = 1;
    this.build();
  }

  // An act other than turning the page shifts what is on all pages, so what was fetched ahead is no longer true.
  receive(data, done) {
    if (data.total !== this.total || (done && done.action !== "page")) this.forget();
    this.total = data.total;
    this.last = Math.max(Math.ceil(data.total / data.page_size), data.page, 1);
    this.seen.set(data.page, data.items);
    if (data.following.length) this.seen.set(data.page + 1, data.following);
    if (!this.grid.acts.awaits("page")) this.shown = data.page;
    this.warm(data.following);
  }

  forget() {
    this.seen.clear();
  }

  // The products of the page shown, or undefined while they are on their way.
  get items() {
    return this.seen.get(this.shown);
  }

  get firstNumber() {
    return (this.shown - 1) * this.grid.data.page_size + 1;
  }

  go(number) {
    const wanted = Math.max(Math.min(number, this.last), 1);
    this.draw();
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.grid.turned();
    this.grid.acts.push({ action: "page", choice: String(wanted), ids: [] });
  }

  warm(items) {
    const links = items.map((item) => item.thumb).filter((link) => link && !this.warmed.has(link));
    for (const link of links) this.warmed.add(link);
    const fetchAll = () => { for (const link of links) new Image().src = link; };
    if (links.length) (window.requestIdleCallback || setTimeout)(fetchAll);
  }

  build() {
    const turn = (shape, name, to) => {
      const node = button("", `grid-${name.toLowerCase()}`, () => this.go(to()), "turn");
      node.setAttribute("aria-label", `${name} page`);
      node.title = `${name} page`;
      node.append(drawing("0 0 16 16", ...shape));
      return node;
    };
    this.range = make("span", "range");
    this.range.dataset.testid = "grid-range";
    this.back = [turn(["M11 4L7 8l4 4", "M5 4v8"], "First", () => 1), turn(["M10 4L6 8l4 4"], "Previous", () => this.shown - 1)];
    this.on = [turn(["M6 4l4 4-4 4"], "Next", () => this.shown + 1), turn(["M5 4l4 4-4 4", "M11 4v8"], "Last", () => this.last)];
    this.field = this.numberField();
    this.of = make("span", "of");
    this.turns = make("div", "turns");
    this.turns.setAttribute("role", "group");
    this.turns.setAttribute("aria-label", "Pages");
    this.turns.append(...this.back, this.field, this.of, ...this.on);
    const keys = button("", "grid-help", () => this.grid.help.open(), "quiet hint");
    keys.append(keyChips("?"), make("span", "", "Keys"));
    this.foot.append(this.range, this.turns, keys);
  }

  numberField() {
    const field = make("input", "page-number");
    field.inputMode = "numeric";
    field.setAttribute("aria-label", "Page number");
    field.dataset.testid = "grid-page-number";
    field.onfocus = () => field.select();
    field.onblur = () => this.draw();
    field.onkeydown = (event) => {
      if (event.key === "Enter" && /^\d+$/.test(field.value.trim())) this.go(Number(field.value));
      else if (event.key === "Escape") this.grid.tiles.focus(this.grid.tiles.cursor);
    };
    return field;
  }

  draw() {
    const { data, tiles } = this.grid;
    const last = Math.min(this.firstNumber + tiles.items.length - 1, this.total);
    this.foot.hidden = !tiles.items.length;
    const range = this.total === 1 ? "1 product" : `${figure(this.firstNumber)}–${figure(last)} of ${figure(this.total)}`;
    this.range.textContent = this.last > 1 ? range : `${figure(this.total)} ${this.total === 1 ? "product" : "products"}`;
    this.turns.hidden = this.last < 2;
    if (this.turns.hidden || !data) return;
    this.field.value = this.shown;
    this.field.style.width = `${Math.max(String(this.last).length, 2) + 2}ch`;
    this.of.textContent = `of ${figure(this.last)}`;
    for (const node of this.back) node.disabled = this.shown <= 1;
    for (const node of this.on) node.disabled = this.shown >= this.last;
  }
}
