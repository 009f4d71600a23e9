// A menu that can be searched: where a selection goes.
const SEARCHED_FROM = 7;

class Menu {
  constructor(grid, node) {
    Object.assign(this, { grid, node });
    node.onkeydown = (event) => this.onKey(event);
    node.onfocusout = (event) => { if (!node.contains(event.relatedTarget)) this.close(); };
  }

  get isOpen() {
    return this.opener !== undefined;
  }

  // `choices`: id, label, and for targets a digit and a size. Opened again by the same button, it closes.
  open(opener, label, choices, choose) {
    const wasOpen = this.opener === opener;
    this.close();
    if (wasOpen) return;
    this.rows = choices.map((choice) => this.row(choice, choose));
    const list = make("div", "choices");
    list.append(...this.rows);
    this.none = make("div", "none", "Nothing by that name.");
    this.none.hidden = true;
    this.search = choices.length >= SEARCHED_FROM ? this.searchField(label) : undefined;
    this.node.replaceChildren(...(this.search ? [this.search] : []), list, this.none);
    this.node.setAttribute("aria-label", label);
    this.opener = opener;
    opener.setAttribute("aria-expanded", "true");
    this.node.showPopover();
    this.place(opener.getBoundingClientRect());
    (this.search || this.rows[0])?.focus();
  }

  place(beside) {
    const { width, height } = this.node.getBoundingClientRect();
    const above = beside.top - height - 8;
    this.node.style.left = `${Math.max(Math.min(beside.left, window.innerWidth - width - 8), 8)}px`;
    this.node.style.top = `${above > 8 ? above : beside.bottom + 8}px`;
  }

  row(choice, choose) {
    const row = button("", `grid-choice-${choice.id}`, () => { this.close(); choose(choice.id); }, "choice");
    row.setAttribute("role", "menuitem");
    row.setAttribute("aria-label", choice.label);
    row.append(choice.digit ? make("kbd", "", choice.digit) : make("span", "no-key"), make("span", "name", choice.label));
    if (choice.size) row.append(make("span", "size", figure(choice.size)));
    row.dataset.text = choice.label.toLowerCase();
    return row;
  }

  searchField(label) {
    const field = make("input", "filter");
    field.type = "search";
    field.placeholder = "Find…";
    field.dataset.testid = "grid-menu-search";
    field.setAttribute("aria-label", `Find in ${label}`);
    field.oninput = () => this.filter(field.value.trim().toLowerCase().split(/\s+/));
    return field;
  }

  filter(words) {
    for (const row of this.rows) row.hidden = !words.every((word) => row.dataset.text.includes(word));
    this.none.hidden = this.shownRows.length > 0;
  }

  get shownRows() {
    return this.rows.filter((row) => !row.hidden);
  }

  onKey(event) {
    const rows = this.shownRows;
    const at = rows.indexOf(this.node.getRootNode().activeElement);
    if (event.key === "ArrowDown") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "ArrowUp") (at > 0 ? rows[at - 1] : this.search || rows[0])?.focus();
    else if (event.key === "Enter" && at < 0) rows[0]?.click();
    else if (event.key === "Escape") { this.close(); this.grid.comeBack(); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    if (!this.isOpen) return;
    this.opener.setAttribute("aria-expanded", "false");
    this.opener = undefined;
    this.node.hidePopover();
    this.grid.bar.draw();
  }
}
