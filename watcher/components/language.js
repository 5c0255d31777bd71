// Which language, and how it says something. English comes with the module; each other language is asked for once,
// under the module's own address with `?lang=`, because whoever passes on that path passes on this too.

import { english } from "./english.js";
import { el } from "./dom.js";

const OFFERED = ["ar", "de", "es", "fr", "he", "it", "ja", "pl", "pt", "ru", "zh"];
const UNITS = [["day", 864e5], ["hour", 36e5], ["minute", 6e4], ["second", 1e3]];
const words = { en: english };
const underway = { en: true };

function wanted(element) {
  for (let node = element; node; node = node.parentNode ?? node.host) if (node.lang) return node.lang;
  return navigator.language;
}

// The language of this element; nothing while its words are under way, and then `ready` is called.
export function languageOf(element, ready) {
  const tag = wanted(element).replaceAll("_", "-");
  const code = OFFERED.find((code) => code === tag.toLowerCase().split("-")[0]) ?? "en";
  const known = words[code];
  if (!underway[code]) (underway[code] = load(code)).then(ready);
  else if (!known) underway[code].then(ready);
  return known && new Language(code, tag);
}

async function load(code) {
  const address = new URL(import.meta.url);
  address.searchParams.set("lang", code);
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(5e3) });
    const found = await answer.json();
    const fits = (key) => typeof found[key] === typeof english[key];
    if (!answer.ok || !fits("update")) throw found;
    words[code] = Object.fromEntries(Object.keys(english).map((key) => [key, (fits(key) ? found : english)[key]]));
  } catch {
    // English for now; asked for again when the page is left and seen again.
    words[code] = english;
    document.addEventListener("visibilitychange", () => delete underway[code], { once: true });
  }
}

class Language {
  constructor(code, tag) {
    const own = code === "en" || words[code] !== english;
    this.words = words[code];
    this.code = own ? code : "en";
    // The country decides how dates and numbers are written, if the language is the one that was asked for.
    const fits = tag.toLowerCase().startsWith(this.code);
    try {
      this.locale = fits ? Intl.getCanonicalLocales(tag)[0] : this.code;
    } catch {
      this.locale = this.code;
    }
    this.direction = this.code === "ar" || this.code === "he" ? "rtl" : "ltr";
  }

  // The message as nodes. The value is isolated: a version must not be turned around among Arabic words.
  say(key, value) {
    const [before, after] = String(this.words[key] ?? key).split("{}");
    return [before, after != null && value && el("bdi", {}, value), after];
  }

  line(key, value) {
    return el("p", {}, this.say(key, value)).textContent;
  }

  count(key, number) {
    const form = new Intl.PluralRules(this.locale).select(number);
    const forms = this.words[key];
    return (forms[form] ?? forms.other).replace("{}", new Intl.NumberFormat(this.locale).format(number));
  }

  days(number) {
    return new Intl.NumberFormat(this.locale, { style: "unit", unit: "day", unitDisplay: "long" }).format(number);
  }

  list(items) {
    return new Intl.ListFormat(this.locale, { type: "unit" }).format(items.filter((item) => item));
  }

  // "2 hours ago", "in 4 minutes"; what is less than a minute ago is "now", so that nothing ticks.
  relative(time) {
    const off = time - Date.now();
    const [unit, size] = UNITS.find(([, size]) => Math.abs(off) >= size) ?? UNITS[3];
    const number = unit === "second" && off < 0 ? 0 : Math.ceil(off / size);
    return new Intl.RelativeTimeFormat(this.locale, { numeric: "auto" }).format(number, unit);
  }

  date(time, style) {
    return new Intl.DateTimeFormat(this.locale, style).format(time);
  }

  // A past time as people say it, exact for those who point at it; nothing if it is none.
  time(text) {
    const time = Date.parse(text);
    if (!time) return;
    const title = this.date(time, { dateStyle: "full", timeStyle: "medium" });
    // Two clocks differ; what has been is not to come.
    const past = Math.min(time, Date.now());
    return el("time", { datetime: new Date(time).toISOString(), title }, this.relative(past));
  }
}
