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
  const workspaces = el("datalist", { id: "workspaces" });
  const inputs = {
    workspace: field(filters, "workspace", {
      list: "workspaces",
      type: "search",
      maxlength: 200,
      placeholder: "All",
    }),
    type: typeChoice(filters.type ?? "", types),
    from: field(filters, "from", { type: "date" }),
    to: field(filters, "to", { type: "date" }),
  };
  const clear = el(
    "button",
    { type: "button", class: "quiet", id: "clear-filters", hidden: !isSet(filters) },
    "Clear",
  );
  const labels = { workspace: "Workspace", type: label, from: "From", to: "To" };
  offerWorkspaces(workspaces, signal);
  return el(
    "form",
    { id: "filters", class: "filters", role: "search", "aria-label": "Filter", ...listeners(inputs, clear, changed) },
    NAMES.map((name) => el("label", { class: "field" }, el("span", {}, labels[name]), inputs[name])),
    clear,
    workspaces,
  );
}

function field(filters, name, attributes) {
  return el("input", {
    name,
    id: `filter-${name}`,
    value: filters[name] || null,
    autocomplete: "off",
    ...attributes,
  });
}

function typeChoice(chosen, types) {
  // One that is not on offer can stand in the address.
  const isOffered = chosen === "" || types.some(([value]) => value === chosen);
  const options = [["", "All"], ...types, ...(isOffered ? [] : [[chosen, oneLine(chosen, 60)]])];
  return el(
    "select",
    { name: "type", id: "filter-type" },
    options.map(([value, words]) => el("option", { value, selected: value === chosen }, words)),
  );
}

/** What the form listens to: it tells after each change, while somebody types only when they pause. */
function listeners(inputs, clear, changed) {
  const read = () => Object.fromEntries(NAMES.map((name) => [name, inputs[name].value.trim()]));
  let timer = 0;
  let last = JSON.stringify(read());
  const tell = () => {
    clearTimeout(timer);
    const told = read();
    clear.hidden = !isSet(told);
    if (JSON.stringify(told) === last) return;
    last = JSON.stringify(told);
    changed(told);
  };
  clear.addEventListener("click", () => {
    for (const input of Object.values(inputs)) input.value = "";
    inputs.workspace.focus();
    tell();
  });
  const onsubmit = (event) => {
    event.preventDefault();
    tell();
  };
  const oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(tell, 350);
  };
  return { onsubmit, oninput, onchange: tell };
}

async function offerWorkspaces(list, signal) {
  try {
    const page = await ask("/api/workspaces?limit=500", { signal });
    list.append(...page.items.map((workspace) => el("option", { value: workspace.name })));
  } catch {
    // The field works without what it would offer.
  }
}
