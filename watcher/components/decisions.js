// What people decided: on the server, which tells everybody, or else in this browser. It is noted here first, so
// that nothing waits for the server, and forgotten here as soon as the server holds it.

import { faceOf } from "./face.js";

const DAY = 864e5;
// For browsers that refuse to store anything.
const kept = {};

function keep(feed, note) {
  kept[feed.key] = note;
  try {
    if (note) localStorage.setItem(feed.key, JSON.stringify(note));
    else localStorage.removeItem(feed.key);
  } catch {}
  feed.tell();
}

function recall(feed) {
  try {
    return JSON.parse(localStorage.getItem(feed.key)) ?? kept[feed.key];
  } catch {
    return kept[feed.key];
  }
}

// What a decision is about: a newer version is not hidden by it, and what becomes urgent is not either.
function subject(feed) {
  const face = faceOf(feed);
  const urgent = face === "fix" || face === "exposed";
  return { version: face === "exposed" ? feed.state.current : feed.state.latest, urgent };
}

// The decision that hides this state, if there is one. A security fix outranks what is shared, whoever kept it; where
// no fix is to be had yet, nobody sleeps on it for longer than a day.
export function hiding(feed) {
  const { state } = feed;
  const { version, urgent } = subject(feed);
  if (!urgent && state.skipped && state.skipped === state.latest) return {};
  const until = Date.parse(state.snoozedUntil);
  const longest = { fix: 0, exposed: DAY }[faceOf(feed)] ?? Infinity;
  if (until > Date.now() && until - Date.now() <= longest) return { until };
  const note = recall(feed);
  const holds = note && note.version === version && note.urgent === urgent && !(note.until <= Date.now());
  if (holds) return note;
}

// Hides this version, for so many days or for good; resolves to whether everybody's browser knows.
export async function hide(feed, days) {
  const { latest } = feed.state;
  const until = days ? Date.now() + days * DAY : undefined;
  keep(feed, { ...subject(feed), until });
  // No server holds a security fix back.
  if (faceOf(feed) === "fix") return false;
  const decision = days ? { until: new Date(until).toISOString() } : { version: latest };
  const answer = await feed.decide(days ? "snooze" : "skip", "POST", decision);
  const shared = Boolean(answer && (days ? answer.snoozedUntil : answer.skipped === latest));
  if (shared) keep(feed, null);
  return shared;
}

// × hides a version for good, but what is urgent only until the next day.
export function dismiss(feed) {
  return hide(feed, subject(feed).urgent ? 1 : 0);
}

export async function show(feed) {
  const { skipped, snoozedUntil } = feed.state;
  keep(feed, null);
  const done = [!skipped || feed.decide("skip", "DELETE"), !snoozedUntil || feed.decide("snooze", "DELETE")];
  return (await Promise.all(done)).every((one) => one);
}

// Another tab decided.
export function onDecision(feed, { key }) {
  if (key !== feed.key) return;
  delete kept[key];
  feed.tell();
}
