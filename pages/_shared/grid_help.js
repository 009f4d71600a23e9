// Every key this grid has, in groups, over the page.
class Help {
  constructor(grid, node) {
    Object.assign(this, { grid, node });
    node.onclick = (event) => { if (event.target === node) this.close(); };
  }

  get isOpen() {
    return this.node.open;
  }

  toggle() {
    if (this.isOpen) this.close();
    else this.open();
    return true;
  }

  open() {
    const body = make("div", "body");
    body.tabIndex = -1;
    body.autofocus = true;
    const close = button("", "keys-close", () => this.close(), "quiet");
    close.append(keyChips("Esc"), make("span", "", "Close"));
    const head = make("header");
    head.append(make("h3", "", "Keys"), close);
    const groups = make("div", "groups");
    groups.append(...[...this.groups()].map(([name, rows]) => this.group(name, rows)));
    body.append(head, groups, make("p", "rest", "Keys rest while you type in a field."));
    this.node.replaceChildren(body);
    this.node.showModal();
  }

  close() {
    this.node.close();
  }

  groups() {
    const { isSelectable, pages } = this.grid;
    const groups = new Map();
    if (isSelectable) groups.set("Select", this.selecting());
    groups.set("Look around", [
      ["←+→+↑+↓", "Go to another product"],
      ["Home+End", "First, last on the page"],
      ...(pages.last > 1 ? [["PgUp+PgDn", "Turn the page"]] : []),
      ["Enter", "Enlarge"],
    ]);
    for (const bound of this.grid.keys.bindings()) {
      groups.set(bound.group, [...(groups.get(bound.group) || []), [bound.key, bound.label]]);
    }
    return groups;
  }

  selecting() {
    return [
      ["Click", "This one alone"],
      [`${CTRL}+Click`, "Add or take away"],
      ["Shift+Click", "All from the last one to here"],
      ["Drag", "All that the box touches"],
      ["Space", "Add or take away the one in focus"],
      ["Shift+Arrows", "Widen the selection"],
      [`${CTRL}+A`, this.grid.pages.last > 1 ? "The page; again: all in this filter" : "All"],
      ["Esc", "Select nothing"],
    ];
  }

  group(name, rows) {
    const box = make("section");
    const list = make("dl");
    for (const [key, label] of rows) {
      const term = make("dt");
      term.append(keyChips(key));
      list.append(term, make("dd", "", label));
    }
    box.append(make("h4", "", name), list);
    return box;
  }
}
