// A transcript on its way here: bytes become lines while they come, and the page stays responsive meanwhile.

/** No longer without letting the page breathe. */
const SLICE_MS = 12;
/** A text without line ends is cut here: a message of an agent with a picture in it is shorter. */
const LONGEST = 16 << 20;

/** Lets everything else that waits happen first. */
export function breathe() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** The lines of a response's body. One array of strings, which only grows. */
export class TranscriptLines {
  lines = [];
  bytes = 0;
  /** Whether what came first cannot be text. */
  binary = false;
  /** `reading`, `whole`, or `broken`: it ended before its end. */
  state = "reading";
  #rest = "";

  /** Reads to the end; `grown()` is called after each slice. Never throws. */
  async read(response, { signal, grown }) {
    try {
      await this.#pump(response.body.getReader(), grown);
      this.state = "whole";
    } catch {
      this.state = "broken";
    }
    if (signal.aborted) return;
    if (this.#rest !== "") this.lines.push(this.#rest);
    this.#rest = "";
    grown();
  }

  async #pump(reader, grown) {
    const decoder = new TextDecoder();
    let since = performance.now();
    for (;;) {
      const { done, value } = await reader.read();
      if (!done && this.bytes === 0) this.binary = value.subarray(0, 4096).includes(0);
      this.bytes += value?.length ?? 0;
      this.#take(decoder.decode(value, { stream: !done }));
      if (done) return;
      if (performance.now() - since > SLICE_MS) {
        grown();
        await breathe();
        since = performance.now();
      }
    }
  }

  #take(text) {
    const end = text.lastIndexOf("\n");
    if (end < 0) {
      this.#rest += text;
      while (this.#rest.length > LONGEST) {
        this.lines.push(this.#rest.slice(0, LONGEST));
        this.#rest = this.#rest.slice(LONGEST);
      }
      return;
    }
    for (const line of (this.#rest + text.slice(0, end)).split("\n")) {
      this.lines.push(line.endsWith("\r") ? line.slice(0, -1) : line);
    }
    this.#rest = text.slice(end + 1);
  }
}
