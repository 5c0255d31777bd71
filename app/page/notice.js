// What stands where data would: trouble with a way out, nothing with what to do next, something on its way.

import { el } from "./dom.js";

/** A failed request, and the button that sends it again. */
export function trouble(error, retry) {
  const button = retry && el("button", { type: "button", class: "retry", onclick: retry }, "Retry");
  return el("div", { class: "notice notice-trouble", role: "alert" }, el("p", {}, error.message), button);
}

/** Nothing is here, and why. */
export function empty(heading, ...content) {
  return el("div", { class: "notice notice-empty" }, el("h2", {}, heading), content);
}

/** Stands where lines will come, and as high as some of them. */
export function skeleton(rows = 6) {
  const bars = Array.from({ length: rows }, () => el("div", { class: "skeleton-bar" }));
  return el("div", { class: "skeleton", "aria-hidden": "true" }, bars);
}

/** Asks before something happens; resolves to whether it may. */
export function confirm(question, detail, yes) {
  const dialog = el(
    "dialog",
    { id: "confirm", "aria-labelledby": "confirm-question" },
    el(
      "form",
      { method: "dialog" },
      el("h2", { id: "confirm-question" }, question),
      el("p", {}, detail),
      el(
        "div",
        { class: "buttons" },
        el("button", { value: "no", class: "quiet" }, "Cancel"),
        el("button", { value: "yes", class: "primary" }, yes),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
