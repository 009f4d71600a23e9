// The legend of the map. Pressing an entry hides its products, with Shift all others.
class Legend {
  constructor(map) {
    this.map = map;
    this.box = map.root.querySelector(".sw-map-legend");
    this.notes = map.root.querySelector(".sw-map-notes");
    this.box.onclick = (event) => this.onClick(event);
  }

  draw() {
    const { legend, notes } = this.map.points;
    this.box.replaceChildren(...legend.map((group, index) => (group.count ? this.entry(group, index) : "")));
    const said = this.map.hasGraphics
      ? notes
      : [...notes, "This browser draws without its graphics card, so it shows fewer points"];
    this.notes.replaceChildren(...said.map((note) => make("span", "", note)));
    this.mark();
  }

  entry(group, index) {
    const button = make("button", "sw-map-entry");
    button.type = "button";
    button.dataset.group = index;
    button.dataset.testid = "map-legend-entry";
    button.title = `${group.label}: ${group.count.toLocaleString("en")} products. Press to hide or show; with Shift, only these.`;
    const dot = make("i");
    dot.style.background = this.map.colourOf(index);
    button.append(dot, make("span", "sw-map-name", group.label), make("span", "sw-map-count", group.count.toLocaleString("en")));
    return button;
  }

  mark() {
    for (const button of this.box.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(!this.map.isHidden(Number(button.dataset.group))));
    }
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const group = Number(button.dataset.group);
    const hidden = this.map.view.hidden;
    const keys = this.map.points.legend.map((_, index) => this.map.groupKey(index));
    const key = keys[group];
    if (event.shiftKey) {
      const isAlone = keys.every((other) => other === key || hidden.has(other));
      hidden.clear();
      if (!isAlone) for (const other of keys) if (other !== key) hidden.add(other);
    } else if (!hidden.delete(key)) hidden.add(key);
    this.mark();
    this.map.showGroups();
  }
}
