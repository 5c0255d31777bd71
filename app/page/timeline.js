// A session's events in their order, each with its data on demand.

import { page, sessionPath } from "./api.js";
import { copyButton } from "./clipboard.js";
import { el, lines, put } from "./dom.js";
import { words } from "./event-words.js";
import { dateAndTime, dayHeading, dayOf, duration, precise, timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { pretty } from "./json.js";
import { every } from "./live.js";
import { empty } from "./notice.js";
import { PagedList } from "./paged-list.js";

const KINDS = [
  ["", "All events"],
  ["session.prompt", "Prompts"],
  ["session.tool_use", "Tool uses"],
  ["session.usage", "Usage"],
  ["git.commit", "Commits"],
];
const LIVE_MS = 4000;
/** More of it would make the page slow; all of it is copied. */
const LONGEST_DATA = 200_000;

export function timeline({ session, restore, signal }) {
  let kind = "";
  const list = el("ol", { id: "timeline", class: "timeline" });
  const load = (options) => page(`${sessionPath(session.id)}/events`, { type: kind }, { ...options, exact: true });
  const paged = new PagedList({
    container: list,
    row: (entry) => (entry.day ? dayRow(entry) : eventRow(entry, session)),
    signal,
    load,
    entries: withDays,
    whenEmpty: () => empty("No such events", el("p", {}, "This session has none of this type.")),
  });
  const choose = el(
    "select",
    {
      id: "event-type",
      onchange: () => {
        kind = choose.value;
        paged.items = [];
        paged.start();
      },
    },
    KINDS.map(([value, label]) => el("option", { value }, label)),
  );
  const ready = paged.start(restore.loaded);
  const more = async () => {
    // Only the end is live: what comes after the page that was loaded last is not shown before that.
    if (paged.next !== null || paged.isStarting || paged.loading || paged.failed) return;
    const asked = kind;
    const filters = { type: asked, from: paged.items.at(-1)?.at };
    const fresh = await page(`${sessionPath(session.id)}/events`, filters, { limit: 100, signal, exact: true });
    if (asked === kind) paged.add(fresh.items);
  };
  every(LIVE_MS, more, signal);
  const node = el(
    "div",
    {},
    el("label", { class: "field field-inline" }, el("span", {}, "Show"), choose),
    paged.node,
  );
  return { node, ready, memory: () => ({ loaded: paged.items.length }) };
}

/** A heading where a day begins, unless all is of one day. */
function withDays(events) {
  const days = new Set(events.map((event) => dayOf(event.at)));
  if (days.size < 2) return events;
  const shown = [];
  let day = "";
  for (const event of events) {
    if (dayOf(event.at) !== day) {
      day = dayOf(event.at);
      shown.push({ id: `day ${day} ${event.id}`, day });
    }
    shown.push(event);
  }
  return shown;
}

function dayRow({ day }) {
  return { node: el("li", { class: "day" }, dayHeading(day)) };
}

function eventRow(event, session) {
  const { icon: picture, title, detail, took, failed } = words(event);
  const since = Date.parse(event.at) - Date.parse(session.startedAt ?? session.firstEventAt);
  const offset =
    since >= 1000
      ? el("span", { class: "muted offset", title: "Since the session's start" }, `+${duration(since)}`)
      : null;
  const node = el(
    "li",
    { class: `event event-${picture}`, "data-event": event.id, "data-type": event.type },
    el("span", { class: "event-icon" }, icon(picture)),
    el(
      "div",
      { class: "event-body" },
      el(
        "p",
        { class: "event-head" },
        el("strong", {}, el("bdi", {}, title)),
        " ",
        timeOfDay(event.at),
        offset,
        took > 0 && el("span", { class: "muted offset", title: "Duration" }, precise(took)),
        failed && el("span", { class: "tag tag-bad" }, failed),
        lateMark(event),
      ),
      detail && el("p", { class: "event-detail", dir: "auto" }, detail),
      data(event),
    ),
  );
  return { node };
}

/** Said where the client's clock was not believed. */
function lateMark(event) {
  return event.at === event.timestamp
    ? null
    : el("span", { class: "tag", title: `The client's clock said ${dateAndTime(event.timestamp)}` }, "clock was off");
}

function data(event) {
  const details = el("details", { class: "data" }, el("summary", {}, "Data"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const { id, type, timestamp, receivedAt, workspace, device } = event;
    const meta = { id, type, timestamp, receivedAt, workspace, device };
    const text = pretty({ ...meta, data: event.data });
    const shown =
      text.length > LONGEST_DATA
        ? `${text.slice(0, LONGEST_DATA)}\n… and ${text.length - LONGEST_DATA} characters more`
        : text;
    const pre = put(el("pre", { tabindex: "0", role: "group", "aria-label": "Data of this event" }), lines(shown));
    details.append(
      el(
        "div",
        { class: "data-inside" },
        copyButton(() => text, { name: "Copy the data" }),
        pre,
      ),
    );
  });
  return details;
}
