// Release notes. They come as sanitised HTML, and are shown so that nothing runs and nothing is fetched even if the
// sanitiser failed: no HTML parser ever sees them. The text is cut into tags by hand, and only elements of the list
// are made, with createElement; so there is no namespace to change into, no half-parsed markup to mutate, and no
// exception from Trusted Types to ask for. What a browser would have read differently can only look wrong.

import { clean, el, safe } from "./dom.js";

const SHOWN = new Set(
  ("a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd li ol p pre s strong sub" +
    " summary sup table tbody td th thead tr ul").split(" "),
);
// What these hold is not prose.
const DROPPED = new Set(
  ("applet audio canvas embed frameset head iframe math noembed noframes noscript object script select style svg" +
    " template textarea title video xmp").split(" "),
);
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: "\x22", nbsp: "\u00a0", "#39": "\x27" };
const DEEPEST = 50;
const LARGEST = 2e4;

function decoded(text) {
  return text.replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name) => ENTITIES[name]);
}

function made(name, rest) {
  const element = el(name, {});
  if (name === "a") {
    const href = safe(decoded(/\shref=\x22([^\x22]*)/i.exec(rest)?.[1] ?? ""), /^(https?|mailto):$/);
    if (href) Object.assign(element, { href, target: "_blank", rel: "noopener noreferrer nofollow" });
  }
  if (name === "ol") element.start = /\sstart=\x22(\d{1,9})/i.exec(rest)?.[1] ?? 1;
  return element;
}

// Headings go on below the dialog's h3, without leaving one out, whichever the notes begin with.
function headings(html) {
  const used = [...new Set(html.toLowerCase().match(/<h[1-6]/g))].sort();
  let last = 3;
  return (name) => {
    if (!/^h[1-6]/.test(name)) return name;
    last = Math.min(6, last + 1, 4 + used.indexOf("<" + name));
    return "h" + last;
  };
}

export function notes(html) {
  const heading = headings(html);
  const open = [{ element: el("div", { part: "notes", dir: "auto" }) }];
  const inner = () => open.at(-1).element;
  let dropped;
  let left = LARGEST;
  html.split("<").forEach((piece, index) => {
    if (left-- < 0) return;
    const [tag, end, written, rest] = (index && /^(\/?)([a-z][a-z0-9]*)([^>]*)>/i.exec(piece)) || [""];
    const name = written?.toLowerCase();
    if (dropped) {
      if (!end || name !== dropped) return;
      dropped = undefined;
    } else if (end) {
      const at = open.findLastIndex((one) => one.name === name);
      if (at > 0) open.length = at;
    } else if (DROPPED.has(name)) {
      dropped = name;
      return;
    } else if (SHOWN.has(name) && open.length < DEEPEST) {
      const element = made(heading(name), rest);
      inner().append(element);
      if (name !== "br" && name !== "hr") open.push({ name, element });
    }
    // What is no tag is a comment, or a sign that was left as it is.
    const text = tag || !index ? piece.slice(tag.length) : piece.replace(/^[!?/][^>]*>|^/, (all) => (all ? "" : "<"));
    inner().append(clean(decoded(text), Infinity));
  });
  return open[0].element;
}
