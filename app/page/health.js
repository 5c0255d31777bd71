// How the server is: asked every half a minute, said above every view when something is wrong.

import { reach } from "./api.js";
import { byId, el, oneLine, put } from "./dom.js";
import { count, duration, several } from "./format.js";
import { every } from "./live.js";

const LIVE_MS = 20_000;

/** Tells `changed` when there is news. */
export const health = new EventTarget();
/** The last answer of `/api/health`; `null` before the first. */
export let last = null;

const WHOLE = {
  ok: ["ok", "Everything works"],
  degraded: ["slow", "Events are accepted and kept; something else does not work"],
  migrating: ["slow", "The database is being brought up to date"],
  down: ["down", "Events cannot be accepted"],
};
const PART = {
  ok: "works",
  slow: "slow",
  full: "full",
  migrating: "being brought up to date",
  down: "does not work",
  off: "not used here",
};
const NAMES = { database: "Database", queue: "Queue", consumer: "Consumer", blobs: "Transcripts" };

/** Asks now. Open to everybody, so it tells nothing of who is signed in. */
export async function look() {
  const response = await reach("/api/health", { signal: AbortSignal.timeout(5000) });
  last = await response.json();
  show(last);
  health.dispatchEvent(new Event("changed"));
}

export function watchHealth(signal) {
  look().catch(() => {});
  every(LIVE_MS, look, signal);
}

function show(now) {
  const strip = byId("unwell");
  const [, words] = WHOLE[now.status] ?? ["down", oneLine(now.status)];
  const isUnwell = now.status !== "ok";
  const parts = Object.entries(now.checks ?? {}).filter(([, check]) => !["ok", "off"].includes(check.status));
  const told = parts.map(
    ([name, check]) => `${partName(name).toLowerCase()} ${PART[check.status] ?? oneLine(check.status)}`,
  );
  const text = `${words}: ${told.join(", ")}.`;
  if (isUnwell && strip.dataset.text !== text) put(strip, text, " ", el("a", { href: "/settings" }, "What to do"));
  strip.dataset.text = isUnwell ? text : "";
  strip.hidden = !isUnwell;
  const dead = now.checks?.consumer?.deadLetters ?? 0;
  const badge = byId("dead-count");
  badge.hidden = dead === 0;
  put(badge, count(dead));
}

const partName = (name) => NAMES[name] ?? oneLine(name, 40);

/** The list of parts for the settings. */
export function healthList(now) {
  const [kind, words] = WHOLE[now.status] ?? ["down", oneLine(now.status)];
  return [
    el(
      "p",
      { class: `standing-line state-${kind}`, id: "health-whole", "data-status": now.status },
      el("span", { class: "dot", "aria-hidden": "true" }),
      words,
    ),
    el(
      "ul",
      { id: "health", class: "parts" },
      inOrder(now.checks).map(([name, check]) => part(name, check)),
    ),
  ];
}

/** As events go through them; what is not known here comes last. */
function inOrder(checks = {}) {
  const names = Object.keys(NAMES);
  const rank = ([name]) => (names.includes(name) ? names.indexOf(name) : names.length);
  return Object.entries(checks).sort((one, other) => rank(one) - rank(other));
}

function part(name, check) {
  const kind = { ok: "ok", off: "off", slow: "slow", migrating: "slow" }[check.status] ?? "down";
  const waits =
    check.depth > 0 &&
    `${several(check.depth, "event")} waiting, the oldest for ${duration((check.lagSeconds ?? 0) * 1000)}`;
  const dead =
    check.deadLetters > 0 && el("a", { href: "/?view=dead-letters" }, several(check.deadLetters, "dead letter"));
  return el(
    "li",
    { class: `state-${kind}`, "data-part": name, "data-status": check.status },
    el("span", { class: "dot", "aria-hidden": "true" }),
    el(
      "div",
      {},
      el("p", {}, el("strong", {}, partName(name)), ` ${PART[check.status] ?? oneLine(check.status)}`),
      check.detail && el("p", { class: "sub" }, sentence(check.detail)),
      waits && el("p", { class: "sub" }, waits),
      dead && el("p", { class: "sub" }, dead),
    ),
  );
}

function sentence(text) {
  const shown = oneLine(text, 600);
  return `${shown.charAt(0).toUpperCase()}${shown.slice(1)}.`;
}
