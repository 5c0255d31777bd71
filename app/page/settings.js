// Version, health, how to upgrade, how to connect, how the page looks.

import { request } from "./api.js";
import { clientSetup } from "./client-setup.js";
import { el, oneLine, put, say } from "./dom.js";
import { duration } from "./format.js";
import { health, healthList, last, look } from "./health.js";
import { every } from "./live.js";
import { trouble } from "./notice.js";
import { upgradeHelp } from "./upgrade.js";
import { widget } from "./version.js";

const LIVE_MS = 20_000;
const THEME = "remote-agent-theme";

export function openSettings({ outlet, signal, signedOut }) {
  const state = el("div", { id: "health-place" });
  const build = el("dl", { id: "build", class: "facts" });
  const fill = () => {
    if (last === null) return;
    // Somebody may be about to follow one of its links.
    if (!state.contains(document.activeElement)) put(state, healthList(last));
    put(build, buildFacts(last));
  };
  const ask = async () => {
    try {
      await look();
    } catch (error) {
      if (!signal.aborted)
        put(state, trouble(new Error(`The server's health cannot be read: ${error.message}`), ask));
    }
  };
  health.addEventListener("changed", fill, { signal });
  put(
    outlet,
    el("h1", {}, "Settings"),
    el(
      "div",
      { class: "settings" },
      section("Version", widget(), build),
      section("Health", state),
      section("Upgrade", upgradeHelp(signal)),
      section("Connect a machine", clientSetup()),
      section("This browser", themeChoice(), signOut(signedOut)),
    ),
  );
  fill();
  // Nothing else here asks for what needs the cookie, and it may end while somebody looks.
  every(LIVE_MS, () => request("/api/workspaces?limit=1", { signal }), signal);
  return { title: "Settings", ready: ask(), memory: () => ({}) };
}

function section(heading, ...content) {
  const id = `settings-${heading.toLowerCase().replaceAll(" ", "-")}`;
  return el("section", { class: "card", "aria-labelledby": id }, el("h2", { id }, heading), content);
}

function buildFacts(now) {
  const rows = [
    ["Running", oneLine(now.version)],
    ["Commit", el("code", { title: oneLine(now.commit) }, oneLine(now.commit).slice(0, 12))],
    ["Built", oneLine(now.builtAt)],
    ["Up for", duration(now.uptimeSeconds * 1000)],
    ["Schema", now.schemaVersion === null ? "—" : String(now.schemaVersion)],
    ["Installation", now.installationId === null ? "—" : el("code", {}, oneLine(now.installationId))],
  ];
  return rows.map(([name, value]) =>
    el("div", { class: name === "Installation" ? "wide" : null }, el("dt", {}, name), el("dd", {}, value)),
  );
}

function themeChoice() {
  const options = [
    ["system", "As the system"],
    ["light", "Light"],
    ["dark", "Dark"],
  ];
  const choose = el(
    "select",
    { id: "theme", onchange: () => setTheme(choose.value) },
    options.map(([value, label]) =>
      el("option", { value, selected: value === (document.documentElement.dataset.theme ?? "system") }, label),
    ),
  );
  return el("label", { class: "field" }, el("span", {}, "Theme"), choose);
}

function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    say("This browser does not keep the choice");
  }
}

function signOut(signedOut) {
  const place = el("div", { class: "sign-out" });
  const button = el(
    "button",
    {
      type: "button",
      id: "sign-out",
      onclick: async () => {
        try {
          await request("/sign-out", { method: "POST" });
          signedOut({ asked: true });
        } catch (error) {
          put(place, trouble(error), button);
        }
      },
    },
    "Sign out",
  );
  return put(place, button);
}
