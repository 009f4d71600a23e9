// The bar that floats over the tiles while something is selected, and the short words the grid has to say.
const NOTE_MS = 2600;
const BAR_GAP_PX = 10;

class Bar {
  constructor(grid, node, said) {
    Object.assign(this, { grid, node, said });
    this.banner = make("div", "banner");
    this.banner.dataset.testid = "grid-banner";
    this.note = make("div", "note");
    this.note.dataset.testid = "grid-note";
    this.note.hidden = true;
    this.row = make("div", "acts");
    this.count = make("span", "count");
    this.count.dataset.testid = "grid-selected-count";
    this.node.append(this.banner, this.note, this.row);
    new ResizeObserver(() => this.makeRoom()).observe(node);
  }

  // The room below the grid holds one line; where the bar needs more, the room grows, so that no page link is covered.
  makeRoom() {
    this.node.parentElement.style.setProperty("--room", `${this.node.offsetHeight + BAR_GAP_PX}px`);
  }

  // Buttons are made anew only where what is on offer has changed: a button in focus stays so.
  build() {
    const { actions, targets } = this.grid.data;
    const signature = JSON.stringify([actions, Math.min(targets.length, 9)]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.grid.menu.close();
    this.buttons = new Map();
    if (targets.length) this.buttons.set("move", this.moveButton());
    for (const action of actions) this.buttons.set(action.id, this.actionButton(action));
    const clear = button("", "grid-clear", () => { this.grid.selection.clear(); this.grid.comeBack(); }, "quiet");
    clear.append(keyChips("Esc"), make("span", "", "Clear"));
    this.row.replaceChildren(this.count, ...this.buttons.values(), clear);
  }

  moveButton() {
    const node = button("", "grid-action-move", () => this.openTargets(), "");
    const n = Math.min(this.grid.data.targets.length, 9);
    const digits = make("span", "keys");
    digits.append(make("kbd", "", n > 1 ? `1–${n}` : "1"));
    node.append(digits, make("span", "", "Move to"), drawing("0 0 16 16", "M4 10l4-4 4 4"));
    node.setAttribute("aria-haspopup", "menu");
    return node;
  }

  actionButton(action) {
    const node = button("", `grid-action-${action.id}`, () => this.run(action, true), "");
    if (action.key) node.append(keyChips(action.key));
    node.append(make("span", "", action.label));
    if (action.choices) {
      node.append(drawing("0 0 16 16", "M4 10l4-4 4 4"));
      node.setAttribute("aria-haspopup", "menu");
    }
    return node;
  }

  run(action, isInside) {
    if (!action.choices) return this.grid.act(action, null, isInside);
    if (!this.grid.subject(isInside)) return this.grid.act(action, null, isInside);
    this.open(action.id, action.label, action.choices, (choice) => this.grid.act(action, choice, true));
  }

  openTargets() {
    const choices = this.grid.targets.map((target, index) => ({ ...target, digit: index < 9 ? String(index + 1) : "" }));
    this.open("move", "Move to", choices, (choice) => this.grid.act({ id: "move" }, choice, true));
  }

  open(id, label, choices, choose) {
    this.grid.box.close();
    this.node.hidden = this.row.hidden = false; // with nothing selected the menu of the tile in focus hangs here too
    this.grid.menu.open(this.buttons.get(id), label, choices, choose);
  }

  draw() {
    const { selection, pages, menu, canAct } = this.grid;
    this.row.hidden = !canAct || (selection.isEmpty && !menu.isOpen);
    const text = this.text(selection, pages.total);
    this.count.textContent = text || "This product";
    this.drawBanner(selection, pages.total);
    this.node.hidden = this.row.hidden && this.note.hidden;
    if (text !== this.spoken) this.said.textContent = this.spoken = text;
  }

  text(selection, total) {
    if (selection.isAll) return `All ${figure(total)} selected`;
    const elsewhere = selection.countElsewhere();
    const others = elsewhere && this.grid.pages.last > 1 ? `, ${figure(elsewhere)} of them on other pages` : "";
    return selection.isEmpty ? "" : `${figure(selection.ids.size)} selected${others}`;
  }

  drawBanner(selection, total) {
    const isOffered = selection.isWholePage && !selection.isAll && total > selection.pageIds.length;
    this.banner.hidden = !(isOffered || selection.isAll) || this.row.hidden;
    if (this.banner.hidden) return;
    const text = selection.isAll
      ? `All ${figure(total)} in this filter are selected, on every page.`
      : `All ${figure(selection.pageIds.length)} on this page are selected.`;
    const all = button(`Select all ${figure(total)} in this filter`, "grid-select-all", () => selection.takeAll(), "link");
    this.banner.replaceChildren(make("span", "", text), ...(selection.isAll ? [] : [all]));
  }

  say(text) {
    this.note.textContent = this.said.textContent = this.spoken = text;
    this.note.hidden = this.node.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.note.hidden = true; this.draw(); }, NOTE_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.note.hidden = true;
  }
}
