// What git did in all workspaces: commits by day as a chart, and everything as a list.

import { page } from "./api.js";
import { chart } from "./chart.js";
import { activityLine } from "./commits.js";
import { el, put } from "./dom.js";
import { filterForm, forServer, fromAddress, isSet } from "./filters.js";
import { count, dayHeading, dayOf, startOfDay } from "./format.js";
import { every } from "./live.js";
import { empty, trouble } from "./notice.js";
import { PagedList } from "./paged-list.js";
import { note } from "./place.js";

const TYPES = [
  ["git.commit", "Commits"],
  ["git.push", "Pushes"],
  ["git.checkout", "Checkouts"],
  ["git.merge", "Merges"],
];
const LIVE_MS = 5000;
/** So many pages of commits make the chart; what is beyond is said. */
const CHART_PAGES = 12;
const SPANS = [30, 90];

export function openActivity({ outlet, place, restore, signal }) {
  let filters = fromAddress(place.query);
  const list = new PagedList({
    container: el("ol", { id: "activity", class: "activity" }),
    signal,
    entries: withDays,
    load: (options) => page("/api/activity", forServer(filters), options),
    row: (item) => ({
      node: item.day
        ? el("li", { class: "day" }, el("h2", {}, dayHeading(item.day)))
        : activityLine(item, { day: true }),
    }),
    whenEmpty: () =>
      isSet(filters) ? empty("Nothing fits", el("p", {}, "Widen the dates, or clear the filter.")) : nothingYet(),
  });
  const overview = chartPanel(() => filters.workspace, signal);
  const form = filterForm({
    filters,
    types: TYPES,
    signal,
    changed: (told) => {
      const other = told.workspace !== filters.workspace;
      filters = told;
      note({ view: "activity", ...filters });
      list.start();
      if (other) overview.draw();
    },
  });
  put(outlet, el("div", { class: "heading" }, el("h1", {}, "Git activity")), form, overview.node, list.node);
  overview.draw();
  every(
    LIVE_MS,
    async () => {
      const before = list.items[0]?.id;
      await list.refresh();
      if (list.items[0]?.id !== before) overview.draw();
    },
    signal,
  );
  return { title: "Git activity", ready: list.start(restore.loaded), memory: () => ({ loaded: list.items.length }) };
}

/** A heading before the first item of each day. */
function withDays(items) {
  const shown = [];
  let day = "";
  for (const item of items) {
    if (dayOf(item.at) !== day) {
      day = dayOf(item.at);
      shown.push({ id: `day ${day}`, day });
    }
    shown.push(item);
  }
  return shown;
}

function chartPanel(workspace, signal) {
  let days = SPANS[0];
  let round = 0;
  let width = 0;
  let counted = null;
  const place = el("div", { class: "chart-place" });
  const buttons = SPANS.map((span) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet",
        "data-days": span,
        "aria-pressed": span === days ? "true" : "false",
        onclick: () => {
          days = span;
          for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.days === String(days));
          draw();
        },
      },
      `${span} days`,
    ),
  );

  async function draw() {
    round += 1;
    const mine = round;
    try {
      const { commits, isAll } = await recentCommits(days, workspace(), signal);
      if (mine !== round || signal.aborted) return;
      width ||= Math.max(200, Math.floor(place.clientWidth));
      counted = { commits, isAll, days };
      show();
    } catch (error) {
      if (mine === round && !signal.aborted) put(place, trouble(error, draw));
    }
  }

  function show() {
    const { commits, isAll } = counted;
    put(
      place,
      chart(commits, counted.days, width),
      !isAll && el("p", { class: "muted" }, `Only the newest ${count(commits.length)} commits are counted.`),
    );
  }

  const sizes = new ResizeObserver(() => {
    const before = width;
    width = Math.max(200, Math.floor(place.clientWidth));
    if (before !== width && counted !== null) show();
  });
  sizes.observe(place);
  signal.addEventListener("abort", () => sizes.disconnect());

  const node = el(
    "section",
    { class: "card chart-card", "aria-label": "Commits per day" },
    el(
      "div",
      { class: "heading" },
      el("h2", {}, "Commits per day"),
      el("div", { class: "buttons", role: "group", "aria-label": "Span" }, buttons),
    ),
    place,
  );
  return { node, draw };
}

async function recentCommits(days, workspace, signal) {
  const from = startOfDay(dayOf(Date.now()), 1 - days).toISOString();
  const commits = [];
  let cursor = null;
  for (let asked = 0; asked < CHART_PAGES; asked += 1) {
    const answer = await page(
      "/api/activity",
      { type: "git.commit", from, workspace },
      { cursor, limit: 500, signal },
    );
    commits.push(...answer.items.map(({ at, workspace: name }) => ({ at, workspace: name })));
    cursor = answer.nextCursor;
    if (cursor === null) break;
  }
  return { commits, isAll: cursor === null };
}

function nothingYet() {
  return empty(
    "No git activity yet",
    el(
      "p",
      {},
      "Commits, pushes, checkouts and merges appear here once the git hook is installed, for all repositories or, without --global, for one:",
    ),
    el("p", {}, el("code", {}, "remote-agent hook git install --global")),
  );
}
