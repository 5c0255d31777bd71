// A list that comes page by page and stays alive: rows are kept, so that neither the focus nor the place is lost.

import { el, put } from "./dom.js";
import { empty, skeleton, trouble } from "./notice.js";

const AT_ONCE = 50;
const AT_MOST = 500;

/**
 * - `load({ cursor, limit, signal })`: a page of the list.
 * - `row(item)`: `{ node, update(item) }`. `key(item)` names it.
 * - `container`: where the rows go; `before` are the nodes around it that only stand there with rows.
 * - `entries(items)`: what is shown of the items, such as headings between them; each has a key, too.
 * - `whenEmpty()`: the notice for no items. `changed(list)`: called after every change.
 */
export class PagedList {
  constructor(options) {
    this.options = { key: (item) => item.id, entries: (items) => items, shell: options.container, ...options };
    this.items = [];
    this.next = null;
    this.rows = new Map();
    this.notice = el("div", { class: "list-notice", "aria-live": "polite" });
    this.more = el(
      "button",
      { type: "button", class: "more", id: "load-more", hidden: true, onclick: () => this.loadMore() },
      "Load more",
    );
    this.node = el("div", { class: "list" }, this.options.shell, this.notice, this.more);
    this.watchEnd();
  }

  get isStarting() {
    return this.node.hasAttribute("aria-busy");
  }

  watchEnd() {
    // A little before the end comes into view, so that nobody waits for it.
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting) && !this.failed) this.loadMore();
      },
      { rootMargin: "600px 0px" },
    );
    watcher.observe(this.more);
    this.options.signal.addEventListener("abort", () => watcher.disconnect());
  }

  /** Begins anew, with so many items as were there before. */
  async start(wanted = AT_ONCE) {
    this.begun?.abort();
    const begun = new AbortController();
    this.begun = begun;
    // What it was is a place in another list, if the filter changed.
    this.next = null;
    const signal = AbortSignal.any([begun.signal, this.options.signal]);
    this.node.setAttribute("aria-busy", "true");
    if (this.items.length === 0) {
      this.options.shell.hidden = true;
      put(this.notice, skeleton());
    }
    try {
      const page = await this.options.load({
        cursor: null,
        limit: Math.min(AT_MOST, Math.max(AT_ONCE, wanted)),
        signal,
      });
      this.items = page.items;
      this.next = page.nextCursor;
      this.show();
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => this.start(wanted));
    } finally {
      if (this.begun === begun) this.node.removeAttribute("aria-busy");
    }
  }

  async loadMore() {
    if (this.loading || this.next === null) return;
    this.loading = true;
    this.more.textContent = "Loading…";
    const begun = this.begun;
    const signal = AbortSignal.any([begun.signal, this.options.signal]);
    try {
      const page = await this.options.load({ cursor: this.next, limit: 2 * AT_ONCE, signal });
      this.next = page.nextCursor;
      const known = new Set(this.items.map(this.options.key));
      this.items = [...this.items, ...page.items.filter((item) => !known.has(this.options.key(item)))];
      this.show();
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => this.loadMore());
    } finally {
      this.loading = false;
      this.more.textContent = "Load more";
    }
  }

  /**
   * Asks for the beginning again and merges it in. `whole`: items can go, too, so what is not told any more is dropped;
   * then `limit` must reach over all that is shown.
   */
  async refresh(limit = AT_ONCE, { whole = false } = {}) {
    if (this.loading || this.isStarting) return;
    const begun = this.begun;
    const signal = AbortSignal.any([begun.signal, this.options.signal]);
    const page = await this.options.load({ cursor: null, limit: Math.min(AT_MOST, limit), signal });
    if (signal.aborted || this.loading) return;
    const fresh = new Set(page.items.map(this.options.key));
    const meets = this.items.some((item) => fresh.has(this.options.key(item)));
    if (!meets || page.nextCursor === null || (whole && limit <= AT_MOST)) {
      // All there is, or more came than a page holds: what was known would leave a gap.
      this.items = page.items;
      this.next = page.nextCursor;
    } else {
      this.items = [...page.items, ...this.items.filter((item) => !fresh.has(this.options.key(item)))];
    }
    this.show();
  }

  /** Adds items at the end that are not there yet; for lists that begin with the oldest. */
  add(items) {
    const known = new Set(this.items.map(this.options.key));
    const fresh = items.filter((item) => !known.has(this.options.key(item)));
    if (fresh.length === 0) return;
    this.items = [...this.items, ...fresh];
    this.show();
  }

  show() {
    this.failed = false;
    const { container, shell, key, row, entries, whenEmpty, changed } = this.options;
    const shown = entries(this.items);
    const names = new Set(shown.map(key));
    // First, so that those that stay are where they are expected and need not be moved, which would cost them the focus.
    for (const [name, old] of this.rows) {
      if (!names.has(name)) old.node.remove();
    }
    const rows = new Map();
    let place = container.firstElementChild;
    for (const item of shown) {
      const name = key(item);
      const known = this.rows.get(name) ?? row(item);
      known.update?.(item);
      rows.set(name, known);
      if (known.node === place) place = place.nextElementSibling;
      else container.insertBefore(known.node, place);
    }
    this.rows = rows;
    shell.hidden = shown.length === 0;
    put(this.notice, shown.length === 0 ? whenEmpty() : null);
    this.more.hidden = this.next === null;
    changed?.(this);
  }

  fail(error, retry) {
    this.failed = true;
    put(
      this.notice,
      trouble(error, () => {
        this.failed = false;
        put(this.notice);
        retry();
      }),
    );
  }
}
