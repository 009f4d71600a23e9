// The image grid. Selection lives here; Python hears of it only when somebody acts.
// The classes come from the files grid_*.js, which Python puts in front of this one.
const NOTHING_SELECTED = "Select products first";
const UNANSWERED = "No answer yet. Look whether it was done before you try again.";
const grids = new WeakMap();
const kept = new Map(); // key of a grid -> its selection, for a grid that is taken off the page and comes back

class Grid {
  constructor(root) {
    this.root = root;
    const part = (name) => root.querySelector(`.${name}`);
    this.field = part("field");
    this.nothing = part("nothing");
    this.tiles = new Tiles(part("tiles"));
    this.selection = new Selection(() => this.drawSelection());
    this.acts = new Acts((act) => this.post(act), () => { this.bar.say(UNANSWERED); this.drawPage(); });
    this.pages = new Pages(this, part("foot"));
    this.menu = new Menu(this, part("menu"));
    this.bar = new Bar(this, part("bar"), part("said"));
    this.band = new Band(this, this.field, part("band"));
    this.card = new Card(this, this.field, part("card"));
    this.box = new LightBox(this, part("lightbox"));
    this.help = new Help(this, part("help"));
    this.keys = new Keys(this);
    this.look = new Look(this);
    this.field.onclick = (event) => this.onClick(event);
    this.field.ondblclick = (event) => { if (this.tiles.indexAt(event) >= 0) this.box.open(); };
    this.field.onmousedown = (event) => { if (this.tiles.indexAt(event) < 0) event.preventDefault(); };
    this.tiles.box.addEventListener("focusout", () => this.tell("hover", []));
    this.tiles.box.addEventListener("focusin", (event) => this.onFocus(event));
    this.onPoint = (event) => this.tiles.point(event.detail?.ids || []);
  }

  mount() {
    mountKeys(this);
    window.addEventListener("shelfwise:map-hover", this.onPoint);
  }

  unmount() {
    unmountKeys(this);
    window.removeEventListener("shelfwise:map-hover", this.onPoint);
    this.leave();
  }

  leave() {
    for (const part of [this.acts, this.bar, this.band, this.look]) part.stop();
    this.card.hide();
    this.menu.close();
    kept.set(this.data.key, { filterKey: this.data.filter_key, ids: [...this.selection.ids] });
  }

  update(data, send) {
    const isOtherGrid = this.data && data.key !== this.data.key; // Streamlit gives the place of one grid to another
    if (isOtherGrid) this.leave();
    const isNewFilter = isOtherGrid || data.filter_key !== this.data?.filter_key;
    const wasShown = this.pages.shown;
    this.send = send;
    this.data = data;
    this.isSelectable = data.actions.length + data.targets.length > 0 || data.listens;
    this.canAct = data.actions.length + data.targets.length > 0;
    const done = this.acts.heard(data.n_acts);
    const isBeside = !isNewFilter && data.clears !== this.clears;
    if (isNewFilter) this.startAfresh(data);
    else if (isBeside) this.actedBeside();
    this.clears = data.clears;
    this.pages.receive(data, done);
    this.root.dataset.size = data.size;
    this.root.classList.toggle("acts-below", this.canAct);
    this.root.classList.toggle("looks", data.looks);
    this.tiles.box.setAttribute("aria-label", data.label);
    this.tiles.box.setAttribute("aria-multiselectable", String(this.isSelectable));
    this.nothing.textContent = data.empty;
    this.bar.build();
    this.drawPage(isNewFilter || wasShown !== this.pages.shown);
    this.look.heard(isNewFilter || isBeside);
    this.acts.next();
  }

  // A button beside the grid was pressed, and would keep the arrow keys from the tiles.
  actedBeside() {
    this.selection.set([], null);
    if (document.activeElement?.matches("button, [role='radio'], [role='option']")) document.activeElement.blur();
  }

  startAfresh(data) {
    const before = kept.get(data.key);
    const ids = before?.filterKey === data.filter_key ? before.ids : [];
    kept.delete(data.key);
    this.acts.forget();
    this.pages.forget();
    this.selection.ids = new Set(ids);
    this.selection.isAll = false;
    this.selection.mark(null);
  }

  // Another page was asked for: draw it at once where it is known, and go to its top.
  turned() {
    this.drawPage(true);
    const top = this.root.getBoundingClientRect().top;
    if (top < 0) this.root.scrollIntoView({ block: "start", behavior: "instant" });
  }

  drawPage(isOther) {
    const items = this.pages.items;
    this.root.classList.toggle("turning", !items);
    if (!items) return this.pages.draw();
    this.card.hide();
    const hadFocus = this.tiles.hasFocus;
    this.tiles.draw(items, isOther ? 0 : this.tiles.cursorIn(items));
    this.tiles.number(this.pages.firstNumber, this.pages.total);
    this.nothing.hidden = items.length > 0;
    if (hadFocus && !items.length) this.nothing.focus();
    if (hadFocus && isOther) this.tiles.focus(0);
    this.selection.pageIds = items.map((item) => item.id).filter((id) => !this.acts.takes(id));
    if (this.pages.last === 1) this.selection.prune(new Set(this.selection.pageIds));
    this.drawSelection();
    this.pages.draw();
    this.box.refresh();
  }

  drawSelection() {
    this.tiles.show((id) => this.selection.has(id), (id) => this.acts.takes(id));
    this.bar.draw();
    this.look.soon();
    if (this.box.isOpen) this.box.drawSelection();
    if (!this.data.listens || this.isTelling) return;
    this.isTelling = true; // once a frame, however fast a box is drawn
    requestAnimationFrame(() => { this.isTelling = false; this.tell("selection", [...this.selection.ids]); });
  }

  // The grid's part in the talk with the map: a window event, without the server.
  tell(what, ids) {
    if (!this.data.listens) return;
    const detail = { grid: this.data.key, ids: ids.filter((id) => id !== undefined), isAll: this.selection.isAll };
    window.dispatchEvent(new CustomEvent(`shelfwise:${what}`, { detail }));
  }

  onClick(event) {
    if (this.band.isFresh) return;
    const index = this.tiles.indexAt(event);
    this.card.close();
    if (index < 0) return this.isSelectable && this.selection.clear();
    this.tiles.focus(index);
    const id = this.tiles.current.id;
    if (!this.isSelectable || event.detail > 1 || this.acts.takes(id)) return;
    if (event.shiftKey) this.selection.extend(id);
    else if (event.ctrlKey || event.metaKey || event.target.closest(".tick")) this.selection.toggle(id);
    else if (this.data.looks) this.selection.set([], id); // it is shown, and keys act on it: no need to select it
    else this.selection.choose(id);
  }

  onFocus(event) {
    this.tiles.setCursor(this.tiles.indexAt(event));
    this.look.soon();
    this.tell("hover", [this.tiles.current?.id]);
  }

  // What an act is done to: the selection, else the tile in focus, else nothing.
  subject(isInside) {
    if (!this.selection.isEmpty) return [...this.selection.ids];
    const here = this.tiles.current;
    return (isInside || this.data.looks) && here && !this.acts.takes(here.id) ? [here.id] : null;
  }

  // Where the tile in focus can be sent: to its own targets, where tiles have some of their own.
  get targets() {
    const { targets, tile_targets: own } = this.data;
    return own ? (own[this.tiles.current?.id] || []).map((place) => targets[place]) : targets;
  }

  act(action, choice, isInside) {
    const ids = this.subject(isInside);
    if (!ids) return this.bar.say(NOTHING_SELECTED);
    const isAll = this.selection.isAll;
    const focus = action.keeps ? this.tiles.current?.id : this.following(ids, isAll);
    this.look.knows(focus, action.keeps ? this.selection : null);
    this.acts.push({ action: action.id, choice, ids, is_all: isAll, filter_key: this.data.filter_key, keeps: action.keeps, focus });
    if (!action.keeps) this.selection.set([], null);
    if (!action.keeps) this.selection.pageIds = this.selection.pageIds.filter((id) => !this.acts.takes(id));
    this.drawSelection();
    this.stepOn(isInside);
  }

  // The product that the keyboard is on once these are gone: the next one that stays, else the last before.
  following(ids, isAll) {
    const { items, cursor } = this.tiles;
    const going = new Set(ids);
    const stays = (item) => !isAll && !going.has(item.id) && !this.acts.takes(item.id);
    return [...items.slice(cursor), ...items.slice(0, cursor).reverse()].find(stays)?.id;
  }

  // The keyboard goes on to the next product that stays, so that one act can follow another without waiting.
  stepOn(isInside) {
    const next = this.tiles.items.findIndex((item) => item.id === this.following([], false));
    this.tiles.setCursor(next < 0 ? this.tiles.cursor : next);
    this.selection.mark(this.tiles.current?.id ?? null);
    if (this.box.isOpen) this.box.refresh();
    else if (isInside) this.comeBack();
  }

  command(command) {
    if (command.focuses) return focusField(command.focuses, () => this.comeBack());
    if (command.steps) return this.step(command.steps);
    this.acts.push({ action: command.id, choice: null, ids: [], keeps: true, focus: this.tiles.current?.id });
  }

  step(by) {
    const to = this.tiles.cursor + by;
    if (to < 0 || to >= this.tiles.items.length) return this.pages.go(this.pages.shown + Math.sign(by));
    this.keys.goTo(to, false);
    if (this.box.isOpen) this.box.refresh();
  }

  comeBack() {
    if (!this.box.isOpen) this.tiles.focus(this.tiles.cursor);
  }

  post(act) {
    const { keeps: _keeps, ...sent } = act;
    this.send("act", sent);
  }
}

// Streamlit also cleans up after a call that a newer one overtook, while the grid stays on the page.
export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const root = parentElement.querySelector(".grid-root");
  if (!root || !data) return undefined;
  const grid = grids.get(root) || new Grid(root);
  grids.set(root, grid);
  grid.update(data, setTriggerValue);
  grid.mount();
  return () => { if (!root.isConnected) grid.unmount(); };
}
