// Elements without innerHTML: everything shown here comes from strangers, and text stays text.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element; `null` and `false` leave an attribute or a child out, `on…` functions listen. */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Replaces what is in `element`. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// Controls, and marks that turn the direction of all that follows them.
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const UNSEEN_IN_TEXT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** One line without anything that hides or turns what stands around it. */
export function oneLine(text, longest = 300) {
  const cut = String(text)
    .slice(0, longest * 4)
    .replace(UNSEEN, " ")
    .trim();
  return cut.length > longest ? `${cut.slice(0, longest)}…` : cut;
}

/** The same for text of several lines. */
export function lines(text) {
  return String(text).replace(UNSEEN_IN_TEXT, "");
}

/** A name that somebody else chose, kept apart from the direction of the text around it. */
export function named(text, fallback = "—") {
  const shown = text === null || text === undefined ? "" : oneLine(text);
  return shown === "" ? el("span", { class: "muted" }, fallback) : el("bdi", {}, shown);
}

let clear = 0;

/** Says something to those who do not see it. */
export function say(text) {
  const place = byId("said");
  place.textContent = "";
  clearTimeout(clear);
  // A region that changes twice in one turn is read once, or not at all.
  clear = setTimeout(() => {
    place.textContent = text;
  }, 60);
}
