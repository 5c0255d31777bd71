"""The project's servers with something to show: a watcher on the demo scenario, Remote Agent's with a few sessions."""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import stack

KEY = "e2e-key-of-no-value-0123456789abcdef"
# The server promises 25.
APP_STOP_SECONDS = 27


class Program(NamedTuple):
    """A server that is ready."""

    address: str
    metrics: str
    key: str


@contextlib.contextmanager
def watcher(binaries: pathlib.Path) -> Iterator[Program]:
    with tempfile.TemporaryDirectory(prefix="sidewatch-e2e-") as folder:
        logs = pathlib.Path(folder)
        fake = [str(binaries / "fake-github"), "--scenario", "demo"]
        with stack.process(fake, logs / "fake-github") as github:
            urls = stack.first_json_line(github, logs / "fake-github.out")
            address = f"http://127.0.0.1:{stack.free_port()}"
            environment = os.environ | {
                "SIDEWATCH_REPO": "yourorg/remote-agent",
                "SIDEWATCH_CURRENT": "1.2.0",
                "SIDEWATCH_GITHUB_API_URL": urls["api"],
                "SIDEWATCH_GITHUB_WEB_URL": urls["web"],
                "SIDEWATCH_LISTEN": address.removeprefix("http://"),
                "SIDEWATCH_API_TOKEN": KEY,
            }
            serve = [str(binaries / "sidewatch"), "serve"]
            with stack.process(serve, logs / "sidewatch", environment) as sidewatch:
                with stack.serving(sidewatch, f"{address}/readyz"):
                    yield Program(address, f"{address}/metrics", KEY)
            stack.must_have_ended_well(sidewatch)


@contextlib.contextmanager
def app(binaries: pathlib.Path) -> Iterator[Program]:
    """Remote Agent's server on its embedded defaults, without a watcher."""
    with tempfile.TemporaryDirectory(prefix="remote-agent-e2e-") as name:
        folder = pathlib.Path(name)
        port, metrics = stack.free_port(), stack.free_port()
        make_workspace(folder / "workspaces" / "garden")
        environment = os.environ | {
            "API_KEY": KEY,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "METRICS_LISTEN": f"127.0.0.1:{metrics}",
            "DATA_DIR": str(folder / "data"),
            "WORKSPACES_DIR": str(folder / "workspaces"),
        }
        serve = [str(binaries / "remote-agent-server"), "serve"]
        program = Program(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{metrics}/metrics", KEY)
        with stack.process(serve, folder / "server", environment, APP_STOP_SECONDS) as server:
            with stack.serving(server, f"{program.address}/readyz"):
                seed(program)
                yield program
        stack.must_have_ended_well(server)


def make_workspace(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    person = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    for arguments in (["init", "--quiet"], [*person, "commit", "--quiet", "--allow-empty", "--message", "Sow"]):
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, stdin=subprocess.DEVNULL)


def event(kind: str, session: str, data: object, minutes_ago: int = 0) -> dict:
    return {
        "id": str(uuid.uuid4()),
        "type": kind,
        "timestamp": (datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)).isoformat(),
        "sessionId": session,
        "workspace": "garden",
        "device": "laptop",
        "data": data,
    }


def seed(program: Program) -> None:
    """A session that ended and one that runs, with every kind of value where any JSON may stand, and a transcript."""
    commit = {"repository": "garden", "branch": "main", "sha": "0" * 40, "subject": "Sow", "additions": 3}
    events = [
        event("session.start", "seeded", {"model": "some-model"}, 50),
        event("session.prompt", "seeded", {"inputTokens": 7, "costUsd": 0.01}, 40),
        event("session.tool_use", "seeded", ["any", {"json": None}], 30),
        event("git.commit", "seeded", commit, 20),
        event("session.end", "seeded", None, 10),
        event("session.start", "running", "text"),
        event("note", "running", 1.5),
    ]
    status, body = stack.send(
        "POST", f"{program.address}/api/events", json.dumps({"events": events}).encode(), key=program.key
    )
    if status != 202 or json.loads(body)["accepted"] != len(events):
        raise SystemExit(f"the seeds were not accepted: {status} {body!r}")
    transcript = f"{program.address}/api/sessions/seeded/transcript"
    status, body = stack.send("PUT", transcript, b'{"said": "hello"}\n', key=program.key)
    if status != 201:
        raise SystemExit(f"the transcript was not kept: {status} {body!r}")
