// Transcripts of coding agents hold a message in JSON on each line; this reads the kinds that are about.

import { pretty } from "./json.js";

const KINDS = ["application/jsonl", "application/x-ndjson", "application/x-jsonlines", "application/jsonlines"];

/** Whether these lines are such messages, by their type or the look of the first ones. */
export function areMessages(contentType, lines) {
  const first = lines.slice(0, 30).filter((line) => line.trim() !== "");
  if (first.length === 0) return false;
  const read = first.filter((line) => readMessage(line) !== null).length;
  const declared = KINDS.includes(contentType.split(";")[0].trim().toLowerCase());
  return read > 0 && (declared || read * 2 >= first.length);
}

/** `{ role, at, parts: [{ kind, name, text }] }`, or `null` if the line is no message. */
export function readMessage(line) {
  if (!line.startsWith("{")) return null;
  let told;
  try {
    told = JSON.parse(line);
  } catch {
    return null;
  }
  // Some put the message into an envelope that says when and what.
  const inner =
    [told.message, told.payload, told.item].find(
      (value) => value !== null && typeof value === "object" && !Array.isArray(value),
    ) ?? told;
  const kind = word(inner.type) ?? word(told.type);
  const role = word(inner.role) ?? (["user", "assistant", "system"].includes(told.type) ? told.type : null);
  if (kind === null && role === null) return null;
  const parts = [...content(inner.content ?? inner.text ?? inner.summary ?? told.summary), ...own(inner)];
  if (parts.length === 0)
    return { role: null, at: time(told), parts: [{ kind: "note", name: kind ?? role, text: "" }] };
  return {
    role: speaker(role, kind, parts),
    at: time(told),
    parts: kind === "reasoning" ? parts.map(asThought) : parts,
  };
}

/** Who says it: results come from tools, whatever role they are sent under. */
function speaker(role, kind, parts) {
  if (parts.every((part) => part.kind === "result")) return "tool";
  if (role !== null) return role;
  return kind === "reasoning" || parts.every((part) => part.kind === "call") ? "assistant" : "note";
}

const asThought = (part) => ({ ...part, kind: "thought", name: "thinking" });

const word = (value) => (typeof value === "string" && value !== "" ? value.slice(0, 60) : null);
const time = (told) => (Number.isNaN(Date.parse(told.timestamp ?? "")) ? null : told.timestamp);

function content(value) {
  if (typeof value === "string") return value.trim() === "" ? [] : [{ kind: "text", name: null, text: value }];
  if (!Array.isArray(value)) return [];
  return value.slice(0, 200).flatMap(block);
}

function block(value) {
  if (typeof value === "string") return [{ kind: "text", name: null, text: value }];
  if (value === null || typeof value !== "object") return [];
  switch (value.type) {
    case "tool_use":
    case "server_tool_use":
      return [{ kind: "call", name: word(value.name) ?? "tool", text: given(value.input) }];
    case "tool_result":
      return [{ kind: "result", name: value.is_error ? "failed" : "result", text: plain(value.content) }];
    case "thinking":
    case "reasoning":
      return value.thinking || value.text
        ? [{ kind: "thought", name: "thinking", text: plain(value.thinking ?? value.text) }]
        : [];
    case "image":
    case "input_image":
    case "document":
      return [{ kind: "note", name: value.type.replace("input_", ""), text: "" }];
    default:
      return typeof value.text === "string" && value.text !== ""
        ? [{ kind: "text", name: null, text: value.text }]
        : [];
  }
}

/** Calls and results that are lines of their own. */
function own(value) {
  switch (value.type) {
    case "function_call":
    case "custom_tool_call":
    case "local_shell_call":
      return [
        {
          kind: "call",
          name: word(value.name) ?? "shell",
          text: given(value.arguments ?? value.input ?? value.action),
        },
      ];
    case "function_call_output":
    case "custom_tool_call_output":
      return [{ kind: "result", name: "result", text: plain(value.output) }];
    default:
      return [];
  }
}

/** What a tool was given: the one text that says all, or everything. */
function given(input) {
  if (typeof input === "string") return input;
  if (input === null || typeof input !== "object") return "";
  if (typeof input.command === "string") {
    return typeof input.description === "string" ? `# ${input.description}\n${input.command}` : input.command;
  }
  const values = Object.values(input);
  return values.length === 1 && typeof values[0] === "string" ? values[0] : pretty(input);
}

function plain(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value))
    return value.map((part) => (typeof part === "string" ? part : (part?.text ?? ""))).join("\n");
  return value === null || value === undefined ? "" : pretty(value);
}
