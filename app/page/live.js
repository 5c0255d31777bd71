// Asks again and again, while somebody looks.

/** Runs `once` every `milliseconds` while the page is visible, more rarely while it fails, until `signal`. */
export function every(milliseconds, once, signal) {
  let timer = 0;
  let wait = milliseconds;
  let running = false;
  let last = Date.now();

  async function run() {
    clearTimeout(timer);
    if (running || signal.aborted) return;
    running = true;
    try {
      await once();
      wait = milliseconds;
    } catch {
      // What failed was told where it matters; this only waits longer.
      wait = Math.min(wait * 2, 8 * milliseconds, 120_000);
    }
    running = false;
    last = Date.now();
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!signal.aborted && document.visibilityState === "visible") timer = setTimeout(run, wait);
  }

  const seen = () => {
    if (document.visibilityState === "visible" && Date.now() - last >= milliseconds) run();
    else plan();
  };
  document.addEventListener("visibilitychange", seen, { signal });
  addEventListener("online", run, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  plan();
}
