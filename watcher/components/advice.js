// What banner and widget tell alike: how urgent it is, and what to type.

import { anchor, button, clean, el, objects, version } from "./dom.js";

// Advisories that are named one by one.
const MOST = 5;

// "2 releases behind, 12 days"
export function behind({ state }, language) {
  const { releases, commits, days } = state.behind ?? {};
  return language.list([
    releases > 0 && language.count("releases", releases),
    commits > 0 && language.count("commits", commits),
    days > 0 && language.days(days),
  ]);
}

export function advisories({ state }, language) {
  const found = state.security?.affected === true ? objects(state.security.advisories) : [];
  const more = found.length > MOST && el("p", { part: "note" }, "+" + (found.length - MOST));
  return [found.slice(0, MOST).map((one) => advisory(one, language)), more];
}

function advisory({ id, url, severity, summary }, language) {
  const name = clean(id, 64);
  const degree = clean(language.words[severity] ?? severity, 20);
  const title = anchor("link", url, name) || name;
  return el("p", { part: "advisory" }, title, degree && " (" + degree + ")", " ", el("bdi", {}, clean(summary)));
}

// What to know before, one line each.
export function remarks({ state }, language) {
  const { nextHop, withdrawn, movedTo, security } = state;
  const helpless = state.updateAvailable === true && security?.affected === true && security.latestAffected === true;
  return [
    helpless && language.say("exposed"),
    nextHop && [language.say("hop", version(nextHop.version)), ". ", el("bdi", {}, clean(nextHop.reason))],
    withdrawn && language.say("withdrawn", version(withdrawn.version)),
    movedTo && language.say("moved", clean(movedTo)),
  ].filter((line) => line).map((line) => el("p", { part: "note" }, line));
}

export function command(component) {
  const { feed, language } = component;
  const { how, command } = feed.state.upgrade ?? {};
  if (how === "railway") return el("span", { part: "note" }, language.say("railway"));
  const text = clean(command);
  if (!text) return;
  const said = language.words[component.copied ? "copied" : "copy"];
  return el(
    "span",
    { part: "upgrade", class: "flow" },
    el("code", { part: "command", dir: "ltr" }, text),
    button({ part: "button copy", onclick: () => copy(component, text) }, said),
  );
}

async function copy(component, text) {
  // Selected as well: without HTTPS there is no clipboard, and the old way copies what is selected.
  getSelection().selectAllChildren(component.shadowRoot.querySelector("code"));
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  if (!done && !document.execCommand("copy")) return;
  component.announce(component.language.words.copied);
  component.copied = true;
  component.render();
  setTimeout(() => {
    component.copied = false;
    component.render();
  }, 2e3);
}
