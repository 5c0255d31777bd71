// The list of sessions.

import { page } from "./api.js";
import { command } from "./clipboard.js";
import { el, named, oneLine, put } from "./dom.js";
import { filterForm, forServer, fromAddress, isSet } from "./filters.js";
import { bytes, compact, count, dollars, duration, several, when } from "./format.js";
import { every } from "./live.js";
import { empty } from "./notice.js";
import { PagedList } from "./paged-list.js";
import { note, sessionAddress } from "./place.js";

const TYPES = [
  ["session.prompt", "Prompts"],
  ["session.tool_use", "Tool uses"],
  ["git.commit", "Commits"],
  ["session.end", "An end"],
];
const COLUMNS = ["Session", "Model", "Started", "Duration", "Prompts", "Tools", "Commits", "Tokens", "Cost"];
/** A session without an end that was silent for so long was left open. */
const SILENT_MS = 15 * 60_000;
const LIVE_MS = 4000;
/** Each so many looks at the newest ones, one look at all that are shown. */
const ALL_EVERY = 8;

export function openSessions({ outlet, place, restore, signal }) {
  let filters = fromAddress(place.query);
  const body = el("tbody", { role: "rowgroup" });
  const table = tableOf(body);
  const totals = el("p", { id: "totals", class: "muted" });
  const list = new PagedList({
    container: body,
    shell: table,
    row: sessionRow,
    signal,
    load: ({ cursor, limit, signal: stop }) =>
      page("/api/sessions", forServer(filters), { cursor, limit, signal: stop }),
    whenEmpty: () => (isSet(filters) ? nothingFound() : nothingYet()),
    changed: () => put(totals, sum(list)),
  });
  const form = filterForm({
    filters,
    types: TYPES,
    label: "With",
    signal,
    changed: (told) => {
      filters = told;
      note({ ...filters });
      list.start();
    },
  });
  put(outlet, el("div", { class: "heading" }, el("h1", {}, "Sessions"), totals), form, list.node);
  const started = list.start(restore.loaded);
  let looks = 0;
  every(
    LIVE_MS,
    () => {
      looks += 1;
      return list.refresh(looks % ALL_EVERY === 0 ? list.items.length : undefined);
    },
    signal,
  );
  return { title: "Sessions", ready: started, memory: () => ({ loaded: list.items.length }) };
}

function tableOf(body) {
  const heads = COLUMNS.map((name) => el("th", { role: "columnheader", scope: "col" }, name));
  return el(
    "table",
    { id: "sessions", class: "cards", role: "table", "aria-label": "Sessions" },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads)),
    body,
  );
}

/** How a session stands, in a word and for the style. */
export function standing(session, now = Date.now()) {
  if (session.endedAt !== null) return "ended";
  return now - Date.parse(session.lastEventAt) < SILENT_MS ? "running" : "open";
}

/** How long it took, or takes until now. */
export function lasting(session) {
  const begin = Date.parse(session.startedAt ?? session.firstEventAt);
  const state = standing(session);
  const end =
    state === "ended"
      ? Date.parse(session.endedAt)
      : state === "running"
        ? Date.now()
        : Date.parse(session.lastEventAt);
  return duration(end - begin);
}

export const allTokens = (session) =>
  session.inputTokens + session.outputTokens + session.cacheReadTokens + session.cacheWriteTokens;

export const tokenWords = (session) =>
  [
    `${count(session.inputTokens)} in`,
    `${count(session.outputTokens)} out`,
    `${count(session.cacheReadTokens)} read from the cache`,
    `${count(session.cacheWriteTokens)} written to it`,
  ].join(", ");

/** Enough of a long id to tell it from others by eye. */
const shortId = (id) => (id.length > 20 ? `${oneLine(id, 12).slice(0, 8)}…` : oneLine(id));

/** A dot and words. */
export function standingMark(session) {
  const state = standing(session);
  if (state === "ended") return el("span", { class: "standing" }, lasting(session));
  const words = state === "running" ? "running" : "left open";
  return el(
    "span",
    { class: `standing standing-${state}` },
    el("span", { class: "dot", "aria-hidden": "true" }),
    `${words} · ${lasting(session)}`,
  );
}

function sessionRow(session) {
  const cells = COLUMNS.map((name, index) =>
    el(index === 0 ? "th" : "td", {
      role: index === 0 ? "rowheader" : "cell",
      scope: index === 0 ? "row" : null,
      "data-label": name,
      class: index > 3 ? "number" : null,
    }),
  );
  const row = el("tr", { role: "row", "data-session": session.id }, cells);
  let shown = "";
  const update = (next) => {
    const words = [JSON.stringify(next), standing(next), lasting(next)].join();
    if (words === shown) return;
    shown = words;
    fillRow(cells, next);
  };
  return { node: row, update };
}

function fillRow([first, model, started, lasts, prompts, tools, commits, tokens, cost], session) {
  const known = first.querySelector("a");
  const link = known ?? el("a", { href: sessionAddress(session.id), class: "row-link" });
  put(link, named(session.workspace, "No workspace"));
  if (!known) first.append(link, el("span", { class: "sub" }));
  put(
    first.querySelector(".sub"),
    el("code", { title: oneLine(session.id) }, shortId(session.id)),
    session.device !== null && [" · ", named(session.device)],
    session.transcript !== null &&
      el("span", { class: "tag", title: `Transcript, ${bytes(session.transcript.bytes)}` }, "transcript"),
  );
  put(model, named(session.model));
  model.title = session.model === null ? "" : oneLine(session.model);
  put(started, when(session.startedAt ?? session.firstEventAt));
  put(lasts, standingMark(session));
  put(prompts, count(session.prompts));
  put(tools, count(session.toolUses));
  put(commits, count(session.commits));
  put(tokens, el("span", { title: tokenWords(session) }, compact(allTokens(session))));
  put(cost, dollars(session.costUsd));
}

function sum({ items, next }) {
  if (items.length === 0) return null;
  const total = (of) => items.reduce((all, session) => all + of(session), 0);
  const running = items.filter((session) => standing(session) === "running").length;
  return [
    next === null ? several(items.length, "session") : `The newest ${count(items.length)} sessions`,
    running > 0 && `${running} running`,
    several(
      total((session) => session.prompts),
      "prompt",
    ),
    several(
      total((session) => session.commits),
      "commit",
    ),
    `${compact(total(allTokens))} tokens`,
    dollars(total((session) => session.costUsd)),
  ]
    .filter(Boolean)
    .join(" · ");
}

function nothingFound() {
  return empty("No session fits", el("p", {}, "Widen the dates, or clear the filter."));
}

function nothingYet() {
  const id = crypto.randomUUID?.() ?? "6f1c2a52-5d0e-4c8e-9a3e-2f6f0f1f7f10";
  const event = {
    id,
    type: "session.start",
    timestamp: new Date().toISOString(),
    sessionId: "first-try",
    workspace: "hello",
  };
  const curl = [
    `curl ${location.origin}/api/events`,
    `-H "Authorization: Bearer $API_KEY"`,
    `-H "Content-Type: application/json"`,
    `-d '${JSON.stringify({ events: [event] })}'`,
  ].join(" \\\n  ");
  return empty(
    "No sessions yet",
    el("p", {}, "Install the hooks on the machine where you work, and sessions appear here by themselves:"),
    command(
      "remote-agent hook claude-code install\nremote-agent hook git install --global",
      "Commands that install the hooks",
    ),
    el(
      "p",
      {},
      "How to point ",
      el("code", {}, "remote-agent"),
      " at this server stands in ",
      el("a", { href: "/settings" }, "Settings"),
      ". Or try it with one event:",
    ),
    command(curl, "A command that sends one event"),
  );
}
