((elements, attributes) => {
  const allowed = new Set(elements.split(/\s+/u)), told = new Set(attributes.split(/\s+/u));
  const found = [];
  let looked = 0;
  const notes = all("version-widget >> dialog[open] [part~=notes]");
  const stop = (event) => event.preventDefault();
  document.addEventListener("click", stop, true);
  for (const root of notes) {
    for (const at of root.querySelectorAll("*")) {
      looked += 1;
      const name = at.localName;
      if (at.namespaceURI !== "http://www.w3.org/1999/xhtml" || !allowed.has(name)) found.push(`element ${at.namespaceURI} ${name}`);
      for (const one of at.attributes) if (!told.has(one.name)) found.push(`attribute ${one.name} of ${name}: ${one.value}`);
      if (at.shadowRoot) found.push(`shadow root in ${name}`);
      if (name === "a" && at.hasAttribute("href")) {
        const scheme = new URL(at.href).protocol;
        if (!["http:", "https:", "mailto:"].includes(scheme)) found.push(`link to ${at.href}`);
        if (/\.(?:internal|local)$/u.test(at.hostname) || at.hostname === location.hostname) found.push(`link into this site: ${at.getAttribute("href")}`);
        for (const word of ["noopener", "noreferrer", "nofollow"]) {
          if (!at.relList.contains(word)) found.push(`link without ${word}`);
        }
      }
      for (const kind of ["mouseover", "mouseenter", "mousedown", "mouseup", "click", "focus", "focusin", "blur", "keydown", "toggle", "animationstart", "wheel", "copy", "paste"]) {
        at.dispatchEvent(new Event(kind, { bubbles: true, cancelable: true, composed: true }));
      }
      at.focus?.();
    }
  }
  document.removeEventListener("click", stop, true);
  return { found, roots: notes.length, elements: looked };
})(...arguments)
