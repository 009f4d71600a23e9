// The map of a discovery run. Plotly draws the points; what is picked travels by product id, never by place in a trace.
const FEWER_POINTS = 5000;
const maps = new WeakMap();
const views = new Map(); // key → { run, ranges, mode, hidden }: outlives a map that is taken away and put back

class ProductMap {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector(".sw-map-stage");
    this.plot = root.querySelector(".sw-map-plot");
    this.said = root.querySelector(".sw-map-said");
    this.overlay = new Overlay(this);
    this.card = new Card(this);
    this.legend = new Legend(this);
    this.tools = new Tools(this);
    this.hasGraphics = hasGraphics();
    Object.assign(this, { picked: [], pickedIds: [], hovered: [], openPoints: [], lassoed: 0 });
    this.listen();
  }

  listen() {
    this.heard = {
      "shelfwise:selection": (event) => this.pick(event.detail?.ids || []),
      "shelfwise:hover": (event) => this.ring(event.detail?.ids || []),
    };
    for (const [name, heard] of Object.entries(this.heard)) window.addEventListener(name, heard);
    this.stage.onkeydown = (event) => {
      if (event.key !== "Escape" || !this.lassoed) return;
      this.clear();
      event.stopPropagation();
    };
    this.stage.onpointerdown = () => {
      this.stage.dataset.pointed = "";
      this.stage.focus({ preventScroll: true });
    };
    this.stage.onblur = () => delete this.stage.dataset.pointed;
    this.stage.onpointerleave = () => this.point(undefined);
    this.watcher = new ResizeObserver(() => {
      if (this.isDrawn && this.stage.offsetWidth) window.Plotly.Plots.resize(this.plot);
    });
    this.watcher.observe(this.stage);
  }

  destroy() {
    for (const [name, heard] of Object.entries(this.heard)) window.removeEventListener(name, heard);
    this.watcher.disconnect();
    this.card.hide();
    if (this.isDrawn) window.Plotly.purge(this.plot); // browsers allow few drawing contexts at a time
    this.isDrawn = false;
  }

  update(data, send) {
    const before = this.data || {};
    Object.assign(this, { data, send });
    this.view = views.get(data.key);
    if (!this.view || this.view.run !== data.run) {
      this.view = { run: data.run, ranges: null, mode: "lasso", hidden: new Set() };
      views.set(data.key, this.view);
    }
    this.stage.style.height = `${data.height}px`;
    this.stage.setAttribute("aria-label", "Map of the products. Draw around some to look at them.");
    if (data.points !== before.points) this.load();
    else if (this.points) {
      if (JSON.stringify([data.colours, data.quiet]) !== JSON.stringify([before.colours, before.quiet])) this.draw();
      if (data.forget !== before.forget) this.forgetLasso();
      this.openCluster();
    }
    this.tools.draw();
  }

  async load() {
    this.loading?.abort();
    this.loading = new AbortController();
    const { signal } = this.loading;
    if (!this.points) this.say("Loading the map…");
    const url = this.data.points + (this.hasGraphics ? "" : `&limit=${FEWER_POINTS}`);
    try {
      const [answer] = await Promise.all([fetch(url, { signal }), loadLibrary(this.data.library)]);
      if (!answer.ok) throw new Error(await answer.text());
      this.points = decode(await answer.arrayBuffer());
      if (signal.aborted || !this.root.isConnected) return;
      this.indexOf = undefined;
      await this.draw();
      this.say(this.points.n ? "" : "No product of this run has a place on the map.");
    } catch (fault) {
      if (!signal.aborted) this.say(`The map could not be loaded. ${fault.message || ""}`);
    }
  }

  say(text) {
    this.said.textContent = text;
    this.said.hidden = !text;
  }

  async draw() {
    const { points } = this;
    this.size = points.n > 20000 ? 3 : points.n > 4000 ? 4 : points.n > 800 ? 5.5 : 7;
    this.members = points.legend.map(() => []);
    points.groups.forEach((group, index) => this.members[group].push(index));
    const weight = ({ kind, count }) => (kind === "own" ? count : Infinity); // the small ones are drawn last, on top
    this.order = [...points.legend.keys()].sort((one, other) => weight(points.legend[other]) - weight(points.legend[one]) || one - other);
    this.lassoed = 0;
    await window.Plotly.react(this.plot, this.traces(), this.layout(), { displayModeBar: false, scrollZoom: true, doubleClick: "reset" });
    if (!this.isDrawn) this.listenToPlot();
    this.isDrawn = true;
    this.legend.draw();
    this.pick(this.pickedIds);
    this.openCluster();
    this.tools.draw();
    this.root.dataset.drawn = `${points.n} ${this.data.points}`;
  }

  traces() {
    const { x, y, ids } = this.points;
    return this.order.map((group) => ({ group, own: this.members[group] })).map(({ group, own }) => ({
      type: this.hasGraphics ? "scattergl" : "scatter",
      mode: "markers",
      uid: `${this.points.colour}${group}`,
      x: Float32Array.from(own, (index) => x[index]),
      y: Float32Array.from(own, (index) => y[index]),
      customdata: Int32Array.from(own, (index) => ids[index]),
      hoverinfo: "none",
      visible: !this.isHidden(group),
      marker: { size: this.size, color: this.colourOf(group), opacity: this.points.legend[group].kind === "own" ? 0.82 : 0.6 },
      selected: { marker: { opacity: 1 } },
      unselected: { marker: { opacity: 0.1 } },
    }));
  }

  layout() {
    const line = { color: getComputedStyle(this.root).getPropertyValue("--st-text-color") || "#222", width: 1.4 };
    const axis = (values, kept) => ({ visible: false, range: kept || this.range(values) });
    return {
      autosize: true,
      margin: { l: 0, r: 0, t: 0, b: 0 },
      paper_bgcolor: "transparent",
      plot_bgcolor: "transparent",
      showlegend: false,
      hovermode: "closest",
      hoverdistance: 12,
      dragmode: this.view.mode,
      uirevision: this.data.run,
      selectionrevision: this.data.points,
      newselection: { line: { ...line, dash: "dot" } },
      activeselection: { fillcolor: "transparent", opacity: 1 },
      xaxis: axis(this.points.x, this.view.ranges?.[0]),
      yaxis: axis(this.points.y, this.view.ranges?.[1]),
    };
  }

  range(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const margin = (high - low || 1) * 0.04;
    return [low - margin, high + margin];
  }

  listenToPlot() {
    const { plot } = this;
    plot.on("plotly_selected", (event) => this.onLasso(event));
    plot.on("plotly_click", (event) => this.act("point", [Number(event.points[0].customdata)]));
    plot.on("plotly_hover", (event) => this.point(Number(event.points[0].customdata)));
    plot.on("plotly_unhover", () => this.point(undefined));
    plot.on("plotly_deselect", () => this.clear());
    plot.on("plotly_relayouting", () => { this.card.hide(); this.overlay.draw(); });
    plot.on("plotly_relayout", () => this.keepView());
    plot.on("plotly_afterplot", () => this.overlay.draw());
    plot.on("plotly_webglcontextlost", () => { this.isDrawn = false; window.Plotly.purge(plot); this.draw(); });
  }

  keepView() {
    const { xaxis, yaxis } = this.plot._fullLayout;
    this.view.ranges = [xaxis.range.slice(), yaxis.range.slice()];
    this.overlay.draw();
  }

  act(action, ids) {
    this.send("act", { action, ids });
  }

  onLasso(event) {
    if (!event?.points) return;
    const ids = event.points.map((point) => Number(point.customdata));
    if (!ids.length) { this.clear(); return; }
    this.lassoed = ids.length;
    this.act("lasso", ids);
    this.overlay.draw();
    this.tools.draw();
  }

  clear() {
    if (!this.lassoed) return;
    this.forgetLasso();
    this.act("clear", []);
  }

  forgetLasso() {
    this.lassoed = 0;
    this.tools.draw();
    window.Plotly.update(this.plot, { selectedpoints: [null] }, { selections: [] });
  }

  // What the page beside says: products selected or pointed at in the grid, the cluster that is open.
  indices(ids) {
    this.indexOf ??= new Map(Array.from(this.points.ids, (id, index) => [id, index]));
    return ids.map((id) => this.indexOf.get(Number(id))).filter((index) => index !== undefined);
  }

  pick(ids) {
    this.pickedIds = ids;
    if (!this.points) return;
    this.picked = this.indices(ids);
    this.overlay.draw();
  }

  ring(ids) {
    if (!this.points) return;
    this.hovered = this.indices(ids);
    this.overlay.draw();
  }

  openCluster() {
    const { clusters, clusterOf } = this.points;
    const wanted = this.data.cluster_id;
    const inside = clusters.map(() => false);
    clusters.forEach((cluster, at) => { inside[at] = cluster.id === wanted || (cluster.parent >= 0 && inside[cluster.parent]); });
    this.openPoints = [];
    if (wanted !== null) clusterOf.forEach((at, index) => { if (at >= 0 && inside[at]) this.openPoints.push(index); });
    this.overlay.draw();
  }

  point(id) {
    if (this.pointed === id || !this.points) return;
    this.pointed = id;
    this.ring(id === undefined ? [] : [id]);
    if (id === undefined) this.card.hide();
    else this.card.show(this.hovered[0]);
    window.dispatchEvent(new CustomEvent("shelfwise:map-hover", { detail: { ids: id === undefined ? [] : [id] } }));
  }

  clusterName(index) {
    const names = [];
    for (let at = this.points.clusterOf[index]; at >= 0; at = this.points.clusters[at].parent) names.unshift(this.points.clusters[at].label);
    return names.join(" › ") || "Set aside";
  }

  groupKey(group) {
    return `${this.points.colour} ${group} ${this.points.legend[group].label}`;
  }

  isHidden(group) {
    return this.view.hidden.has(this.groupKey(group));
  }

  colourOf(group) {
    const { kind } = this.points.legend[group];
    return kind === "own" ? this.data.colours[group % this.data.colours.length] : this.data.quiet[kind];
  }

  showGroups() {
    window.Plotly.restyle(this.plot, { visible: this.order.map((group) => !this.isHidden(group)) });
    this.overlay.draw();
  }
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".sw-map");
  if (!root || !data) return undefined;
  let map = maps.get(root);
  if (!map) {
    map = new ProductMap(root);
    maps.set(root, map);
  }
  map.update(data, setTriggerValue);
  return () => setTimeout(() => {
    if (root.isConnected || !maps.has(root)) return;
    maps.get(root).destroy();
    maps.delete(root);
  });
}
