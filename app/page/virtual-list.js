// A list of any length of which only what can be seen is in the document.

import { el } from "./dom.js";

/** Rows kept above and below what can be seen, so that quick scrolling shows no gap. */
const SPARE = 12;
/** Browsers lay nothing out that is much higher; beyond it the scroll bar is mapped onto the list. */
const HIGHEST = 8_000_000;

export class VirtualList {
  #rows = new Map();
  #frame = 0;
  #top = 0;
  #scrolled = 0;
  #heights;

  /** `row(index)` makes a row; `label` names the region. */
  constructor({ heights, row, label, signal, id }) {
    this.row = row;
    this.#heights = heights;
    this.window = el("div", { class: "rows", role: "list" });
    this.space = el("div", { class: "rows-space" }, this.window);
    this.node = el("div", { id, class: "virtual", tabindex: "0", role: "region", "aria-label": label }, this.space);
    this.node.addEventListener("scroll", () => this.#onScroll(), { passive: true, signal });
    const sizes = new ResizeObserver(() => this.resized?.());
    sizes.observe(this.node);
    signal.addEventListener("abort", () => sizes.disconnect());
  }

  get heights() {
    return this.#heights;
  }

  /** There are so many rows now. */
  grow(count) {
    this.#heights.grow(count);
    this.#fit();
    this.#plan();
  }

  /** Other heights, such as with lines wrapped; the first row in sight stays there. */
  lay(heights, count) {
    const first = this.first;
    this.#heights = heights;
    heights.grow(count);
    this.#forget();
    this.#fit();
    this.reveal(first, 0);
  }

  /** Makes the rows anew where they stand. */
  again() {
    this.#forget();
    this.#draw();
  }

  /** The first row in sight. */
  get first() {
    return this.#heights.count === 0 ? 0 : this.#heights.at(this.#top);
  }

  /** Brings a row into sight, at this part of the height. Heights on the way may turn out others than guessed. */
  reveal(index, part = 0.3) {
    if (this.#heights.count === 0) return;
    for (let round = 0; round < 3; round += 1) {
      this.#jump(this.#heights.top(index) - part * this.node.clientHeight);
      this.#draw();
    }
  }

  toEnd() {
    if (this.#heights.count > 0) this.reveal(this.#heights.count - 1, 1);
    this.#jump(Infinity);
    this.#draw();
  }

  get #most() {
    return Math.max(0, this.#heights.total - this.node.clientHeight);
  }

  get #isMapped() {
    return this.#heights.total > HIGHEST;
  }

  #fit() {
    this.space.style.setProperty("block-size", `${Math.min(this.#heights.total, HIGHEST)}px`);
  }

  #jump(top) {
    this.#top = Math.min(this.#most, Math.max(0, top));
    const scrollable = this.node.scrollHeight - this.node.clientHeight;
    this.node.scrollTop = this.#isMapped ? (this.#top / this.#most) * scrollable : this.#top;
    this.#scrolled = this.node.scrollTop;
  }

  #onScroll() {
    const now = this.node.scrollTop;
    const step = now - this.#scrolled;
    this.#scrolled = now;
    if (!this.#isMapped) {
      this.#top = now;
    } else if (step !== 0) {
      // Small steps are exact, so that every row can be reached; large ones come from dragging the bar.
      const scrollable = this.node.scrollHeight - this.node.clientHeight;
      const isSmall = Math.abs(step) <= 2 * this.node.clientHeight && now > 0 && now < scrollable - 1;
      this.#top = Math.min(this.#most, Math.max(0, isSmall ? this.#top + step : (now / scrollable) * this.#most));
    }
    this.#plan();
  }

  #plan() {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #forget() {
    for (const node of this.#rows.values()) node.remove();
    this.#rows.clear();
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const { count } = this.#heights;
    if (count === 0 || !this.node.isConnected) return;
    const seen = this.first;
    const first = Math.max(0, seen - SPARE);
    const last = Math.min(count - 1, this.#heights.at(this.#top + this.node.clientHeight) + SPARE);
    this.#place(first, last);
    this.#learn(seen);
    const offset = this.node.scrollTop + this.#heights.top(first) - this.#top;
    this.window.style.setProperty("transform", `translateY(${offset}px)`);
  }

  #place(first, last) {
    for (const [index, node] of this.#rows) {
      if (index < first || index > last) {
        node.remove();
        this.#rows.delete(index);
      }
    }
    let place = this.window.firstElementChild;
    for (let index = first; index <= last; index += 1) {
      let node = this.#rows.get(index);
      if (node === undefined) {
        node = this.row(index);
        node.setAttribute("role", "listitem");
        node.setAttribute("aria-posinset", index + 1);
        node.setAttribute("aria-setsize", this.#heights.count);
        this.#rows.set(index, node);
      }
      if (node === place) place = place.nextElementSibling;
      else this.window.insertBefore(node, place);
    }
  }

  /** What turned out higher or lower above the first row in sight must not push it away. */
  #learn(seen) {
    let above = 0;
    let changed = false;
    for (const [index, node] of this.#rows) {
      const change = this.#heights.learn(index, node.offsetHeight);
      changed ||= change !== 0;
      if (index < seen) above += change;
    }
    if (!changed) return;
    this.#fit();
    if (above !== 0) this.#jump(this.#top + above);
    this.#plan();
  }
}
