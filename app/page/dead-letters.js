// Events that were accepted and could not be stored: why, what they hold, and another try.

import { ask, page } from "./api.js";
import { copyButton } from "./clipboard.js";
import { el, lines, oneLine, put, say } from "./dom.js";
import { bytes, count, several, when } from "./format.js";
import { look } from "./health.js";
import { every } from "./live.js";
import { confirm, empty, trouble } from "./notice.js";
import { PagedList } from "./paged-list.js";

const LIVE_MS = 8000;
const LONGEST = 100_000;

export function openDeadLetters({ outlet, restore, signal }) {
  const result = el("div", { id: "replay-result" });
  const list = new PagedList({
    container: el("ol", { id: "dead-letters", class: "letters" }),
    signal,
    load: (options) => page("/api/dead-letters", {}, options),
    row: (letter) => letterRow(letter, (button) => replay([letter.id], button)),
    whenEmpty: () =>
      empty(
        "No dead letters",
        el(
          "p",
          {},
          "Every event that was accepted is stored, or on its way. An event that the database refuses again and again would wait here.",
        ),
      ),
    changed: ({ items, next }) => {
      all.hidden = items.length === 0;
      total.textContent =
        items.length === 0
          ? ""
          : next === null
            ? several(items.length, "event")
            : `The oldest ${count(items.length)} events`;
    },
  });

  async function replay(ids, button) {
    button.disabled = true;
    try {
      const { replayed } = await ask("/api/dead-letters/replay", {
        method: "POST",
        body: ids === null ? {} : { ids },
      });
      const words =
        replayed === 0
          ? "Nothing was put back: it was replayed already."
          : `${several(replayed, "event")} put back into the queue. What cannot be stored comes back here after five tries.`;
      put(result, el("p", { class: "notice notice-good" }, words));
      say(words);
      await list.start(list.items.length);
      look();
    } catch (error) {
      put(result, trouble(error));
    } finally {
      button.disabled = false;
    }
  }

  const all = el(
    "button",
    {
      type: "button",
      id: "replay-all",
      class: "primary",
      hidden: true,
      onclick: async () => {
        const yes = await confirm(
          "Replay all dead letters?",
          "All of them go back into the queue. Mend what refused them first, else they come back.",
          "Replay all",
        );
        if (yes) replay(null, all);
      },
    },
    "Replay all",
  );
  const total = el("p", { class: "muted" });
  put(
    outlet,
    el("div", { class: "heading" }, el("h1", {}, "Dead letters"), total, all),
    el(
      "p",
      { class: "lead" },
      "Events that were accepted and could not be stored after all. They are kept until they are replayed.",
    ),
    result,
    list.node,
  );
  every(LIVE_MS, () => list.refresh(Math.max(50, list.items.length), { whole: true }), signal);
  return { title: "Dead letters", ready: list.start(restore.loaded), memory: () => ({ loaded: list.items.length }) };
}

function letterRow(letter, replay) {
  const button = el("button", { type: "button", class: "replay", onclick: () => replay(button) }, "Replay");
  const node = el(
    "li",
    { class: "card letter", "data-letter": letter.id },
    el("div", { class: "letter-head" }, el("p", { class: "cause" }, oneLine(letter.cause, 600)), button),
    el(
      "p",
      { class: "sub" },
      "Given up ",
      when(letter.since),
      ` · tried ${letter.tries === 1 ? "once" : `${count(letter.tries)} times`}`,
      letter.eventId !== null && [" · event ", el("code", {}, oneLine(letter.eventId, 60))],
    ),
    payload(letter),
  );
  return { node };
}

function payload({ payload: text }) {
  const details = el(
    "details",
    { class: "data" },
    el("summary", {}, `What was queued (${bytes(new Blob([text]).size)})`),
  );
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const shown = indented(text);
    const cut =
      shown.length > LONGEST
        ? `${shown.slice(0, LONGEST)}\n… and ${count(shown.length - LONGEST)} characters more`
        : shown;
    details.append(
      el(
        "div",
        { class: "data-inside" },
        copyButton(() => text, { name: "Copy what was queued" }),
        el("pre", { tabindex: "0", role: "group", "aria-label": "What was queued" }, lines(cut)),
      ),
    );
  });
  return details;
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
