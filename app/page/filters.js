// The fields above a list; what is in them stands in the address.

import { ask } from "./api.js";
import { el, oneLine } from "./dom.js";
import { dayOf, startOfDay } from "./format.js";

const NAMES = ["workspace", "type", "from", "to"];
const DAY = /^\d{4}-\d\d-\d\d$/;

/** What the address says, without what no field could hold. */
export function fromAddress(query) {
  const filters = {};
  for (const name of NAMES) {
    const value = query.get(name) ?? "";
    filters[name] = ["from", "to"].includes(name) && !isDay(value) ? "" : value;
  }
  return filters;
}

/** Whether it is a day, and one that there is. */
const isDay = (text) => DAY.test(text) && dayOf(startOfDay(text)) === text;

/** The same for the server, which knows times and no days; `to` holds the whole of its day. */
export function forServer({ workspace, type, from, to }) {
  return {
    workspace,
    type,
    from: from && startOfDay(from).toISOString(),
    to: to && startOfDay(to, 1).toISOString(),
  };
}

/** Whether anything is narrowed. */
export const isSet = (filters) => NAMES.some((name) => filters[name]);

/** The form. `types` are the event types on offer under `label`; `changed(filters)` is called after each change. */
export function filterForm({ filters, types, label = "Type", signal, changed }) {
  const field = (name, words, attributes) => {
    const input = el("input", {
      name,
      id: `filter-${name}`,
      value: filters[name] || null,
      autocomplete: "off",
      ...attributes,
    });
    return [input, el("label", { class: "field" }, el("span", {}, words), input)];
  };
  const workspaces = el("datalist", { id: "workspaces" });
  const [workspace, workspaceField] = field("workspace", "Workspace", {
    list: "workspaces",
    type: "search",
    maxlength: 200,
    placeholder: "All",
  });
  const [from, fromField] = field("from", "From", { type: "date" });
  const [to, toField] = field("to", "To", { type: "date" });
  const known =
    types.some(([value]) => value === filters.type) || !filters.type
      ? []
      : [[filters.type, oneLine(filters.type, 60)]];
  const options = [["", "All"], ...types, ...known];
  const type = el(
    "select",
    { name: "type", id: "filter-type" },
    options.map(([value, words]) => el("option", { value, selected: value === (filters.type ?? "") }, words)),
  );
  const clear = el(
    "button",
    { type: "button", class: "quiet", id: "clear-filters", hidden: !isSet(filters) },
    "Clear",
  );
  const inputs = { workspace, type, from, to };

  let timer = 0;
  let last = JSON.stringify(filters);
  const tell = () => {
    clearTimeout(timer);
    const told = Object.fromEntries(NAMES.map((name) => [name, inputs[name].value.trim()]));
    clear.hidden = !isSet(told);
    if (JSON.stringify(told) === last) return;
    last = JSON.stringify(told);
    changed(told);
  };
  clear.addEventListener("click", () => {
    for (const input of Object.values(inputs)) input.value = "";
    workspace.focus();
    tell();
  });
  offerWorkspaces(workspaces, signal);
  return el(
    "form",
    {
      id: "filters",
      class: "filters",
      role: "search",
      "aria-label": "Filter",
      onsubmit: (event) => {
        event.preventDefault();
        tell();
      },
      oninput: () => {
        clearTimeout(timer);
        timer = setTimeout(tell, 350);
      },
      onchange: tell,
    },
    workspaceField,
    el("label", { class: "field" }, el("span", {}, label), type),
    fromField,
    toField,
    clear,
    workspaces,
  );
}

async function offerWorkspaces(list, signal) {
  try {
    const page = await ask("/api/workspaces?limit=500", { signal });
    list.append(...page.items.map((workspace) => el("option", { value: workspace.name })));
  } catch {
    // The field works without what it would offer.
  }
}
