// Look-alikes as small pictures. A click leaves one out of what is done to all of them, or takes it in again.
const strips = new WeakMap();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

class Strip {
  constructor(root) {
    this.box = root.querySelector(".pictures");
    this.card = root.querySelector(".card");
    this.leftOut = new Set();
    this.box.onclick = (event) => this.flip(event);
    this.box.onpointerover = (event) => this.show(event);
    this.box.onpointerleave = () => this.hide();
  }

  // What was clicked here is newer than what Python says, until another prediction is shown.
  update(data, send) {
    this.send = send;
    this.box.setAttribute("aria-label", data.label);
    if (data.about !== this.about) this.leftOut = new Set(data.left_out);
    const signature = JSON.stringify([data.about, data.pictures]);
    if (signature !== this.signature) this.build(data.pictures);
    this.about = data.about;
    this.signature = signature;
    this.draw();
  }

  build(pictures) {
    this.hide();
    this.pictures = new Map(pictures.map((picture) => [String(picture.id), picture]));
    this.box.replaceChildren(...pictures.map((picture) => {
      const node = make("button", `picture${picture.says ? " other" : ""}`);
      node.type = "button";
      node.dataset.id = picture.id;
      node.dataset.testid = "look-alike";
      node.setAttribute("aria-label", picture.says ? `${picture.title}, predicted ${picture.says}` : picture.title);
      node.append(this.image(picture, "lazy"));
      return node;
    }));
  }

  image(picture, loading) {
    if (!picture.thumb) return make("span", "none", picture.title);
    const image = make("img");
    Object.assign(image, { src: picture.thumb, alt: "", loading, draggable: false });
    return image;
  }

  draw() {
    for (const node of this.box.children) node.setAttribute("aria-pressed", String(!this.leftOut.has(Number(node.dataset.id))));
  }

  flip(event) {
    const node = event.target.closest(".picture");
    if (!node) return;
    const id = Number(node.dataset.id);
    if (!this.leftOut.delete(id)) this.leftOut.add(id);
    this.draw();
    this.send("left_out", { about: this.about, ids: [...this.leftOut] });
    if (event.detail) node.blur(); // the keys of the page go on to work after a click
  }

  show(event) {
    const node = event.target.closest(".picture");
    const picture = node && this.pictures.get(node.dataset.id);
    if (!picture?.thumb || event.pointerType === "touch" || this.shown === node) return;
    this.shown = node;
    const says = picture.says ? [make("b", "", `predicted ${picture.says}`)] : [];
    this.card.replaceChildren(this.image(picture, "eager"), make("span", "", picture.title), ...says);
    this.card.showPopover();
    const [place, card] = [node.getBoundingClientRect(), this.card.getBoundingClientRect()];
    const left = Math.min(place.left + place.width / 2 - card.width / 2, window.innerWidth - card.width - 8);
    const above = place.top - card.height - 8;
    this.card.style.left = `${Math.max(left, 8)}px`;
    this.card.style.top = `${above > 8 ? above : Math.min(place.bottom + 8, window.innerHeight - card.height - 8)}px`;
  }

  hide() {
    this.shown = undefined;
    if (this.card.matches(":popover-open")) this.card.hidePopover();
  }
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".strip-root");
  if (!root || !data) return undefined;
  const strip = strips.get(root) || new Strip(root);
  strips.set(root, strip);
  strip.update(data, setStateValue);
  return () => { if (!root.isConnected) strip.hide(); };
}
