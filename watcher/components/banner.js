// <update-banner>: takes no place unless there is something to do.

import { Component } from "./component.js";
import { advisories, behind, command, remarks } from "./advice.js";
import { anchor, button, el, icon, version } from "./dom.js";
import { dismiss, hiding } from "./decisions.js";
import { openChangelog } from "./changelog.js";

export class UpdateBanner extends Component {
  view(face) {
    const { feed, language } = this;
    const shown = ["fix", "exposed", "update"].includes(face) && !hiding(feed);
    this.hidden = !shown;
    if (!shown) return this.closeDialog();
    const { state } = feed;
    const { words } = language;
    const title = language.say(face, version(state.latest));
    this.herald(face, language.line(face, version(state.latest)));
    const late = behind(feed, language);
    return el(
      "section",
      { part: "banner", "aria-labelledby": "headline" },
      icon(face),
      el(
        "div",
        { part: "content" },
        el(
          "p",
          { part: "headline", class: "flow" },
          el("strong", { part: "title", id: "headline" }, title),
          late && el("span", { part: "behind" }, late),
        ),
        advisories(feed, language),
        remarks(feed, language),
        el(
          "p",
          { part: "actions", class: "flow" },
          face !== "exposed" && [
            command(this),
            anchor("link", state.releaseUrl, words.link),
            button({ part: "button changes", onclick: () => openChangelog(this) }, words.changes),
          ],
        ),
      ),
      button({ part: "button dismiss", "aria-label": words.dismiss, onclick: (event) => this.dismiss(event) }, "×"),
    );
  }

  // Once for each thing there is to say; what is urgent interrupts.
  herald(face, text) {
    if (this.heralded === text) return;
    this.heralded = text;
    this.live.setAttribute("role", face === "update" ? "status" : "alert");
    this.announce(text);
  }

  // From the keyboard, the focus goes on to what follows, not back to the top of the page. A pointer moves no focus: on
  // a telephone, the keyboard would open.
  dismiss({ detail }) {
    const after = !detail && [...this.getRootNode().querySelectorAll("*")]
      .filter((one) => this.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING)
      .flatMap((one) => [one, ...(one.shadowRoot?.querySelectorAll("*") ?? [])])
      .find((one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility({ visibilityProperty: true }));
    dismiss(this.feed);
    if (after) after.focus({ preventScroll: true });
  }
}
