// Runs before anything is painted, so that a chosen theme does not flash in the other one. No module: those wait.
"use strict";
(() => {
  try {
    const theme = localStorage.getItem("remote-agent-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is refused: the system's theme it is.
  }
})();
