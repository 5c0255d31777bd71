#!/usr/bin/env python3
"""`remote-agent tui` in a real terminal (tmux) against real servers: what is seen, what keys do, and that the terminal
comes back as it was, however it ends."""

import argparse
import contextlib
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import tempfile
import termios
import uuid
from collections.abc import Iterator

import programs
import stack

SOON = 20
KEY = re.compile(r"the API key +([0-9a-f]{64})")


class Terminal:
    """A shell in tmux, on a socket of its own."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str], size: tuple[int, int] = (80, 24)) -> None:
        self.folder = folder
        self.socket = f"tui-{uuid.uuid4().hex[:12]}"
        shell = "exec bash --norc --noprofile -i"
        columns, rows = map(str, size)
        self.tmux("new-session", "-d", "-x", columns, "-y", rows, shell, environment=environment)
        self.keys("PS1='ready> '", "Enter")
        self.wait("the shell", lambda text: text.rstrip().endswith("ready>"))

    def tmux(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        command = ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
        return done.stdout.decode()

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self.tmux("kill-server")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def text(self, *options: str) -> str:
        return self.tmux("capture-pane", "-p", *options)

    def value(self, name: str) -> str:
        return self.tmux("display-message", "-p", "#{" + name + "}").strip()

    def resize(self, columns: int, rows: int) -> None:
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait(self, what: str, condition, seconds: float = SOON) -> str:
        def seen() -> str | None:
            text = self.text()
            return text if condition(text) else None

        try:
            return stack.wait_for(what, seen, seconds)
        except SystemExit:
            print(self.text())
            raise

    def see(self, *parts: str, seconds: float = SOON) -> str:
        return self.wait(f"{parts} on the screen", lambda text: all(part in text for part in parts), seconds)

    def child(self) -> int:
        """The program that runs in the shell."""
        shell = self.value("pane_pid")
        children = pathlib.Path(f"/proc/{shell}/task/{shell}/children")
        return int(stack.wait_for("the program", lambda: children.read_text().split(), SOON)[0])

    def run(self, command: str) -> None:
        """Starts a program between two looks at the terminal's settings."""
        self.keys("clear", "Enter")
        self.type(f"stty -a >{self.folder}/before; {command}; echo code=$?; stty -a >{self.folder}/after")
        self.keys("Enter")

    def must_be_restored(self, code: int) -> None:
        self.see(f"code={code}", "ready>")
        stack.wait_for("the terminal's settings", lambda: (self.folder / "after").stat().st_size, SOON)
        before, after = ((self.folder / name).read_text() for name in ("before", "after"))
        if before != after:
            raise SystemExit(f"the terminal is not as it was:\n{before}\n{after}")
        (self.folder / "after").unlink()
        if (self.value("alternate_on"), self.value("cursor_flag")) != ("0", "1"):
            raise SystemExit("the screen or the cursor was not given back")


@contextlib.contextmanager
def terminal(folder: pathlib.Path, environment: dict[str, str], size: tuple[int, int] = (80, 24)) -> Iterator[Terminal]:
    shell = Terminal(folder, environment, size)
    try:
        yield shell
    finally:
        shell.close()


@contextlib.contextmanager
def server(binaries: pathlib.Path, folder: pathlib.Path, port: int) -> Iterator[programs.Program]:
    environment = os.environ | {
        "API_KEY": programs.KEY,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "METRICS_LISTEN": f"127.0.0.1:{stack.free_port()}",
        "DATA_DIR": str(folder / "data"),
    }
    program = programs.Program(f"http://127.0.0.1:{port}", "", programs.KEY)
    serve = [str(binaries / "remote-agent-server"), "serve"]
    with stack.process(serve, folder / "server", environment, programs.APP_STOP_SECONDS) as child:
        with stack.serving(child, f"{program.address}/readyz"):
            yield program


def send(program: programs.Program, *events: dict) -> None:
    body = json.dumps({"events": events}).encode()
    status, answer = stack.send("POST", f"{program.address}/api/events", body, key=program.key)
    if status != 202 or json.loads(answer)["accepted"] != len(events):
        raise SystemExit(f"the events were not accepted: {status} {answer!r}")


def client_environment(folder: pathlib.Path, program: programs.Program) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "NO_PROXY", "no_proxy") if name in os.environ}
    return kept | {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "REMOTE_AGENT_URL": program.address,
        "REMOTE_AGENT_API_KEY": program.key,
    }


def check_refusals(client: str, environment: dict[str, str]) -> None:
    done = subprocess.run([client, "tui"], env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=SOON)
    if done.returncode not in (1, 2) or b"remote-agent status" not in done.stderr or done.stdout:
        raise SystemExit(f"without a terminal it does not refuse clearly: {done}")


def check_dumb(shell: Terminal, client: str) -> None:
    shell.run(f"TERM=dumb {client} tui")
    shell.see("status --watch")
    shell.must_be_restored(1)


def check_lists(shell: Terminal, client: str, program: programs.Program) -> None:
    shell.run(f"{client} tui")
    shell.see("● ok", "garden", "some-model", "Started")
    shell.keys("/")
    shell.type("runn")
    shell.see("1 of 2 sessions match “runn”")
    shell.keys("Escape")
    shell.see("Started")
    shell.keys("j", "Enter")
    shell.see("1 prompt", "1 commit", "transcript 18 B", "git.commit", "Sow", "session.end")
    send(program, programs.event("session.prompt", "seeded", {"prompt": "Water the beds"}))
    shell.see("Water the beds", "2 prompts")
    shell.keys("k", "Enter")
    shell.see("session seeded")
    # One by one: two that come together are one key to a terminal.
    shell.keys("Escape")
    shell.see("event 5 of 6")
    shell.keys("Escape")
    shell.see("Started")
    shell.keys("2")
    shell.see("following")
    send(program, programs.event("note", "fresh", {"text": "Something new"}))
    shell.see("Something new")
    shell.keys("3")
    shell.see("the last 30 days", "commit", "0000000", "main", "+3")


def check_sizes(shell: Terminal) -> None:
    shell.keys("1")
    for size in ((50, 15), (200, 50), (40, 10)):
        shell.resize(*size)
        shell.see("garden", "● ok")
    shell.resize(30, 8)
    shell.see("30×8 is too small")
    shell.resize(80, 24)
    shell.see("Started", "● ok")
    shell.keys("?")
    shell.see("these keys", "Ctrl-Z")
    shell.keys("x")
    shell.see("Started")
    shell.keys("q")
    shell.must_be_restored(0)


def check_pause(shell: Terminal, client: str) -> None:
    shell.keys("clear", "Enter")
    shell.type(f"{client} tui")
    shell.keys("Enter")
    shell.see("Started", "● ok")
    shell.keys("C-z")
    shell.see("Stopped", "ready>")
    if shell.value("alternate_on") != "0":
        raise SystemExit("the screen was not given back for the pause")
    shell.keys("fg", "Enter")
    shell.see("Started", "● ok")
    shell.keys("q")
    shell.see("Stopped", "fg")


def check_ends(shell: Terminal, client: str) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        shell.run(f"{client} tui")
        shell.see("● ok", "garden")
        os.kill(shell.child(), number)
        shell.must_be_restored(128 + number)
    for key in ("C-c", "Escape"):
        shell.run(f"{client} tui")
        shell.see("● ok", "garden")
        shell.keys(key)
        shell.must_be_restored(0)


def check_hang_up(client: str, environment: dict[str, str]) -> None:
    """The window is closed, and with it the terminal: the program ends at once, without a panic."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(client, [client, "tui"], environment)
    termios.tcsetwinsize(terminal, (24, 80))
    seen = bytearray()

    def is_drawn() -> bool:
        if select.select([terminal], [], [], 0)[0]:
            seen.extend(os.read(terminal, 1 << 16))
        return b"Sessions" in seen

    stack.wait_for("the first frame", is_drawn, SOON)
    os.close(terminal)
    ended = stack.wait_for("the program to end", lambda: exit_code(child), SOON)
    if ended[0] not in (1, 128 + signal.SIGHUP):
        raise SystemExit(f"when its terminal went it ended with {ended[0]}")


def exit_code(child: int) -> tuple[int] | None:
    """The exit code of a child that has ended, in a tuple because it may be 0."""
    ended, status = os.waitpid(child, os.WNOHANG)
    return (os.waitstatus_to_exitcode(status),) if ended else None


def check_hostile(shell: Terminal, client: str, program: programs.Program) -> None:
    attack = "\x1b[2J\x1b]0;pwned\x07\x1b[31mred\x9b5n"
    commit = {"subject": f"before{attack}after", "branch": attack, "sha": attack}
    send(program, programs.event("session.start", "evil", {"model": f"m{attack}"}))
    send(program, programs.event("git.commit", "evil", commit))
    send(program, programs.event("session.prompt", "evil", {attack: attack, "prompt": attack}))
    shell.run(f"{client} tui")
    # The server lets no control character into names; the data of events is the client's to make safe.
    for key, part in (("1", "m[2J"), ("2", "beforered"), ("3", "before[2J")):
        shell.keys(key)
        shell.see(part, "● ok", "1 Sessions")
    shell.keys("2", "Enter")
    shell.see("session evil")
    if "pwned" in shell.value("pane_title"):
        raise SystemExit("a stranger's text set the terminal's title")
    shell.keys("q")
    shell.must_be_restored(0)


def check_looks(shell: Terminal, client: str) -> None:
    shell.run(f"NO_COLOR=1 {client} tui")
    shell.see("● ok", "garden")
    if coloured := re.findall(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|9[0-7])[0-9;]*m", shell.text("-e")):
        raise SystemExit(f"NO_COLOR, and yet there is colour: {coloured}")
    shell.keys("q")
    shell.must_be_restored(0)
    shell.run(f"LANG=C {client} tui")
    text = shell.see("* ok", "garden")
    if not text.isascii():
        raise SystemExit(f"the locale is not UTF-8, and yet:\n{text}")
    shell.keys("q")
    shell.must_be_restored(0)


def check_away(binaries: pathlib.Path, folder: pathlib.Path, client: str) -> None:
    """The server is away, comes, goes and comes back; the screen tells each of it by itself."""
    port = stack.free_port()
    program = programs.Program(f"http://127.0.0.1:{port}", "", programs.KEY)
    with terminal(folder, client_environment(folder, program)) as shell:
        shell.run(f"{client} tui")
        shell.see("No server answers", "× away")
        with server(binaries, folder, port):
            programs.seed(program)
            shell.see("● ok", "garden", seconds=60)
        shell.see("× away", "this is what was read before", "garden", seconds=60)
        with server(binaries, folder, port):
            shell.see("● ok", "Started", "garden", seconds=60)
            shell.keys("q")
            shell.must_be_restored(0)
        wrong = f"REMOTE_AGENT_API_KEY=another-key-of-no-value-000000 {client} tui"
        with server(binaries, folder, port):
            shell.run(wrong)
            shell.see("The server refuses the API key", "API_KEY")
            shell.keys("q")
            shell.must_be_restored(0)


@contextlib.contextmanager
def demo(binaries: pathlib.Path, folder: pathlib.Path) -> Iterator[programs.Program]:
    """Server and watcher in one process, with an update after a few seconds."""
    port = stack.free_port()
    environment = os.environ | {
        "SIDEWATCH_LISTEN": f"127.0.0.1:{stack.free_port()}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "METRICS_LISTEN": f"127.0.0.1:{stack.free_port()}",
        "TMPDIR": str(folder),
    }
    with stack.process(
        [str(binaries / "standalone"), "--demo"], folder / "demo", environment, programs.APP_STOP_SECONDS
    ) as child:
        key = stack.wait_for("the demo's key", lambda: KEY.search((folder / "demo.out").read_text()), SOON)
        address = f"http://127.0.0.1:{port}"
        with stack.serving(child, f"{address}/readyz"):
            yield programs.Program(address, "", key[1])


def version(program: programs.Program) -> dict:
    return json.loads(stack.get(f"{program.address}/api/version", key=program.key)[1])


def check_update(shell: Terminal, client: str, program: programs.Program) -> None:
    shell.run(f"{client} tui")
    shell.see("No sessions yet", "hook claude-code install")
    shell.see("▲ 1.3.0", seconds=60)
    shell.keys("c")
    shell.see("1.2.3 › 1.3.0", "Added", "•")
    shell.keys("f")
    shell.wait("the outcome of a check", lambda text: "Checked just now" in text or "can be asked for in" in text)
    shell.keys("s")
    shell.see("Skip 1.3.0? y: yes")
    shell.keys("n")
    shell.see("Nothing was changed")
    shell.keys("s", "y")
    shell.see("1.3.0 is skipped", "▲ 1.3.0 skipped")
    if version(program)["skipped"] != "1.3.0":
        raise SystemExit("the screen says that the version is skipped, the server does not")
    shell.keys("S", "y")
    shell.see("No version is skipped now")
    if version(program)["skipped"] is not None:
        raise SystemExit("the screen says that nothing is skipped, the server does not")
    shell.keys("q")
    shell.must_be_restored(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="the folder of the built programs")
    parser.add_argument("--client", type=pathlib.Path, help="remote-agent, if it is elsewhere")
    arguments = parser.parse_args()
    binaries = arguments.bin.resolve()
    client = str((arguments.client or binaries / "remote-agent").resolve())
    stack.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="remote-agent-tui-") as name:
        folders = [pathlib.Path(name) / part for part in ("lists", "away", "demo")]
        for folder in folders:
            folder.mkdir()
        lists, away, updates = folders
        with server(binaries, lists, stack.free_port()) as program:
            programs.seed(program)
            environment = client_environment(lists, program)
            check_refusals(client, environment)
            check_hang_up(client, environment)
            with terminal(lists, environment) as shell:
                check_dumb(shell, client)
                check_lists(shell, client, program)
                check_sizes(shell)
                check_pause(shell, client)
                check_ends(shell, client)
                check_hostile(shell, client, program)
                check_looks(shell, client)
        check_away(binaries, away, client)
        with demo(binaries, updates) as program:
            with terminal(updates, client_environment(updates, program)) as shell:
                check_update(shell, client, program)
    print("the screen shows what is there, survives every end, and gives the terminal back")


if __name__ == "__main__":
    main()
