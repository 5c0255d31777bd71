// Small pictures, drawn here so that nothing has to be fetched and no policy has to allow it.

import { svg } from "./dom.js";

const PATHS = {
  start: "M6 4.5v11l9-5.5z",
  end: "M6 6h8v8H6z",
  prompt: "M4 5h12v8h-6l-3.5 3v-3H4z",
  tool: "M12.5 4a3.5 3.5 0 0 0-3.3 4.7L4 14l2 2 5.3-5.2A3.5 3.5 0 0 0 16 7.5l-2.3 1.3-1.5-1.5L13.5 5z",
  usage: "M5 16V11M10 16V4M15 16V8",
  commit: "M2.5 10h4M13.5 10h4M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  push: "M10 16V5M5.5 9.5L10 5l4.5 4.5",
  checkout: "M6 4v12M6 8h5a3 3 0 0 1 3 3v5",
  merge: "M6 4v12M6 6c0 5 8 3 8 8v2",
  other: "M10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  ok: "M4.5 10.5l3.5 3.5 7.5-8",
  trouble: "M10 4.5v7M10 15v.5",
};

/** A picture that says nothing to a screen reader: words stand beside it. */
export function icon(name) {
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] ?? PATHS.other }),
  );
}
