// "What changed": everything between the running version and the latest one, in a dialog.

import { anchor, button, clean, el, objects, version } from "./dom.js";
import { request } from "./feed.js";
import { notes } from "./notes.js";

export function openChangelog({ feed, language, shadowRoot, body }) {
  const { words } = language;
  const { state } = feed;
  const steps = [state.current, state.latest].map(version).filter((name) => name);
  const list = el("div", { part: "entries", tabindex: 0, role: "group", "aria-labelledby": "title" });
  const dialog = el(
    "dialog",
    { part: "dialog", "aria-labelledby": "title", class: body.className, lang: body.lang, dir: body.dir },
    el("h2", { part: "dialog-title", id: "title" }, language.say("title", [...new Set(steps)].join(" → "))),
    button({ part: "button close", "aria-label": words.close, onclick: () => dialog.close() }, "×"),
    list,
  );
  // A click beside it lands on the dialog itself.
  dialog.onclick = ({ target }) => target === dialog && dialog.close();
  dialog.onclose = () => dialog.remove();
  shadowRoot.append(dialog);
  dialog.showModal();
  fill(feed, language, list, 1);
}

async function fill(feed, language, list, page) {
  const { words } = language;
  const note = (...text) => el("p", { part: "note", role: "status" }, ...text);
  list.lastChild?.remove();
  list.append(note(words.loading));
  const { body } = await request(feed.at("changelog", { page }));
  list.lastChild.remove();
  const { entries, nextPage, complete, url } = body || {};
  const found = objects(entries);
  const { latest, releaseUrl, releaseNotes, releaseNotesHtml } = feed.state ?? {};
  if (!body) list.append(note(words.failed));
  // The notes of the latest version came with the state.
  if (page === 1 && !found.length) {
    found.push({ version: latest, url: releaseUrl, notes: releaseNotes, notesHtml: releaseNotesHtml });
  }
  const shown = found.map((one) => entry(one, language));
  list.append(...shown);
  if (page > 1) (shown[0] ?? list).focus();
  const further = anchor("link", url ?? releaseUrl, words.link);
  if (complete === false && !nextPage) list.append(note(words.partial, ". ", further));
  const next = nextPage ?? (!body && page > 1 && page);
  if (next) {
    const more = () => fill(feed, language, list, next);
    list.append(button({ part: "button more", onclick: more }, words.more));
  }
}

function entry(one, language) {
  const { words } = language;
  const name = version(one.version);
  const title = clean(one.title);
  const time = Date.parse(one.publishedAt);
  const marks = ["breaking", "security", "prerelease"].filter((mark) => one[mark] === true);
  return el(
    "section",
    { part: "entry", tabindex: -1 },
    el("h3", { part: "version" }, anchor("link", one.url, name) || name),
    time && el("time", { datetime: new Date(time).toISOString() }, language.date(time, { dateStyle: "medium" })),
    marks.map((mark) => el("span", { part: "badge " + mark }, words[mark])),
    title && version(title) !== name && title !== name && el("p", { part: "entry-title" }, el("bdi", {}, title)),
    text(one) || (!title && el("p", { part: "note" }, words.empty)),
  );
}

function text({ notes: markdown, notesHtml }) {
  if (typeof notesHtml === "string" && notesHtml) return notes(notesHtml);
  return typeof markdown === "string" && el("pre", { part: "notes" }, clean(markdown, 1e5));
}
