// Into a field of the page by a key, and back to the grid by Enter or Esc. Esc puts back what the field held.
function focusField(key, comeBack) {
  const holder = document.querySelector(`.st-key-${key.replace(/[^a-zA-Z0-9_-]/g, "-")}`);
  const field = holder && fieldIn(holder);
  if (!field) return;
  const before = field.value;
  const onKey = (event) => {
    const isDone = event.key === "Enter" && field.tagName === "INPUT";
    if (event.isComposing || (event.key !== "Escape" && !isDone)) return;
    if (!isDone && field.value !== before) restore(field, before);
    setTimeout(comeBack);
  };
  field.addEventListener("keydown", onKey);
  field.addEventListener("blur", () => field.removeEventListener("keydown", onKey), { once: true });
  field.focus();
  field.select();
}

// A component keeps its field in a room of its own.
function fieldIn(holder) {
  const within = (root) => root?.querySelector("input:not([type='hidden']), textarea");
  return within(holder) || [...holder.querySelectorAll("*")].map((node) => within(node.shadowRoot)).find(Boolean);
}

// React only learns of a value that is set the way the browser itself sets it.
function restore(field, value) {
  const prototype = field.tagName === "INPUT" ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
