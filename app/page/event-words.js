// What an event is called, and the line of its data that tells most. Everything else stands in its data.

import { lines, oneLine } from "./dom.js";
import { compact, dollars, several } from "./format.js";
import { asNumber } from "./json.js";

const KNOWN = {
  "session.start": ["start", "Session started"],
  "session.end": ["end", "Session ended"],
  "session.prompt": ["prompt", "Prompt"],
  "session.tool_use": ["tool", "Tool"],
  "session.usage": ["usage", "Usage"],
  "git.commit": ["commit", "Commit"],
  "git.push": ["push", "Push"],
  "git.checkout": ["checkout", "Checkout"],
  "git.merge": ["merge", "Merge"],
};

/** The first of these keys that holds a text. */
export function text(data, ...keys) {
  if (data === null || typeof data !== "object") return null;
  for (const key of keys) {
    if (typeof data[key] === "string" && data[key] !== "") return data[key];
  }
  return null;
}

function number(data, ...keys) {
  if (data === null || typeof data !== "object") return null;
  for (const key of keys) {
    const value = asNumber(data[key]);
    if (value !== null) return value;
  }
  return null;
}

/** What git events tell, by the names that the server knows. */
export function git(data) {
  const subject = text(data, "subject", "message");
  return {
    repository: text(data, "repository", "repo"),
    branch: text(data, "branch"),
    sha: text(data, "sha", "commit"),
    subject: subject && oneLine(subject.split("\n", 1)[0], 500),
    additions: number(data, "additions", "insertions", "linesAdded"),
    deletions: number(data, "deletions", "linesRemoved"),
  };
}

/** `{ icon, title, detail, took, failed }` of a stored event; the last two are of tools. */
export function words(event) {
  const [icon, title] = KNOWN[event.type] ?? [
    event.type.startsWith("git.") ? "commit" : "other",
    oneLine(event.type, 100),
  ];
  const { data } = event;
  switch (event.type) {
    case "session.prompt":
      return { icon, title, detail: body(text(data, "prompt", "text", "message")) ?? characters(data) };
    case "session.tool_use":
      return {
        icon,
        title: oneLine(text(data, "tool", "toolName", "tool_name", "name") ?? title, 80),
        detail: body(toolDetail(data)),
        took: number(data, "durationMs", "duration_ms"),
        failed: data?.ok === false ? oneLine(text(data, "error") ?? "failed", 200) : null,
      };
    case "session.usage":
      return { icon, title, detail: usage(data) };
    case "session.start":
      return { icon, title, detail: body(text(data, "cwd", "source", "model")) };
    case "session.end":
      return { icon, title, detail: body(text(data, "reason")) };
    default:
      return {
        icon,
        title,
        detail: event.type.startsWith("git.") ? gitDetail(data) : body(text(data, "message", "text", "title")),
      };
  }
}

const body = (long) => (long === null ? null : lines(long).slice(0, 1200));

/** Of a prompt that was not sent along. */
function characters(data) {
  const many = number(data, "characters");
  return many === null ? null : several(many, "character");
}

function toolDetail(data) {
  const input = data?.input ?? data?.toolInput ?? data?.tool_input ?? data;
  return (
    text(
      input,
      "command",
      "pattern",
      "query",
      "url",
      "file",
      "file_path",
      "filePath",
      "path",
      "description",
      "prompt",
    ) ?? text(data, "summary", "target")
  );
}

function usage(data) {
  const told = [
    [number(data, "inputTokens", "input_tokens"), "in"],
    [number(data, "outputTokens", "output_tokens"), "out"],
    [number(data, "cacheReadTokens", "cache_read_tokens", "cache_read_input_tokens"), "read from the cache"],
  ]
    .filter(([amount]) => amount !== null)
    .map(([amount, name]) => `${compact(amount)} ${name}`);
  const cost = number(data, "costUsd", "cost_usd");
  if (cost !== null) told.push(dollars(cost));
  return told.length === 0 ? null : told.join(" · ");
}

function gitDetail(data) {
  const told = git(data);
  return (
    [told.sha && oneLine(told.sha, 7).replace("…", ""), told.branch && oneLine(told.branch, 80), told.subject]
      .filter(Boolean)
      .join(" · ") || null
  );
}
