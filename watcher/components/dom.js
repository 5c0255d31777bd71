// Elements are built, never parsed from text, so that no text can become markup; and what stands on the page is
// changed into what should stand there, so that focus, selection and a click that is under way survive.

export function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const key in attributes) {
    const value = attributes[key];
    // A handler as an attribute would be text that is compiled: a strict policy forbids it.
    if (key === "onclick") made.onclick = value;
    else if ((value ?? false) !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat(9).filter((child) => child));
  return made;
}

export const button = (attributes, ...children) => el("button", { type: "button", ...attributes }, ...children);

// Signs that move the cursor or turn the reading direction could make a text look like another one.
const TRICKS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

export function clean(text, length = 300) {
  return typeof text === "string" ? text.replace(TRICKS, " ").slice(0, length) : "";
}

export function objects(list) {
  return Array.isArray(list) ? list.filter((one) => one && typeof one === "object") : [];
}

// A version as people write it, a commit by its first seven digits.
export function version(text) {
  const name = clean(text, 64);
  if (/^[0-9a-f]{40}$/.test(name)) return name.slice(0, 7);
  return /^\d/.test(name) ? "v" + name : name;
}

// The address if a click on it leads to a page (or a mail) and to nothing that runs.
export function safe(address, schemes = /^https?:$/) {
  return URL.canParse(address) && schemes.test(new URL(address).protocol) && new URL(address).href;
}

export function anchor(part, address, ...children) {
  const href = safe(address);
  return href && el("a", { part, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

// A button that turns into its opposite ("button skip", "button skip show") stays the same one, and keeps the focus.
const kind = ({ nodeName, part }) => nodeName + (part?.[1] ?? part);

export function morph(have, want) {
  if (have.data !== want.data) have.data = want.data;
  for (const { name } of [...(have.attributes ?? [])]) if (!want.hasAttribute(name)) have.removeAttribute(name);
  for (const { name, value } of want.attributes ?? []) {
    if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  have.onclick = want.onclick;
  let at = have.firstChild;
  for (const child of [...want.childNodes]) {
    let match = at;
    while (match && kind(match) !== kind(child)) match = match.nextSibling;
    if (!match) {
      have.insertBefore(child, at);
      continue;
    }
    while (at !== match) at = drop(at);
    morph(at, child);
    at = at.nextSibling;
  }
  while (at) at = drop(at);
}

function drop(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// Signs that every font has, in a disc that the style draws.
const SIGNS = {
  good: "✓",
  update: "↑",
  fix: "!",
  exposed: "!",
  pending: "…",
  stale: "!",
  away: "!",
  ahead: "»",
  diverged: "⇄",
  off: "–",
};

export function icon(face) {
  return el("span", { part: "icon", "aria-hidden": "true" }, SIGNS[face] ?? "?");
}
