// How a machine is connected to this server.

import { command } from "./clipboard.js";
import { el } from "./dom.js";

export function clientSetup() {
  const config = [
    "mkdir -p ~/.config/remote-agent",
    "cat > ~/.config/remote-agent/config.toml <<'END'",
    `url = "${location.origin}"`,
    'api_key = "the key of this server"',
    "END",
    "chmod 600 ~/.config/remote-agent/config.toml",
  ].join("\n");
  return el(
    "div",
    { id: "connect" },
    el(
      "p",
      {},
      "On the machine where you work, tell ",
      el("code", {}, "remote-agent"),
      " where this server is. The key is ",
      el("code", {}, "API_KEY"),
      " in the server's ",
      el("code", {}, ".env"),
      ", or stands in ",
      el("code", {}, "data/api-key"),
      ".",
    ),
    command(config, "Commands that write the configuration"),
    el(
      "p",
      {},
      "Then install the hooks. They never hold up the agent or git; while the server is away, events wait on the machine. ",
      "Without --global, the git hook is installed in one repository.",
    ),
    command(
      "remote-agent hook claude-code install\nremote-agent hook git install --global",
      "Commands that install the hooks",
    ),
    el("p", {}, "Does it work?"),
    command("remote-agent status", "A command that shows the state"),
  );
}
