// One session: what is known of it, its events, its commits, its transcript.

import { ask, sessionPath } from "./api.js";
import { sessionCommits } from "./commits.js";
import { copyButton } from "./clipboard.js";
import { el, named, oneLine, put } from "./dom.js";
import { bytes, compact, count, dateAndTime, dollars, when } from "./format.js";
import { every } from "./live.js";
import { skeleton, trouble } from "./notice.js";
import { sessionAddress } from "./place.js";
import { allTokens, standing, standingMark, tokenWords } from "./sessions.js";
import { timeline } from "./timeline.js";
import { transcriptPanel } from "./transcript.js";

const LIVE_MS = 4000;
const TABS = { timeline, commits: sessionCommits, transcript: transcriptPanel };

export function openSession({ outlet, place, restore, signal, entitle }) {
  const id = place.session;
  const tab = Object.hasOwn(TABS, place.query.get("tab")) ? place.query.get("tab") : "timeline";
  const inside = { memory: () => ({}) };
  const load = async () => {
    put(outlet, backLink(), el("h1", {}, "Session"), skeleton());
    try {
      const session = await ask(sessionPath(id), { signal });
      if (session.workspace !== null)
        entitle(`${oneLine(session.workspace, 60)}, session ${oneLine(id, 8).replace("…", "")}`);
      Object.assign(inside, show({ outlet, session, tab, restore, signal }));
      await inside.ready;
    } catch (error) {
      if (signal.aborted) return;
      const gone = error.status === 404;
      put(
        outlet,
        backLink(),
        el("h1", {}, "Session"),
        trouble(
          gone
            ? new Error("No event names this session. It may still be on its way; or the address is not quite right.")
            : error,
          load,
        ),
      );
    }
  };
  return { title: `Session ${oneLine(id, 40)}`, ready: load(), memory: () => inside.memory() };
}

const backLink = () => el("p", { class: "crumb" }, el("a", { href: "/" }, "Sessions"));

function show({ outlet, session, tab, restore, signal }) {
  const head = el("div", { class: "session-head" });
  const facts = el("dl", { id: "facts", class: "facts" });
  const tabs = el("nav", { class: "tabs", "aria-label": "Parts of the session" });
  const panel = TABS[tab]({ session, restore, signal });
  const fill = (now) => {
    put(
      head,
      el("div", { class: "heading" }, el("h1", {}, named(now.workspace, "No workspace")), standingMark(now)),
      el(
        "p",
        { class: "sub" },
        el("code", {}, oneLine(now.id, 200)),
        " ",
        copyButton(() => now.id, { name: "Copy the session's id" }),
      ),
    );
    put(facts, factsOf(now));
    put(tabs, tabLinks(now, tab));
  };
  fill(session);
  // The transcript needs the room.
  facts.hidden = tab === "transcript";
  const news = el("div", { "aria-live": "polite" });
  put(outlet, backLink(), head, facts, tabs, news, panel.node);
  let shown = JSON.stringify(session);
  every(
    LIVE_MS,
    async () => {
      const now = await ask(sessionPath(session.id), { signal });
      const isNewer = now.transcript !== null && now.transcript.sha256 !== session.transcript?.sha256;
      if (tab === "transcript" && isNewer && news.childElementCount === 0) put(news, newerTranscript());
      const words = JSON.stringify(now) + standing(now);
      const busy = head.contains(document.activeElement) || tabs.contains(document.activeElement);
      if (words === shown || busy) return;
      shown = words;
      fill(now);
    },
    signal,
  );
  return panel;
}

function newerTranscript() {
  return el(
    "div",
    { class: "notice notice-good" },
    el("p", {}, "A newer transcript was uploaded."),
    el("button", { type: "button", id: "show-newer", onclick: () => location.reload() }, "Show it"),
  );
}

function tabLinks(session, tab) {
  const all = [
    ["timeline", "Timeline", count(session.events)],
    ["commits", "Commits", count(session.commits)],
    ["transcript", "Transcript", session.transcript && bytes(session.transcript.bytes)],
  ];
  return all.map(([name, label, size]) =>
    el(
      "a",
      {
        href: sessionAddress(session.id, name === "timeline" ? null : name),
        "data-tab": name,
        "aria-current": name === tab ? "page" : null,
      },
      label,
      size && el("span", { class: "tab-size" }, ` (${size})`),
    ),
  );
}

function factsOf(session) {
  const exactly = (time) => (time === null ? "—" : [when(time), el("span", { class: "sub" }, dateAndTime(time))]);
  const rows = [
    ["Started", exactly(session.startedAt ?? session.firstEventAt)],
    [
      "Ended",
      session.endedAt === null
        ? { running: "Still running", open: "No end was told" }[standing(session)]
        : exactly(session.endedAt),
    ],
    ["Model", named(session.model)],
    ["Device", named(session.device)],
    ["Prompts", count(session.prompts)],
    ["Tool uses", count(session.toolUses)],
    [
      "Tokens",
      [
        el("span", { title: tokenWords(session) }, compact(allTokens(session))),
        el("span", { class: "sub" }, `${compact(session.inputTokens)} in · ${compact(session.outputTokens)} out`),
      ],
    ],
    ["Cost", dollars(session.costUsd)],
  ];
  return rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)));
}
