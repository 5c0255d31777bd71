// Finding a text in a transcript of any length, a slice at a time, also while it is still coming.

import { breathe } from "./transcript-lines.js";

const SLICE_MS = 8;
const MOST = 100_000;

export class Search {
  /** Numbers of the lines that hold the text, in order. */
  hits = [];
  /** Place among the hits, from 0; -1 before any was gone to. */
  current = -1;
  text = "";
  pattern = null;
  #scanned = 0;
  #running = false;
  #round = 0;

  /** `changed()` is called when there are other hits, or all was searched. */
  constructor(lines, changed) {
    this.lines = lines;
    this.changed = changed;
  }

  get isDone() {
    return this.#scanned >= this.lines.length || this.isFull;
  }

  get isFull() {
    return this.hits.length >= MOST;
  }

  look(text) {
    this.text = text;
    this.pattern = text === "" ? null : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
    this.hits = [];
    this.current = -1;
    this.#scanned = 0;
    this.#round += 1;
    this.changed();
    this.go();
  }

  /** Goes on where it stopped: more lines may have come. */
  async go() {
    if (this.#running || this.pattern === null) return;
    this.#running = true;
    while (this.pattern !== null && !this.isDone) {
      const round = this.#round;
      this.#slice();
      await breathe();
      if (round === this.#round) this.changed();
    }
    this.#running = false;
    this.changed();
  }

  #slice() {
    const until = performance.now() + SLICE_MS;
    const { lines, pattern, hits } = this;
    while (this.#scanned < lines.length && !this.isFull) {
      pattern.lastIndex = 0;
      if (pattern.test(lines[this.#scanned])) hits.push(this.#scanned);
      this.#scanned += 1;
      if (this.#scanned % 64 === 0 && performance.now() > until) return;
    }
  }

  /** The next hit in this direction: from the current one, or from this line on. */
  step(direction, from) {
    if (this.hits.length === 0) return null;
    if (this.current < 0) {
      const next = this.hits.findIndex((line) => line >= from);
      this.current = direction > 0 ? Math.max(0, next) : (next < 0 ? this.hits.length : next) - 1;
    } else {
      this.current += direction;
    }
    this.current = (this.current + this.hits.length) % this.hits.length;
    return this.hits[this.current];
  }

  /** The text in pieces, those that were looked for apart: `[piece, isHit]`. */
  pieces(text) {
    if (this.pattern === null) return [[text, false]];
    const pieces = [];
    let last = 0;
    // It begins where the pattern was left by the last line that was tried.
    this.pattern.lastIndex = 0;
    for (const match of text.matchAll(this.pattern)) {
      if (match.index > last) pieces.push([text.slice(last, match.index), false]);
      pieces.push([match[0], true]);
      last = match.index + match[0].length;
      if (pieces.length > 400) break;
    }
    if (last < text.length) pieces.push([text.slice(last), false]);
    return pieces;
  }
}
