// What every part of the grid is made of. Words of a catalogue only ever go through textContent.
const SVG = "http://www.w3.org/2000/svg";
const FIGURES = new Intl.NumberFormat("en");

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function figure(number) {
  return FIGURES.format(number);
}

function button(text, testId, run, className) {
  const node = make("button", className, text);
  node.type = "button";
  node.dataset.testid = testId;
  node.onclick = run;
  node.onmousedown = (event) => event.preventDefault(); // a mouse leaves the focus in the grid; Tab still comes here
  return node;
}

function keyChips(key) {
  const box = make("span", "keys");
  for (const part of key.split("+")) box.append(make("kbd", "", part.length === 1 ? part.toUpperCase() : capital(part)));
  return box;
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function line(shape) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", shape);
  return path;
}

function drawing(viewBox, ...shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  svg.append(...shapes.map(line));
  return svg;
}

function placeholder() {
  const box = make("div", "placeholder");
  box.append(drawing("0 0 48 48", "M8 12h32v24H8z", "M8 31l9-9 8 8 5-5 10 9", "M31 19.5a2 2 0 1 0 .01 0"));
  return box;
}

function picture(item, loading) {
  if (!item.thumb) return placeholder();
  const image = make("img");
  image.alt = "";
  image.loading = loading;
  image.decoding = "async";
  image.draggable = false;
  image.onerror = () => image.replaceWith(placeholder());
  image.src = item.thumb;
  return image;
}

function factList(item) {
  const facts = make("dl");
  for (const [name, value] of item.facts) facts.append(make("dt", "", name), make("dd", "", value));
  return facts;
}
