// Copying, also where the page came over plain HTTP and browsers offer no clipboard.

import { el, say } from "./dom.js";

async function copy(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Refused: the old way may still be allowed.
    }
  }
  const area = el("textarea", { class: "hidden-visually", readonly: true });
  area.value = text;
  // Inside an open dialog everything else is inert.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  const focused = document.activeElement;
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}

/** A button that copies what `text()` gives. */
export function copyButton(text, { label = "Copy", id = null, name = null } = {}) {
  let back = 0;
  const button = el("button", { type: "button", class: "quiet copy", id, "aria-label": name }, label);
  button.addEventListener("click", async () => {
    const copied = await copy(text());
    button.textContent = copied ? "Copied" : "Select and copy it yourself";
    say(copied ? "Copied" : "The browser did not allow copying");
    clearTimeout(back);
    back = setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
  return button;
}

/** Something to type, with its button. */
export function command(text, name) {
  return el(
    "div",
    { class: "command" },
    el("pre", { tabindex: "0", role: "group", "aria-label": name }, el("code", {}, text)),
    copyButton(() => text, { name: `Copy: ${name}` }),
  );
}
