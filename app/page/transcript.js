// The panel that shows a transcript: raw lines with numbers, or the messages of an agent; with search.

import { request, sessionPath } from "./api.js";
import { command, copyButton } from "./clipboard.js";
import { el, lines as clean, put, say } from "./dom.js";
import { bytes, count, several } from "./format.js";
import { areMessages } from "./messages.js";
import { empty, trouble } from "./notice.js";
import { MeasuredHeights, SameHeights } from "./row-heights.js";
import { TranscriptLines } from "./transcript-lines.js";
import { LONGEST_LINE, LONGEST_PART, TranscriptRows } from "./transcript-rows.js";
import { Search } from "./transcript-search.js";
import { VirtualList } from "./virtual-list.js";

/** More than this is for a file. */
const MOST_COPIED = 32 << 20;
export function transcriptPanel({ session, signal }) {
  const node = el("section", { id: "transcript", "aria-label": "Transcript" });
  if (session.transcript === null) {
    put(node, noTranscript(session));
    return { node, memory: () => ({}) };
  }
  let begun = null;
  const begin = () => {
    // The one before listens no more.
    begun?.abort();
    begun = new AbortController();
    return new Panel(node, session, AbortSignal.any([begun.signal, signal]), begin).load();
  };
  return { node, ready: begin(), memory: () => ({}) };
}

class Panel {
  constructor(node, session, signal, again) {
    this.session = session;
    this.signal = signal;
    this.again = again;
    this.node = node;
    this.source = new TranscriptLines();
    this.search = new Search(this.source.lines, () => this.showHits());
    this.wrap = false;
    this.readable = null;
    this.rows = new TranscriptRows(this.source.lines, this.search, () => this.list.again());
    this.list = new VirtualList({
      id: "transcript-lines",
      label: "Transcript, scrollable",
      signal,
      heights: new SameHeights(20),
      row: (index) => (this.readable ? this.rows.message(index) : this.rows.line(index)),
    });
    this.list.resized = () => this.resized();
    this.progress = el("progress", {
      max: session.transcript.bytes,
      value: 0,
      "aria-label": "Loading the transcript",
    });
    this.status = el("p", { id: "transcript-status", class: "muted" });
    this.notice = el("div", {});
    put(
      node,
      this.toolbar(),
      this.notice,
      this.list.node,
      el("div", { class: "transcript-foot" }, this.status, this.progress),
    );
  }

  toolbar() {
    const button = (id, label, press, attributes = {}) =>
      el("button", { type: "button", id, class: "quiet", onclick: press, ...attributes }, label);
    this.field = el("input", {
      id: "find",
      type: "search",
      placeholder: "Search  /",
      "aria-label": "Search the transcript",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.search.look(this.field.value),
      onkeydown: (event) => this.fieldKey(event),
    });
    this.hits = el("span", { id: "find-count", role: "status" });
    const toggle = (id, label, press) => button(id, label, press, { "aria-pressed": "false" });
    this.wrapButton = toggle("wrap", "Wrap", () => this.setWrap(!this.wrap));
    this.readableButton = toggle("readable", "Readable", () => this.setReadable(!this.readable));
    this.readableButton.hidden = true;
    addEventListener("keydown", (event) => this.pageKey(event), { signal: this.signal });
    const path = `${sessionPath(this.session.id)}/transcript`;
    return el(
      "div",
      { class: "toolbar", role: "group", "aria-label": "Transcript tools" },
      el(
        "span",
        { class: "find" },
        this.field,
        button("find-previous", "↑", () => this.step(-1), { "aria-label": "Previous match" }),
        button("find-next", "↓", () => this.step(1), { "aria-label": "Next match" }),
        this.hits,
      ),
      el(
        "span",
        { class: "toolbar-rest" },
        this.readableButton,
        this.wrapButton,
        button("to-start", "Start", () => this.list.reveal(0, 0)),
        button("to-end", "End", () => this.list.toEnd()),
        this.session.transcript.bytes <= MOST_COPIED &&
          copyButton(() => this.source.lines.join("\n"), { id: "copy-transcript", name: "Copy the transcript" }),
        el("a", { id: "download", class: "button quiet", href: path, download: "" }, "Download"),
      ),
    );
  }

  async load() {
    try {
      const path = `${sessionPath(this.session.id)}/transcript`;
      const response = await request(path, { signal: this.signal, deadline: null });
      await this.source.read(response, { signal: this.signal, grown: () => this.grown() });
    } catch (error) {
      if (!this.signal.aborted) put(this.node, trouble(error, this.again));
    }
  }

  grown() {
    const { source } = this;
    if (this.readable === null && (source.lines.length > 30 || source.state !== "reading")) this.decide();
    this.list.node.style.setProperty("--digits", String(source.lines.length).length);
    this.list.grow(source.lines.length);
    this.progress.value = source.bytes;
    this.progress.hidden = source.state !== "reading";
    const sofar = source.state === "reading" ? " so far" : "";
    this.status.textContent = `${several(source.lines.length, "line")} · ${bytes(source.bytes)}${sofar}`;
    this.search.go();
    if (source.state === "broken") this.sayBroken();
    if (source.state === "whole") say(`Transcript loaded, ${several(source.lines.length, "line")}`);
  }

  /** What kind of text it is, once enough of it is there. */
  decide() {
    this.measure();
    if (this.source.binary) {
      const words = "This does not look like text. Download it to open it with the program that wrote it.";
      put(this.notice, el("div", { class: "notice" }, el("p", {}, words)));
    }
    if (this.source.bytes === 0) put(this.notice, empty("The transcript is empty"));
    const messages = areMessages(this.session.transcript.contentType, this.source.lines);
    this.readableButton.hidden = !messages;
    this.setReadable(messages);
  }

  sayBroken() {
    const came = `${bytes(this.source.bytes)} of ${bytes(this.session.transcript.bytes)}`;
    const words = `The transcript ended early: ${came} came, and what came is shown. If it happens again, what is kept is damaged: upload it again.`;
    put(this.notice, trouble(new Error(words), this.again));
  }

  /** The size of a letter of these lines, as the style has it. */
  measure() {
    const probe = put(el("div", { class: "line" }), el("span", { class: "line-text" }, "0".repeat(100)));
    this.list.window.append(probe);
    this.lineHeight = probe.getBoundingClientRect().height || 20;
    this.letter = probe.firstElementChild.getBoundingClientRect().width / 100 || 8;
    probe.remove();
    this.width = this.list.node.clientWidth;
  }

  lay() {
    const { source } = this;
    this.list.node.classList.toggle("wrapped", this.wrap);
    this.list.node.classList.toggle("messages", this.readable === true);
    const columns = Math.max(20, Math.floor(this.width / this.letter) - 2);
    const guessLine = (index) =>
      Math.max(1, Math.ceil(Math.min(LONGEST_LINE, source.lines[index].length) / (columns - 8))) * this.lineHeight;
    const guessMessage = (index) =>
      48 + Math.ceil(Math.min(LONGEST_PART, source.lines[index].length) / columns) * this.lineHeight;
    const heights = this.readable
      ? new MeasuredHeights(guessMessage)
      : this.wrap
        ? new MeasuredHeights(guessLine)
        : new SameHeights(this.lineHeight);
    this.list.lay(heights, source.lines.length);
  }

  resized() {
    if (this.lineHeight === undefined) return;
    const before = this.width;
    this.measure();
    if (before !== this.width && (this.wrap || this.readable)) this.lay();
    else this.list.grow(this.source.lines.length);
  }

  setWrap(wrap) {
    this.wrap = wrap;
    this.wrapButton.setAttribute("aria-pressed", wrap);
    this.lay();
  }

  setReadable(readable) {
    this.readable = readable;
    this.readableButton.setAttribute("aria-pressed", readable);
    this.wrapButton.disabled = readable;
    this.lay();
  }

  step(direction) {
    const line = this.search.step(direction, this.list.first);
    if (line === null) return;
    this.list.again();
    this.list.reveal(line);
    this.showHits();
  }

  showHits() {
    const { search } = this;
    const many = `${count(search.hits.length)}${search.isFull ? "+" : ""}`;
    const found =
      search.current < 0
        ? `${many} ${search.hits.length === 1 ? "line" : "lines"}`
        : `${count(search.current + 1)} of ${many}`;
    const text =
      search.text === ""
        ? ""
        : search.hits.length === 0 && search.isDone
          ? "Not found"
          : `${found}${search.isDone ? "" : "…"}`;
    if (this.hits.textContent !== text) this.hits.textContent = text;
    if (this.shownPattern !== search.pattern) {
      this.shownPattern = search.pattern;
      this.list.again();
    }
  }

  fieldKey(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.field.value = "";
      this.search.look("");
      this.list.node.focus();
    }
  }

  /** `/` leads into the search, unless somebody types. */
  pageKey(event) {
    const types = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || types) return;
    event.preventDefault();
    this.field.focus();
    this.field.select();
  }
}

function noTranscript(session) {
  const upload = [
    `curl -T transcript.jsonl ${location.origin}${sessionPath(session.id)}/transcript`,
    `-H "Authorization: Bearer $API_KEY"`,
    `-H "Content-Type: application/jsonl"`,
  ].join(" \\\n  ");
  return empty(
    "No transcript",
    el("p", {}, "The hook of Claude Code uploads it when the session ends. By hand:"),
    command(upload, "A command that uploads a transcript"),
  );
}
