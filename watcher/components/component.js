// What both elements are: something that shows a feed, in the language and the colours of its place.

import { el, morph } from "./dom.js";
import { faceOf } from "./face.js";
import { feedOf } from "./feed.js";
import { languageOf } from "./language.js";
import { onDecision } from "./decisions.js";
import sheet from "./style.css" with { type: "css" };

const present = new Set();

export class Component extends HTMLElement {
  static observedAttributes = ["src", "lang"];

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    this.body = el("div", {});
    this.live = el("p", { part: "live", role: "status" });
    shadow.append(this.body, this.live);
    this.changed = (news) => {
      this.render();
      if (!news) return;
      const about = { bubbles: true, composed: true, detail: this.feed[news] };
      this.dispatchEvent(new CustomEvent("sidewatch-" + news, about));
    };
  }

  get state() {
    return this.feed?.state;
  }

  connectedCallback() {
    present.add(this);
    this.follow();
  }

  disconnectedCallback() {
    present.delete(this);
    this.feed.leave(this.changed);
    this.closeDialog();
  }

  attributeChangedCallback() {
    if (this.isConnected) this.follow();
  }

  follow() {
    const feed = feedOf(this.getAttribute("src") || "/api/version");
    if (this.feed !== feed) this.feed?.leave(this.changed);
    this.feed = feed;
    feed.watch(this.changed);
    this.render();
  }

  render() {
    if (!this.isConnected) return;
    const language = languageOf(this, () => this.render());
    const face = language ? faceOf(this.feed) : "loading";
    this.language = language;
    // A page that does not say which colour scheme it has gets the reader's.
    const { colorScheme } = getComputedStyle(this);
    const about = {
      class: colorScheme === "normal" ? "root both" : "root",
      "data-face": face,
      lang: language?.code,
      dir: language?.direction,
    };
    morph(this.body, el("div", about, this.view(face)));
  }

  // Said to those who do not see it: after the region is there, or it is not heard.
  announce(text) {
    this.live.textContent = "";
    setTimeout(() => (this.live.textContent = text), 100);
  }

  closeDialog() {
    this.shadowRoot.querySelector("dialog")?.close();
  }
}

const renderAll = () => present.forEach((component) => component.render());
new MutationObserver(renderAll).observe(document.documentElement, { attributeFilter: ["lang", "class", "style"] });
addEventListener("storage", (event) => present.forEach((component) => onDecision(component.feed, event)));
