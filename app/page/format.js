// Numbers, times and sizes for people.

import { el } from "./dom.js";

// The page speaks English; somebody whose browser does too gets dates as they are used to.
const LOCALE = (navigator.languages ?? []).find((language) => language.startsWith("en")) ?? "en-GB";

const whole = new Intl.NumberFormat(LOCALE);
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeStyle: "long" });
const minute = new Intl.DateTimeFormat(LOCALE, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const hourMinute = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const dayMonth = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const dayMonthYear = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long", year: "numeric" });

export const count = (number) => whole.format(number);
export const compact = (number) => (number < 10_000 ? whole.format(number) : short.format(number));

/** `1 session`, `3 sessions`. */
export function several(number, one, many = `${one}s`) {
  return `${whole.format(number)} ${number === 1 ? one : many}`;
}

export function dollars(amount) {
  if (amount === 0) return "$0";
  if (amount < 0.01) return "< $0.01";
  return `$${amount < 1000 ? amount.toFixed(2) : whole.format(Math.round(amount))}`;
}

export function bytes(number) {
  const units = ["bytes", "KiB", "MiB", "GiB"];
  let unit = 0;
  let size = number;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** `45 s`, `12 min`, `1 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  const pair = (large, unit, rest, part) => `${large} ${unit}${rest > 0 ? ` ${rest} ${part}` : ""}`;
  if (hours < 24) return pair(hours, "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** A short time with its milliseconds. */
export const precise = (milliseconds) => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : duration(milliseconds);
};

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

function ago(time) {
  const seconds = (time - Date.now()) / 1000;
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > 1 ? "in a moment" : "just now";
}

/** How long ago, kept right while it is shown; the exact time is its title. */
export function when(text) {
  const time = Date.parse(text);
  return el("time", { datetime: text, title: exact.format(time), "data-relative": "" }, ago(time));
}

/** The time of day, with the exact time as its title. */
export function timeOfDay(text, withSeconds = true) {
  const time = Date.parse(text);
  return el("time", { datetime: text, title: exact.format(time) }, (withSeconds ? clock : hourMinute).format(time));
}

export const dateAndTime = (text) => minute.format(Date.parse(text));
export const shortDay = (date) => dayMonth.format(date);
export const longDay = (date) => dayMonthYear.format(date);

/** Keeps all relative times of the page right. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const text = ago(Date.parse(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

const two = (number) => String(number).padStart(2, "0");

/** The local day of a time, as `2026-01-30`. */
export function dayOf(time) {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The start of a local day given as `2026-01-30`, so many days later. */
export function startOfDay(day, later = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

/** `Today`, `Yesterday`, `Friday 30 January`. */
export function dayHeading(day) {
  const today = dayOf(Date.now());
  if (day === today) return "Today";
  if (startOfDay(day, 1).getTime() === startOfDay(today).getTime()) return "Yesterday";
  const date = startOfDay(day);
  const year = date.getFullYear() === new Date().getFullYear() ? "" : ` ${date.getFullYear()}`;
  return weekday.format(date) + year;
}
