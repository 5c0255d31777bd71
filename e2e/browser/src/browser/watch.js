// Runs before the page's own scripts: keeps what must not happen, and finds elements in shadow roots.
(() => {
  const seen = { hits: [], violations: [], errors: [] };
  const text = (value) => String(value?.stack ?? value?.message ?? value).slice(0, 500);
  addEventListener("securitypolicyviolation", (event) => {
    const what = `${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber} ${event.sample})`;
    seen.violations.push(what);
  }, true);
  addEventListener("error", (event) => {
    if (event instanceof ErrorEvent) seen.errors.push(text(event.error ?? event.message));
  }, true);
  addEventListener("unhandledrejection", (event) => seen.errors.push(text(event.reason)));
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) {
    window[name] = (...given) => void seen.hits.push(`${name}(${given.map(text)})`);
  }
  window.__hit = (id) => void seen.hits.push(`script ${id}`);
  const step = (roots, selector) =>
    roots.flatMap((root) => [...(root.shadowRoot ?? root).querySelectorAll(selector)]);
  const all = (path, from = document) => path.split(" >> ").reduce(step, [from]);
  window.__watch = { seen, all, deep: (path, from) => all(path, from)[0] ?? null };
})();
