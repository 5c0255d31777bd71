(() => {
  const scrolls = (at) => {
    for (let up = at; up && up !== document; up = up.parentNode ?? up.host ?? up.getRootNode()?.host) {
      if (up.host) up = up.host;
      if (up instanceof Element && up !== at && up !== document.body && up !== document.documentElement
        && getComputedStyle(up).overflowX !== "visible") return true;
    }
    return false;
  };
  const found = [];
  const look = (root) => {
    for (const at of root.querySelectorAll("*")) {
      if (at.shadowRoot) look(at.shadowRoot);
      const box = at.getBoundingClientRect();
      if (box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1) && !scrolls(at)) {
        found.push(`${at.localName} ${at.getAttribute("part") ?? at.className ?? ""}: ${Math.round(box.left)} to ${Math.round(box.right)}`);
      }
    }
  };
  look(document);
  return found;
})()
