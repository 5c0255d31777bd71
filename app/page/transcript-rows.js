// One row of a transcript: a line as it is, or the message that it holds.

import { el, lines as clean } from "./dom.js";
import { several, timeOfDay } from "./format.js";
import { readMessage } from "./messages.js";

/** More of one line, or of one part of a message, is not laid out; it can be copied and downloaded. */
export const LONGEST_LINE = 4000;
export const LONGEST_PART = 3000;
/** What tools were given and gave is long and seldom read to its end. */
const LONGEST_RESULT = 700;
// Colours and cursor movements of a terminal.
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/g;

export class TranscriptRows {
  /** Parts that somebody wanted to see whole. */
  #open = new Set();

  /** `changed()` is called when a row must be made anew. */
  constructor(lines, search, changed) {
    this.lines = lines;
    this.search = search;
    this.changed = changed;
  }

  line(index) {
    const whole = this.lines[index];
    const text = clean(whole.slice(0, LONGEST_LINE * 2).replace(ESCAPES, "")).slice(0, LONGEST_LINE);
    return el(
      "div",
      { class: `line${this.isCurrent(index)}`, "data-line": index + 1 },
      el("span", { class: "line-number", "aria-hidden": "true" }, String(index + 1)),
      el(
        "span",
        { class: "line-text" },
        this.marked(text),
        whole.length > LONGEST_LINE &&
          el("span", { class: "rest" }, ` … ${several(whole.length - LONGEST_LINE, "character")} more`),
      ),
    );
  }

  isCurrent(index) {
    return this.search.hits[this.search.current] === index ? " current" : "";
  }

  marked(text) {
    return this.search.pieces(text).map(([piece, isHit]) => (isHit ? el("mark", {}, piece) : piece));
  }

  message(index) {
    const read = readMessage(this.lines[index]);
    if (read === null) return this.line(index);
    const role = read.role ?? "note";
    const kind = ["user", "assistant", "system", "tool"].includes(role) ? role : "note";
    return el(
      "div",
      { class: `message message-${kind}${this.isCurrent(index)}`, "data-line": index + 1, "data-role": kind },
      read.role !== null &&
        el("p", { class: "message-head" }, el("strong", {}, clean(role)), read.at && [" ", timeOfDay(read.at)]),
      read.parts.map((part, place) => this.part(part, index, `${index}.${place}`)),
    );
  }

  part({ kind, name, text }, index, key) {
    const longest = this.#open.has(key) ? Infinity : kind === "text" ? LONGEST_PART : LONGEST_RESULT;
    const shown = clean(text.replace(ESCAPES, ""));
    const more =
      shown.length > longest &&
      el(
        "button",
        {
          type: "button",
          class: "quiet",
          onclick: () => {
            this.#open.add(key);
            this.changed();
          },
        },
        `Show ${several(shown.length - longest, "more character", "more characters")}`,
      );
    return el(
      "div",
      { class: `part part-${kind}` },
      name !== null && el("span", { class: "part-name" }, clean(name)),
      shown !== "" &&
        el(
          kind === "text" || kind === "thought" ? "div" : "pre",
          { class: "part-text", dir: kind === "text" ? "auto" : null },
          this.marked(shown.slice(0, longest)),
        ),
      more,
    );
  }
}
