// Commits per day and workspace as stacked bars, with the same in words and as a table.

import { el, named, oneLine, put, svg } from "./dom.js";
import { count, dayOf, longDay, several, shortDay, startOfDay } from "./format.js";

const HEIGHT = 170;
const FOOT = 22;
/** A date below the bars needs so much room. */
const MARK = 64;
/** Workspaces with a colour of their own; the rest is one. */
const COLOURS = 6;

/** `commits` are those of the last `days` days, each with `at` and `workspace`; the picture is `width` pixels wide. */
export function chart(commits, days, width) {
  const columns = lastDays(days);
  const names = ranked(commits);
  const grid = sums(commits, columns, names);
  const totals = columns.map((_, column) => names.reduce((sum, _name, row) => sum + grid[row][column], 0));
  return el(
    "figure",
    { class: "chart", id: "chart" },
    picture(columns, names, grid, totals, width),
    legend(names, grid),
    el("figcaption", { id: "chart-summary" }, summary(columns, totals, names, grid)),
    table(columns, names, grid, totals),
  );
}

/** The days as `2026-01-30`, the oldest first, today last. */
function lastDays(days) {
  const today = dayOf(Date.now());
  return Array.from({ length: days }, (_, index) => dayOf(startOfDay(today, index + 1 - days)));
}

/** The workspaces with the most commits, and one entry for all others. */
function ranked(commits) {
  const sizes = new Map();
  for (const { workspace } of commits) sizes.set(workspace, (sizes.get(workspace) ?? 0) + 1);
  const names = [...sizes].sort((one, other) => other[1] - one[1]).map(([name]) => name);
  return names.length > COLOURS + 1 ? [...names.slice(0, COLOURS), OTHERS] : names;
}

const OTHERS = Symbol("others");
const label = (name) => (name === OTHERS ? "Other workspaces" : name === null ? "No workspace" : oneLine(name, 80));

function sums(commits, columns, names) {
  const rows = new Map(names.map((name, row) => [name, row]));
  const places = new Map(columns.map((day, column) => [day, column]));
  const grid = names.map(() => columns.map(() => 0));
  for (const { at, workspace } of commits) {
    const column = places.get(dayOf(at));
    const row = rows.get(workspace) ?? rows.get(OTHERS);
    if (column !== undefined && row !== undefined) grid[row][column] += 1;
  }
  return grid;
}

function picture(columns, names, grid, totals, width) {
  const slot = width / columns.length;
  const unit = (HEIGHT - 4) / Math.max(1, ...totals);
  const size = { width, height: HEIGHT + FOOT };
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${size.height}`, ...size, role: "img", "aria-labelledby": "chart-summary" },
    svg("line", { class: "axis", x1: 0, x2: width, y1: HEIGHT + 0.5, y2: HEIGHT + 0.5 }),
    columns.map((day, column) => {
      const heights = names.map((_, row) => grid[row][column] * unit);
      return bar(heights, column * slot, slot, `${dayWords(day)}: ${several(totals[column], "commit")}`);
    }),
    marks(columns, slot, width),
  );
}

const dayWords = (day) => longDay(startOfDay(day));

/** The parts of one day, the largest workspace at the bottom. */
function bar(heights, x, slot, words) {
  const gap = Math.min(6, slot / 4);
  let y = HEIGHT;
  const parts = heights.map((height, row) => {
    y -= height;
    return height > 0 && svg("rect", { class: `series-${row}`, x: x + gap / 2, y, width: slot - gap, height });
  });
  const whole = svg("rect", { class: "hover", x, y: 0, width: slot, height: HEIGHT });
  return svg("g", {}, svg("title", {}, words), whole, parts);
}

/** Dates below the bars: today's, and others whole weeks before it. */
function marks(columns, slot, width) {
  const every = 7 * Math.max(1, Math.ceil(MARK / slot / 7));
  return columns.map((day, column) => {
    const x = (column + 0.5) * slot;
    if ((columns.length - 1 - column) % every !== 0 || x < MARK / 2) return null;
    const isLast = x > width - MARK / 2;
    const place = { x: isLast ? width : x, y: HEIGHT + FOOT - 5, "text-anchor": isLast ? "end" : "middle" };
    return svg("text", place, shortDay(startOfDay(day)));
  });
}

function legend(names, grid) {
  return el(
    "ul",
    { class: "legend" },
    names.map((name, row) =>
      el(
        "li",
        {},
        el("span", { class: `swatch series-${row}`, "aria-hidden": "true" }),
        named(label(name)),
        el("span", { class: "muted" }, ` ${count(grid[row].reduce((sum, number) => sum + number, 0))}`),
      ),
    ),
  );
}

function summary(columns, totals, names, grid) {
  const all = totals.reduce((sum, number) => sum + number, 0);
  if (all === 0) return `No commits in the last ${columns.length} days.`;
  const best = totals.indexOf(Math.max(...totals));
  const active = totals.filter((number) => number > 0).length;
  const first = grid[0].reduce((sum, number) => sum + number, 0);
  const when = `most on ${longDay(startOfDay(columns[best]))} (${count(totals[best])})`;
  const where = `most in ${label(names[0])} (${count(first)})`;
  return `${several(all, "commit")} on ${several(active, "day")} of the last ${columns.length}; ${when}, ${where}.`;
}

function table(columns, names, grid, totals) {
  const details = el("details", { id: "chart-table" }, el("summary", {}, "As a table"));
  // A table of 90 days is made when somebody wants to see it.
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const rows = columns
      .map((day, column) => [day, column])
      .filter(([, column]) => totals[column] > 0)
      .reverse();
    details.append(
      el(
        "div",
        { class: "scroller", tabindex: "0", role: "region", "aria-label": "Commits per day and workspace" },
        el(
          "table",
          { class: "plain" },
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              el("th", { scope: "col" }, "Day"),
              names.map((name) => el("th", { scope: "col" }, named(label(name)))),
              el("th", { scope: "col" }, "All"),
            ),
          ),
          put(
            el("tbody", {}),
            rows.map(([day, column]) =>
              el(
                "tr",
                {},
                el("th", { scope: "row" }, longDay(startOfDay(day))),
                names.map((_, row) => el("td", {}, count(grid[row][column]))),
                el("td", {}, count(totals[column])),
              ),
            ),
          ),
        ),
      ),
    );
  });
  return details;
}
