// The buttons above the map: what dragging does, everything at once, and forgetting what was drawn around.
const TOOLS = [
  ["lasso", "Lasso", "M12 4c5 0 8 2.6 8 5.8S17 15.5 12 15.5 4 13 4 9.8 7 4 12 4M8 15c-1.6 1-1.6 3.5.4 4.2"],
  ["select", "Box", "M5 5h3M11 5h2M16 5h3v3M19 11v2M19 16v3h-3M13 19h-2M8 19H5v-3M5 13v-2M5 8V5"],
  ["pan", "Move", "M12 3v18M3 12h18M9.5 5.5 12 3l2.5 2.5M9.5 18.5 12 21l2.5-2.5M5.5 9.5 3 12l2.5 2.5M18.5 9.5 21 12l-2.5 2.5"],
];
const TIPS = {
  lasso: "Draw around products to look at them",
  select: "Drag a box over products to look at them",
  pan: "Drag the map; the wheel zooms",
};

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

class Tools {
  constructor(map) {
    this.map = map;
    this.box = map.root.querySelector(".sw-map-tools");
  }

  draw() {
    const modes = TOOLS.map(([mode, label, path]) => {
      const button = make("button", "sw-map-tool");
      button.type = "button";
      button.title = TIPS[mode];
      button.dataset.testid = `map-tool-${mode}`;
      button.setAttribute("aria-pressed", String(this.map.view.mode === mode));
      button.append(icon(path), make("span", "", label));
      button.onclick = () => this.setMode(mode);
      return button;
    });
    const fit = make("button", "sw-map-tool sw-map-plain", "Fit");
    Object.assign(fit, { type: "button", title: "Show all products again", onclick: () => this.fit() });
    this.box.replaceChildren(...modes, fit);
    if (!this.map.lassoed) return;
    const clear = make("button", "sw-map-clear", `${this.map.lassoed.toLocaleString("en")} picked ✕`);
    Object.assign(clear, { type: "button", title: "Forget what was drawn around (Esc)", onclick: () => this.map.clear() });
    clear.dataset.testid = "map-clear";
    this.box.append(clear);
  }

  setMode(mode) {
    this.map.view.mode = mode;
    this.draw();
    this.box.querySelector(`[data-testid="map-tool-${mode}"]`).focus(); // the button pressed was made anew
    if (this.map.isDrawn) window.Plotly.relayout(this.map.plot, { dragmode: mode });
  }

  fit() {
    if (this.map.isDrawn) window.Plotly.relayout(this.map.plot, { "xaxis.range": this.map.range(this.map.points.x), "yaxis.range": this.map.range(this.map.points.y) });
  }
}
