// Where in the page somebody is: everything stands in the address, so that reload, back and a copied link lead there.

let leave = () => ({});
let arrive = () => {};

/** The view that the address names. */
export function here() {
  const query = new URLSearchParams(location.search);
  const settings = location.pathname === "/settings";
  const session = settings ? null : query.get("session");
  const view = settings ? "settings" : session ? "session" : (query.get("view") ?? "sessions");
  return { view, session, query };
}

/** An address of this page; empty parts are left out. */
export function address(parts) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}

export const sessionAddress = (id, tab = null) => address({ session: id, tab });

/** Notes a change within the view, such as another filter. */
export function note(parts) {
  history.replaceState(history.state, "", address(parts));
}

export function go(href) {
  remember();
  history.pushState({}, "", href);
  scrollTo(0, 0);
  arrive({});
}

function remember() {
  history.replaceState({ ...leave(), y: scrollY }, "");
}

/** Follows links and the browser's buttons. `leaving` tells what a view needs to come back as it was. */
export function follow({ arriving, leaving }) {
  leave = leaving;
  arrive = arriving;
  history.scrollRestoration = "manual";
  addEventListener("popstate", (event) => arriving(event.state ?? {}));
  addEventListener("pagehide", remember);
  // A popstate comes too late to note where the old entry was left.
  let noting = 0;
  addEventListener(
    "scroll",
    () => {
      clearTimeout(noting);
      noting = setTimeout(remember, 200);
    },
    { passive: true },
  );
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.hash || !["/", "/settings"].includes(url.pathname)) return;
    event.preventDefault();
    if (url.href !== location.href) go(url.href);
  });
}
