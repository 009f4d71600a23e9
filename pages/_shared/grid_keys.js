// Keys. One listener on the document serves every grid: the one that has the focus, else the one that owns the page.
const CTRL = /Mac/.test(navigator.platform) ? "⌘" : "Ctrl";
const NO_TEXT = new Set(["button", "checkbox", "radio", "range", "submit", "reset", "color", "file", "image"]);
const mounted = [];

function mountKeys(grid) {
  for (const other of mounted.filter((each) => !each.root.isConnected)) other.unmount();
  if (mounted.includes(grid)) return;
  if (!mounted.length) document.addEventListener("keydown", onDocumentKey, true);
  mounted.push(grid);
}

function unmountKeys(grid) {
  const at = mounted.indexOf(grid);
  if (at >= 0) mounted.splice(at, 1);
  if (!mounted.length) document.removeEventListener("keydown", onDocumentKey, true);
}

function pageOwner() {
  return mounted.findLast((grid) => grid.data.commands.length > 0);
}

function onDocumentKey(event) {
  if (event.isComposing || event.altKey || event.defaultPrevented) return;
  const path = event.composedPath();
  const inside = mounted.find((grid) => path.includes(grid.root));
  if (takesText(path[0]) || (inside && path.includes(inside.menu.node)) || (!inside && isDialogOpen(path))) return;
  const owner = pageOwner();
  const isInModal = inside && (inside.box.isOpen || inside.help.isOpen);
  const isHandled = inside
    ? inside.keys.press(event, true) || (owner && owner !== inside && !isInModal && owner.keys.pressCommand(event))
    : owner && owner.keys.press(event, false);
  if (!isHandled) return;
  event.preventDefault();
  event.stopPropagation();
}

function takesText(node) {
  if (!(node instanceof Element)) return false;
  if (node.tagName === "INPUT") return !NO_TEXT.has(node.type);
  return node.matches("textarea, select, [contenteditable]:not([contenteditable='false']), [role='textbox'], [role='combobox'], [role='tree']");
}

function isDialogOpen(path) {
  const isDialog = (node) => node instanceof Element && node.matches("dialog, [role='dialog']");
  return path.some(isDialog) || document.querySelector("[role='dialog'][aria-modal='true'], [data-testid='stDialog']") !== null;
}

// As keys are written in Python: "e", "shift+z", "/".
function keyOf(event) {
  const key = event.key.toLowerCase();
  return event.shiftKey && /^\p{L}$/u.test(key) ? `shift+${key}` : key;
}

class Keys {
  constructor(grid) {
    this.grid = grid;
  }

  // Everything that one key does, with its words: what is listed by `?` is what works.
  bindings() {
    const { grid } = this;
    const { actions, commands } = grid.data;
    const { targets } = grid;
    const bound = targets.slice(0, 9).map((target, index) => (
      { group: "Send to", key: String(index + 1), label: target.label, run: (isInside) => grid.act({ id: "move" }, target.id, isInside) }));
    const taken = new Set([...actions, ...commands].map((each) => each.key));
    if (targets.length && !taken.has("m")) {
      bound.push({ group: "Act", key: "m", label: "Move to …", run: (isInside) => this.openTargets(isInside) });
    }
    for (const action of actions.filter((each) => each.key)) {
      bound.push({ group: "Act", key: action.key, label: action.label, run: (isInside) => grid.bar.run(action, isInside) });
    }
    for (const command of commands) {
      bound.push({ group: "Anywhere on this page", key: command.key, label: command.label, isCommand: true, run: () => grid.command(command) });
    }
    bound.push({ group: "Anywhere on this page", key: "?", label: "These keys", isCommand: true, run: () => grid.help.toggle() });
    return bound;
  }

  openTargets(isInside) {
    if (this.grid.subject(isInside)) this.grid.bar.openTargets();
    else this.grid.bar.say(NOTHING_SELECTED);
  }

  press(event, isInside) {
    const { grid } = this;
    if (grid.help.isOpen) return event.key === "?" && grid.help.toggle();
    if (event.ctrlKey || event.metaKey) return this.pressWithCtrl(event, isInside);
    const bound = this.bindings().find((each) => each.key === keyOf(event));
    if (bound) {
      if (!event.repeat) bound.run(isInside);
      return true;
    }
    if (grid.box.isOpen) return grid.box.press(event) || this.turn(event);
    return this.escape(event, isInside) || this.navigate(event, isInside);
  }

  pressCommand(event) {
    if (event.ctrlKey || event.metaKey) return false;
    const bound = this.bindings().find((each) => each.isCommand && each.key === keyOf(event));
    if (bound && !event.repeat) bound.run(false);
    return Boolean(bound);
  }

  pressWithCtrl(event, isInside) {
    const isHere = isInside || document.activeElement === document.body;
    if (event.key.toLowerCase() !== "a" || event.shiftKey || !isHere || !this.grid.isSelectable) return false;
    this.grid.selection.widen(this.grid.pages.total);
    return true;
  }

  escape(event, isInside) {
    if (event.key !== "Escape") return false;
    if (this.grid.card.isOpen) return this.grid.card.hide() ?? true;
    if (this.grid.selection.isEmpty) return false;
    this.grid.selection.clear();
    if (isInside) this.grid.comeBack();
    return true;
  }

  navigate(event, isInside) {
    const { tiles } = this.grid;
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: tiles.columns, ArrowUp: -tiles.columns };
    const isFromBody = !isInside && event.key in steps && document.activeElement === document.body && this.enter();
    if (!isInside && !(isFromBody && this.grid.data.looks)) return isFromBody; // it only enters, where no tile is shown yet
    if (!tiles.hasFocus) return false;
    if (event.key in steps) this.goTo(this.reach(steps[event.key]), event.shiftKey);
    else if (event.key === "Home") this.goTo(0, event.shiftKey);
    else if (event.key === "End") this.goTo(tiles.nodes.length - 1, event.shiftKey);
    else if (event.key === " ") this.grid.isSelectable && this.grid.selection.toggle(tiles.current.id);
    else if (event.key === "Enter") this.grid.box.open();
    else return this.turn(event);
    return true;
  }

  turn(event) {
    const { pages } = this.grid;
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (!by || pages.last < 2) return false;
    pages.go(pages.shown + by);
    return true;
  }

  enter() {
    if (!this.grid.tiles.nodes.length) return false;
    this.grid.tiles.focus(this.grid.tiles.cursor);
    return true;
  }

  // Down from the last row but one leads to the last tile, even where the last row is short.
  reach(by) {
    const { tiles } = this.grid;
    const [last, to] = [tiles.nodes.length - 1, tiles.cursor + by];
    if (to >= 0 && to <= last) return to;
    const isShortRow = to > last && Math.floor(tiles.cursor / tiles.columns) < Math.floor(last / tiles.columns);
    return isShortRow || Math.abs(by) === 1 ? Math.max(Math.min(to, last), 0) : tiles.cursor;
  }

  goTo(index, extends_) {
    const { tiles, selection } = this.grid;
    tiles.focus(index);
    if (extends_ && this.grid.isSelectable) selection.extend(tiles.current.id);
    else selection.mark(tiles.current.id);
  }
}
