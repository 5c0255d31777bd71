// The page of Remote Agent's server: chooses the view that the address names, and keeps what stands around it.
//
// For tests and styles these stay: `#sign-in`, `#key`, `#sign-in-message`; `#nav a[data-view]`; `main#view[data-view]`;
// `#filters` with `[name=workspace|type|from|to]`, `#clear-filters`, `#load-more`; `#sessions tr[data-session]`,
// `#totals`; `#facts`, `.tabs a[data-tab]`; `#timeline li[data-event]`, `#commits`, `#activity li[data-activity]`;
// `#transcript-lines [data-line]`, `#find`, `#find-count`, `#find-next`, `#find-previous`, `#wrap`, `#readable`,
// `#to-start`, `#to-end`, `#copy-transcript`, `#download`, `#transcript-status`; `#chart`, `#chart-summary`,
// `#chart-table`; `#dead-letters li[data-letter] .replay`, `#replay-all`, `#replay-result`, `dialog#confirm`;
// `#health li[data-part][data-status]`, `#build`, `#upgrade`, `#connect`, `#theme`, `#sign-out`; `#offline`, `#unwell`.

import { openActivity } from "./activity.js";
import { connection, request } from "./api.js";
import { openDeadLetters } from "./dead-letters.js";
import { byId, el, put } from "./dom.js";
import { tick } from "./format.js";
import { health, last, look, watchHealth } from "./health.js";
import { every } from "./live.js";
import { empty } from "./notice.js";
import { follow, here } from "./place.js";
import { openSession } from "./session.js";
import { openSessions } from "./sessions.js";
import { openSettings } from "./settings.js";
import { openSignIn } from "./sign-in.js";
import { hideBanner, keepRoom, showBanner } from "./version.js";

const VIEWS = {
  sessions: openSessions,
  session: openSession,
  activity: openActivity,
  "dead-letters": openDeadLetters,
  settings: openSettings,
};
const NAME = "Remote Agent";

const outlet = byId("view");
let current = { memory: () => ({}), stop: new AbortController() };
let isSignedIn = false;
let wasSignedIn = false;
let arrivals = 0;

/** Opens the view that the address names; `restore` is what it told of itself when it was left. */
async function arrive(restore = {}) {
  current.stop.abort();
  const stop = new AbortController();
  const place = here();
  outlet.dataset.view = place.view;
  markCurrent(place.view);
  const open = Object.hasOwn(VIEWS, place.view) ? VIEWS[place.view] : unknown;
  const entitle = (title) => {
    document.title = `${title} · ${NAME}`;
  };
  current = { ...open({ outlet, place, restore, signal: stop.signal, entitle, signedOut }), stop };
  entitle(current.title);
  arrivals += 1;
  // The first view is where the browser begins anyway; of every other one people must be told.
  if (arrivals > 1) outlet.focus({ preventScroll: true });
  await current.ready;
  if (restore.y && !stop.signal.aborted) scrollTo(0, restore.y);
}

function unknown({ outlet: place }) {
  put(
    place,
    el("h1", {}, "Not found"),
    empty("There is no such view", el("p", {}, el("a", { href: "/" }, "All sessions"))),
  );
  return { title: "Not found", memory: () => ({}) };
}

function markCurrent(view) {
  for (const link of byId("nav").querySelectorAll("a")) {
    const isCurrent = link.dataset.view === view;
    const isAround = link.dataset.view === "sessions" && view === "session";
    if (isCurrent || isAround) link.setAttribute("aria-current", isCurrent ? "page" : "true");
    else link.removeAttribute("aria-current");
  }
}

function signedIn() {
  if (isSignedIn) return;
  isSignedIn = true;
  wasSignedIn = true;
  byId("nav").hidden = false;
  byId("nav").classList.remove("waiting");
  showBanner();
}

/** `asked`: somebody wanted it; else the server did not know the cookie any more. */
function signedOut({ asked = false } = {}) {
  if (outlet.dataset.view === "sign-in") return;
  isSignedIn = false;
  current.stop.abort();
  current = { memory: () => ({}), stop: new AbortController() };
  byId("nav").hidden = true;
  hideBanner();
  outlet.dataset.view = "sign-in";
  document.title = `Sign in · ${NAME}`;
  openSignIn({
    outlet,
    wasSignedIn: wasSignedIn && !asked,
    done: () => {
      wasSignedIn = false;
      arrive();
    },
  });
}

/** Says that the server is away, and asks until it is back. */
function watchConnection(signal) {
  const strip = byId("offline");
  connection.addEventListener("unreachable", () => {
    if (!strip.hidden) return;
    put(
      strip,
      navigator.onLine ? "The server does not answer. Trying again…" : "This device is offline. Trying again…",
    );
    strip.hidden = false;
  });
  connection.addEventListener("reachable", () => {
    strip.hidden = true;
  });
  addEventListener("offline", () => connection.dispatchEvent(new Event("unreachable")));
  every(
    3000,
    async () => {
      if (!strip.hidden) await request("/livez", { deadline: 2500 });
    },
    signal,
  );
}

function showVersion() {
  put(
    byId("version"),
    last === null ? "" : `${NAME} ${last.version === "dev" ? last.commit.slice(0, 7) : last.version}`,
  );
}

const always = new AbortController().signal;
connection.addEventListener("signed-in", signedIn);
connection.addEventListener("signed-out", signedOut);
health.addEventListener("changed", showVersion);
follow({ arriving: arrive, leaving: () => current.memory() });
watchHealth(always);
watchConnection(always);
setInterval(tick, 20_000);
keepRoom();
addEventListener("online", () => look().catch(() => {}));
arrive(history.state ?? {});
