// What lies over the points of the map: products picked elsewhere, the open cluster, the one pointed at; and its card.
const RINGS_UP_TO = 600;
const CARD_DELAY_MS = 90;

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

class Overlay {
  constructor(map) {
    this.map = map;
    this.canvas = map.root.querySelector(".sw-map-overlay");
  }

  // At most once a frame, however many things changed.
  draw() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      if (this.map.points && this.map.plot._fullLayout) this.drawNow();
    });
  }

  drawNow() {
    const { map, canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = map.stage.clientWidth;
    const height = map.stage.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.theme = getComputedStyle(map.root);
    const picked = map.picked;
    const shows = map.lassoed ? [] : map.openPoints;
    const fade = picked.length ? "strong" : shows.length ? "light" : "";
    map.root.dataset.fade = fade;
    this.dots(pen, shows, map.size + 0.6, picked.length ? 0.5 : 1);
    this.dots(pen, picked, map.size + 1.6, 1);
    if (picked.length <= RINGS_UP_TO) this.rings(pen, picked, map.size / 2 + 2.6, 1.5);
    this.rings(pen, map.hovered, map.size / 2 + 5, 2.5);
    canvas.dataset.picked = picked.length;
    canvas.dataset.open = shows.length;
    canvas.dataset.hovered = map.hovered.length;
  }

  place(index) {
    const { xaxis, yaxis } = this.map.plot._fullLayout;
    return [xaxis._offset + xaxis.d2p(this.map.points.x[index]), yaxis._offset + yaxis.d2p(this.map.points.y[index])];
  }

  dots(pen, indices, size, alpha) {
    if (!indices.length) return;
    const byGroup = new Map();
    for (const index of indices) {
      const group = this.map.points.groups[index];
      if (this.map.isHidden(group)) continue;
      if (!byGroup.has(group)) byGroup.set(group, []);
      byGroup.get(group).push(index);
    }
    pen.globalAlpha = alpha;
    for (const [group, members] of byGroup) {
      pen.fillStyle = this.map.colourOf(group);
      pen.beginPath();
      for (const index of members) {
        const [x, y] = this.place(index);
        pen.moveTo(x + size / 2, y);
        pen.arc(x, y, size / 2, 0, 2 * Math.PI);
      }
      pen.fill();
    }
    pen.globalAlpha = 1;
  }

  rings(pen, indices, radius, width) {
    for (const [colour, extra] of [["--st-background-color", 2], ["--st-text-color", 0]]) {
      pen.strokeStyle = this.theme.getPropertyValue(colour) || "#222";
      pen.lineWidth = width + extra;
      pen.beginPath();
      for (const index of indices) {
        const [x, y] = this.place(index);
        pen.moveTo(x + radius, y);
        pen.arc(x, y, radius, 0, 2 * Math.PI);
      }
      pen.stroke();
    }
  }
}

// The card beside the pointer: picture, title and cluster of one product. Titles are text, never HTML.
class Card {
  constructor(map) {
    this.map = map;
    this.box = map.root.querySelector(".sw-map-card");
    this.known = new Map();
  }

  show(index) {
    clearTimeout(this.timer);
    this.index = index;
    this.timer = setTimeout(() => this.open(index), CARD_DELAY_MS);
  }

  hide() {
    clearTimeout(this.timer);
    this.index = undefined;
    if (this.box.matches(":popover-open")) this.box.hidePopover();
  }

  async open(index) {
    const details = await this.details(this.map.points.ids[index]);
    if (this.index !== index || !this.map.root.isConnected) return;
    this.fill(index, details);
    if (!this.box.matches(":popover-open")) this.box.showPopover();
    const [x, y] = this.map.overlay.place(index);
    const around = this.map.stage.getBoundingClientRect();
    const size = this.box.getBoundingClientRect();
    const isLeft = around.left + x + 18 + size.width > window.innerWidth - 8;
    const left = isLeft ? around.left + x - 18 - size.width : around.left + x + 18;
    const top = Math.min(Math.max(around.top + y - size.height / 2, 8), window.innerHeight - size.height - 8);
    this.box.style.left = `${Math.max(left, 8)}px`;
    this.box.style.top = `${top}px`;
  }

  async details(id) {
    if (!this.known.has(id)) {
      const asked = fetch(this.map.data.point.replace("{id}", id))
        .then((answer) => (answer.ok ? answer.json() : { title: "", thumb: null }))
        .catch(() => ({ title: "", thumb: null }));
      this.known.set(id, asked);
      if (this.known.size > 2000) this.known.delete(this.known.keys().next().value);
    }
    return this.known.get(id);
  }

  fill(index, details) {
    const picture = make("div", "sw-map-picture");
    if (details.thumb) {
      const image = make("img");
      image.alt = "";
      image.src = details.thumb;
      image.onerror = () => picture.remove();
      picture.append(image);
    }
    const where = make("div", "sw-map-where");
    const dot = make("i");
    const group = this.map.points.groups[index];
    dot.style.background = this.map.colourOf(group);
    where.append(dot, make("span", "", this.map.clusterName(index)));
    this.box.replaceChildren(...(details.thumb ? [picture] : []), make("div", "sw-map-title", details.title), where);
    if (this.map.points.colour !== "cluster") {
      this.box.append(make("div", "sw-map-group", this.map.points.legend[group].label));
    }
  }
}
