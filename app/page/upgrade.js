// How this installation is upgraded, in words, by what the watcher knows of it.

import { ask } from "./api.js";
import { command } from "./clipboard.js";
import { el, oneLine, put } from "./dom.js";

const HOW = {
  compose: {
    where: "This server runs from images with Docker Compose. On its host, in its folder:",
    does: [
      "asks before anything changes, and shows what is new",
      "makes a backup of the database and verifies it",
      "stops, replaces and starts the server; clients keep their events meanwhile",
      "goes back to the old version and its data by itself if the new one does not come up",
    ],
  },
  source: {
    where: "This server was built from a git checkout. On its host, in the checkout:",
    does: [
      "fetches the new sources and builds them",
      "the server brings its database up to date when it starts; make a backup first",
    ],
  },
  railway: {
    where: "This server runs on Railway. Open its service in Railway's dashboard and deploy the new version there.",
    does: ["Railway replaces the container; the database stays", "make a backup of the database first"],
  },
};

/** The section's content; it asks for what it needs. */
export function upgradeHelp(signal) {
  const place = el("div", { id: "upgrade" }, el("p", { class: "muted" }, "Asking the watcher…"));
  fill(place, signal);
  return place;
}

async function fill(place, signal) {
  let state;
  try {
    state = await ask("/api/version", { signal });
  } catch (error) {
    if (!signal.aborted) put(place, el("p", {}, error.message));
    return;
  }
  const { how, command: line } = state.upgrade ?? {};
  const isTold = state.error?.code !== "watcher_unavailable" && Object.hasOwn(HOW, how);
  if (!isTold) {
    put(
      place,
      el(
        "p",
        {},
        "The watcher knows how an upgrade is done here, and it does not answer. Installed with Docker Compose, it is this command on the server's host:",
      ),
      command("./upgrade.sh", "The command that upgrades"),
    );
    return;
  }
  const { where, does } = HOW[how];
  put(
    place,
    el("p", {}, where),
    line && command(oneLine(line, 300), "The command that upgrades"),
    el("p", {}, "What happens:"),
    el(
      "ul",
      {},
      does.map((step) => el("li", {}, step)),
    ),
  );
}
