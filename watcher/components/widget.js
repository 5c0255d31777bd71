// <version-widget>: what runs, what is newest, how sure that is, and what can be done about it.

import { Component } from "./component.js";
import { advisories, behind, command, remarks } from "./advice.js";
import { anchor, button, clean, el, icon, version } from "./dom.js";
import { faceOf } from "./face.js";
import { hide, hiding, show } from "./decisions.js";
import { openChangelog } from "./changelog.js";

// Others may come: what they mean then stands in their detail.
const REASONS = ["image_missing", "platform_missing", "registry_private", "cooling_down"];

export class VersionWidget extends Component {
  view(face) {
    const { feed, language } = this;
    const { state } = feed;
    if (!language || face === "loading") return this.skeleton();
    return el(
      "section",
      { part: "card", "aria-busy": this.busy && "true" },
      el("p", { part: "status" }, icon(face), el("strong", { part: "face" }, this.words(face))),
      state && [this.details(face), this.rows(), this.buttons(face)],
      !state && face === "away" && el("p", { part: "buttons", class: "flow" }, this.checkButton()),
    );
  }

  skeleton() {
    const said = el("strong", { part: "face" }, this.language?.words.loading);
    return el("section", { part: "card", "aria-busy": "true" }, el("p", { part: "status" }, icon("pending"), said));
  }

  // What this face says.
  words(face) {
    const { language, feed: { state } } = this;
    if (face === "update" || face === "fix") return language.say(face, version(state.latest));
    if (face === "pending") return this.pending();
    if (face === "stale") return this.stale();
    return language.say(face);
  }

  pending() {
    const { reason, detail, version: name } = this.state.pending;
    const key = REASONS.includes(reason) ? reason : "pending";
    return el("span", { title: clean(detail) }, this.language.say(key, version(name)));
  }

  stale() {
    const { lastChecked, error } = this.state;
    const time = this.language.time(lastChecked ?? error?.since);
    return time ? this.language.say("stale", time) : this.language.say("unknown");
  }

  details(face) {
    const { feed, language } = this;
    const { state } = feed;
    const note = (text) => text && el("p", { part: "note" }, text);
    return [
      state.pending?.version && face !== "pending" && note(this.pending()),
      state.pending && !REASONS.includes(state.pending.reason) && note(clean(state.pending.detail)),
      state.status === "stale" && face !== "stale" && note(this.stale()),
      advisories(feed, language),
      remarks(feed, language),
      face !== "off" && note(state.error && el("bdi", {}, clean(state.error.message))),
      (face === "update" || face === "fix") && el(
        "p",
        { part: "actions", class: "flow" },
        command(this),
        anchor("link", state.releaseUrl, language.words.link),
      ),
    ];
  }

  rows() {
    const { feed, language } = this;
    const { state } = feed;
    const late = behind(feed, language);
    const row = (key, ...value) => el(
      "div",
      { part: "row" },
      el("dt", { part: "label" }, language.words[key]),
      el("dd", { part: "value", class: "flow" }, ...value),
    );
    const known = (text) => (text ? el("bdi", { title: clean(text, 64) }, version(text)) : "–");
    return el(
      "dl",
      { part: "rows" },
      row("current", known(state.current)),
      row("latest", known(state.latest), late && el("span", { part: "behind" }, late)),
      row("checked", language.time(state.lastChecked) ?? language.words.never),
    );
  }

  button(part, key, onclick, value, more) {
    return button({ part: "button " + part, onclick, ...more }, this.language.say(key, value));
  }

  checkButton() {
    // Not `disabled`: that would take the focus away from it.
    const held = this.busy || this.until > Date.now();
    const more = { "aria-disabled": held && "true", "aria-busy": this.busy && "true" };
    return this.button("check", this.busy ? "checking" : "check", () => held || this.check(), "", more);
  }

  buttons(face) {
    const { feed, language } = this;
    const hidden = hiding(feed);
    const date = hidden?.until && language.date(hidden.until, { dateStyle: "medium" });
    const [part, said] = date ? ["snooze show", "snoozed"] : ["skip show", "skipped"];
    return [
      el(
        "p",
        { part: "buttons", class: "flow" },
        face !== "off" && this.checkButton(),
        feed.state.latest && this.button("changelog", "changelog", () => openChangelog(this)),
        hidden && this.button(part, said, () => this.undo(), date),
        face === "update" && !hidden && [
          this.button("skip", "skip", () => this.decide()),
          this.button("snooze", "snooze", () => this.decide(7)),
        ],
      ),
      this.outcome(),
    ];
  }

  outcome() {
    // What was said of another state is not said any more.
    if (this.about !== this.subject()) this.said = undefined;
    if (this.until > Date.now()) this.said = this.language.line("wait", this.language.relative(this.until));
    else if (this.until) this.said = this.until = undefined;
    if (this.until) this.again(1e3);
    return this.said && el("p", { part: "outcome" }, this.said);
  }

  // Counts down what the outcome says.
  again(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.render(), delay);
  }

  subject() {
    return faceOf(this.feed) + this.state?.latest;
  }

  tell(text) {
    this.said = text;
    this.about = this.subject();
    this.render();
    this.announce(text);
  }

  async check() {
    this.busy = true;
    this.until = undefined;
    this.tell("");
    this.announce(this.language.words.checking);
    const answer = await this.outcomeOf(this.state);
    this.busy = false;
    const seconds = answer?.forced === false && answer.retryAfterSeconds;
    if (seconds > 0) {
      this.until = Date.now() + seconds * 1e3;
      this.tell(this.language.line("wait", this.language.relative(this.until)));
      return;
    }
    const face = faceOf(this.feed);
    const moved = answer && face === "good" ? this.language.words.found : this.words(face);
    this.tell(el("p", {}, answer === null ? this.stale() : moved).textContent);
  }

  // What became of the check: the answer to it; nothing if none came; `null` if it goes on for too long. An answer
  // may be older than the check, which then goes on upstream.
  async outcomeOf(before) {
    let answer = await this.feed.refresh({ force: "true" });
    for (let left = 15; answer && !settled(answer, before); left--) {
      if (!left) return null;
      await new Promise((done) => setTimeout(done, 1e3));
      answer = await this.feed.refresh();
    }
    return answer;
  }

  async decide(days) {
    const shared = await hide(this.feed, days);
    this.tell(shared ? "" : this.language.words.here);
  }

  async undo() {
    const done = await show(this.feed);
    this.tell(done ? "" : this.language.words.refused);
  }
}

function settled(answer, before) {
  if (answer.forced !== false || answer.retryAfterSeconds > 0) return true;
  return answer.lastAttempt !== before?.lastAttempt || answer.lastChecked !== before?.lastChecked;
}
