// JSON as it was sent: numbers that a browser cannot hold keep their digits.

const keepsDigits = typeof JSON.rawJSON === "function";

function keep(_key, value, context) {
  if (typeof value !== "number" || context === undefined) return value;
  return String(value) === context.source ? value : JSON.rawJSON(context.source);
}

export function parse(text) {
  return keepsDigits ? JSON.parse(text, keep) : JSON.parse(text);
}

export function pretty(value) {
  return JSON.stringify(value, null, 2);
}

/** As a number, whatever `parse` kept it as; `null` if it is none. */
export function asNumber(value) {
  const number = typeof value === "object" && value !== null ? Number(value.rawJSON) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
