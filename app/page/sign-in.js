// The form that gets a cookie for the key. The key itself is never kept.

import { request } from "./api.js";
import { el, put } from "./dom.js";
import { several } from "./format.js";

/** Shows the form; calls `done()` once the server took the key. */
export function openSignIn({ outlet, done, wasSignedIn }) {
  const message = el("p", { id: "sign-in-message", role: "alert", class: "form-message" });
  const key = keyField();
  const button = el("button", { class: "primary" }, "Sign in");
  const onsubmit = async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    message.textContent = "";
    try {
      await request("/sign-in", { method: "POST", body: { key: key.value.trim() } });
      key.value = "";
      done();
    } catch (error) {
      message.textContent = words(error);
      key.setAttribute("aria-invalid", error.status === 401);
      key.select();
      key.focus();
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
  const why = wasSignedIn
    ? "You were signed out: the sign-in ended, or the key was changed."
    : "This server is for those who have its key.";
  const form = el("form", { id: "sign-in", onsubmit }, userName(), labelled(key), message, button, hint());
  put(outlet, el("section", { class: "sign-in" }, el("h1", {}, "Sign in"), el("p", { class: "muted" }, why), form));
  key.focus();
}

function keyField() {
  return el("input", {
    id: "key",
    name: "key",
    type: "password",
    autocomplete: "current-password",
    required: true,
    spellcheck: "false",
    autocapitalize: "off",
    "aria-describedby": "key-hint sign-in-message",
  });
}

const labelled = (key) => el("label", { class: "field" }, el("span", {}, "API key"), key);

/** Password managers keep a password by a name. */
function userName() {
  return el("input", {
    type: "text",
    name: "username",
    autocomplete: "username",
    value: "remote-agent",
    hidden: true,
    readonly: true,
  });
}

function hint() {
  const code = (text) => el("code", {}, text);
  return el(
    "p",
    { id: "key-hint", class: "sub" },
    ["It is ", code("API_KEY"), " in the server's ", code(".env")],
    [", or the content of the file ", code("data/api-key"), " where the server made it."],
  );
}

function words(error) {
  if (error.status === 401) return "This is not the key of this server. Copy it again, whole and without quotes.";
  if (error.status !== 429) return error.message;
  const wait = error.retryAfter ? several(error.retryAfter, "second") : "a minute";
  return `Too many wrong keys came from this address. The right one is taken at any time; after a wrong one, wait ${wait}.`;
}
