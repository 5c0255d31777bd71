// The watcher's web components. Their script may be missing: a page without them still works, and says why.

import { byId, el, put } from "./dom.js";

const SOURCE = "/api/version";
const ROOM = "remote-agent-banner-height";
/** The watcher may come after the page. */
const AGAIN_MS = 10_000;
let loading = null;
let tries = 0;

/** Loads the components; resolves to whether they are there. */
export function loadComponents() {
  loading ??= fetchScript();
  return loading;
}

async function fetchScript() {
  try {
    // A browser remembers that a module was missing; under another address it asks again.
    await import(tries === 0 ? "/update-banner.js" : `/update-banner.js?try=${tries}`);
    return true;
  } catch {
    tries += 1;
    loading = null;
    return false;
  }
}

/** The banner, once somebody is signed in: it asks for the version by itself. */
export function showBanner() {
  const place = byId("banner");
  if (place.childElementCount > 0) return;
  const banner = el("update-banner", { src: SOURCE });
  // Told before the banner draws itself.
  banner.addEventListener("sidewatch-state", () => requestAnimationFrame(() => giveRoomBack(place)));
  new ResizeObserver(() => stored(place.clientHeight)).observe(banner);
  setTimeout(giveRoomBack, 3000, place);
  put(place, banner);
  loadFor(banner, place);
}

async function loadFor(banner, place) {
  while (!(await loadComponents())) {
    giveRoomBack(place);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    // Signed out meanwhile: another banner will ask for itself.
    if (!banner.isConnected) return;
  }
}

export function hideBanner() {
  put(byId("banner"));
  giveRoomBack(byId("banner"));
}

/** As high as the banner was last, until it knows what to show: nothing jumps after a reload. */
export function keepRoom() {
  byId("banner").style.setProperty("min-block-size", `${Number(stored()) || 0}px`);
}

function giveRoomBack(place) {
  place.style.removeProperty("min-block-size");
}

function stored(height) {
  try {
    if (height === undefined) return sessionStorage.getItem(ROOM);
    sessionStorage.setItem(ROOM, String(height));
  } catch {
    // Storage is refused: then something may jump once.
  }
  return null;
}

/** The widget; what is in it is seen where its script could not be loaded. */
export function widget() {
  const note = el("p", {}, "Loading…");
  const retry = el("button", { type: "button", hidden: true, onclick: () => load() }, "Retry");
  const load = async () => {
    retry.hidden = true;
    if (await loadComponents()) return;
    note.textContent =
      "Whether there is a newer version cannot be told: the watcher is away, or this server does not know where it is (WATCHER_URL). Everything else works without it.";
    retry.hidden = false;
  };
  load();
  return el("version-widget", { src: SOURCE }, note, retry);
}
