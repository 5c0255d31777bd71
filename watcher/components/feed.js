// What the watcher tells, asked once for all elements of a page that name the same source: the state, then every
// change as it happens. Only while the page is seen: browsers allow six connections to a host, for all tabs together.

import { safe } from "./dom.js";

const MINUTE = 6e4;
// The one source of this page that has a stream. Others are asked every few minutes: streams would leave no connection
// for anything else, not even for loading the next page.
let streaming;
const feeds = {};

export function feedOf(source) {
  const address = URL.canParse(source, document.baseURI) ? new URL(source, document.baseURI).href : "about:invalid";
  return (feeds[address] ??= new Feed(address));
}

class Feed {
  #listeners = new Set();
  #tries = 0;
  #round = 0;
  #received = 0;
  #news = 0;

  constructor(address) {
    this.address = address;
    this.key = "sidewatch:" + address;
    document.addEventListener("visibilitychange", () => this.#wake());
  }

  // The address of what belongs to the source, with the source's own query: `/api/version/skip?target=x`.
  at(name, query) {
    const url = new URL(this.address);
    if (name === "changelog") url.pathname = new URL(name, url).pathname;
    else if (name) url.pathname += "/" + name;
    for (const key in query) url.searchParams.set(key, query[key]);
    return url;
  }

  watch(listener) {
    if (this.#listeners.has(listener)) return;
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#wake();
  }

  leave(listener) {
    this.#listeners.delete(listener);
    if (!this.#listeners.size) this.#sleep();
  }

  // What is new: "state", "problem", or nothing but the time. One that fails leaves the others alone.
  tell(news) {
    for (const listener of [...this.#listeners]) {
      try {
        listener(news);
      } catch (error) {
        reportError(error);
      }
    }
  }

  #sleep() {
    this.#round++;
    this.#close();
    clearTimeout(this.#later);
    clearInterval(this.#beat);
  }

  #asking;
  #stream;
  #later;
  #beat;

  #close() {
    if (streaming === this) streaming = undefined;
    this.#stream?.close();
    this.#stream = undefined;
  }

  // How old the state is; the clock may have been put back.
  get #age() {
    return Math.abs(Date.now() - this.#received);
  }

  #wake() {
    this.#sleep();
    if (document.hidden || !this.#listeners.size) return;
    this.#beat = setInterval(() => this.#tick(), MINUTE);
    this.#follow(this.#age < MINUTE);
  }

  // Times that are told change each minute; and a stream may be held back on its way without anybody's knowledge.
  #tick() {
    this.tell();
    if (this.problem || this.#age > 5 * MINUTE) this.refresh();
  }

  async #follow(fresh) {
    const round = this.#round;
    if (!fresh) await this.refresh();
    if (round !== this.#round) return;
    if (this.problem) return this.#retry();
    if (streaming) return;
    streaming = this;
    const opened = Date.now();
    this.#stream = new EventSource(this.at("stream"));
    this.#stream.addEventListener("version", ({ data }) => this.#read(data));
    // A refused stream and a broken one look the same. Both are tried again ever more seldom, asking for the state
    // each time: where there is no stream, that is polling.
    this.#stream.onerror = () => {
      this.#close();
      if (Date.now() - opened > MINUTE) this.#tries = 0;
      this.#retry();
    };
  }

  #retry() {
    const delay = Math.min(2e3 * 2 ** this.#tries++, 5 * MINUTE);
    this.#later = setTimeout(() => this.#follow(), delay * (0.75 + Math.random() / 2));
  }

  #read(text) {
    try {
      const state = JSON.parse(text);
      if (typeof state !== "object" || !state) return;
      this.#accept(state);
      this.#news++;
    } catch {
      // What is not understood now is asked for with the next beat.
    }
  }

  #accept(state) {
    this.#received = Date.now();
    this.state = state;
    this.problem = undefined;
    this.tell("state");
  }

  // Who asks while an answer is under way waits for the same one.
  refresh(query) {
    if (query) return this.#ask(query);
    return (this.#asking ??= this.#ask().finally(() => (this.#asking = undefined)));
  }

  async #ask(query) {
    const news = this.#news;
    const { status, body } = await request(this.at("", query));
    if (body) {
      // What the stream told meanwhile is newer.
      if (news === this.#news) this.#accept(body);
      return body;
    }
    this.problem = status === 401 ? "signin" : "away";
    if (status === 401) this.state = undefined;
    this.tell("problem");
  }

  // A decision; the answer is the state with it.
  async decide(name, method, decision) {
    const headers = { "content-type": "application/json" };
    const { body } = await request(this.at(name), { method, headers, body: JSON.stringify(decision) });
    if (body) this.#accept(body);
    return body;
  }
}

export async function request(address, options) {
  if (!safe(address)) return {};
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(15e3), ...options });
    const body = answer.ok && (await answer.json());
    return { status: answer.status, body: typeof body === "object" && body };
  } catch {
    return {};
  }
}
