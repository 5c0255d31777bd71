#!/usr/bin/env python3
"""The command in the README shows both addresses, an update, and keeps an event; without a network, within a minute.

The demo leaves the person's data alone: it has a temporary folder of its own, which goes away with it.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile

import programs
import stack

COMMAND = ["cargo", "run", "--release", "--locked", "--", "--demo"]
# Where the same command without --demo keeps its data.
DATA = pathlib.Path("data")
KEY = re.compile(r"the API key +([0-9a-f]{64})")


def contents(folder: pathlib.Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


def databases(folder: pathlib.Path) -> list[pathlib.Path]:
    return list(folder.rglob("remote-agent.db"))


def shown_update(demo: subprocess.Popen, watcher: str) -> dict:
    def update() -> dict | None:
        if demo.poll() is not None:
            raise SystemExit(f"the demo ended with {demo.returncode}")
        state = json.loads(stack.get(f"{watcher}/api/version")[1])
        return state if state["updateAvailable"] is True else None

    return stack.wait_for("the demo to show an update", update, 60)


def check_app(app: str, said: str) -> None:
    if not (key := KEY.search(said)):
        raise SystemExit(f"the demo shows no API key:\n{said}")
    status, body = stack.get(f"{app}/api/health")
    if status != 200 or json.loads(body)["status"] != "ok":
        raise SystemExit(f"the demo's server is not well: {status} {body!r}")
    # Not before the watcher answers, so the server knows of the update too.
    state = json.loads(stack.get(f"{app}/api/version", key=key[1])[1])
    if state["updateAvailable"] is not True:
        raise SystemExit(f"the server does not pass on what the watcher knows: {state}")
    sent = programs.event("session.start", "demo", {"model": "some-model"})
    status, body = stack.send("POST", f"{app}/api/events", json.dumps({"events": [sent]}).encode(), key=key[1])
    if status != 202 or json.loads(body)["accepted"] != 1:
        raise SystemExit(f"the demo does not take an event: {status} {body!r}")
    [read] = json.loads(stack.get(f"{app}/api/sessions/demo/events", key=key[1])[1])["items"]
    if (read["id"], read["data"]) != (sent["id"], sent["data"]):
        raise SystemExit(f"another event was read back than was sent: {read}")
    if stack.get(f"{app}/api/sessions")[0] != 401:
        raise SystemExit("the demo's server is open to everybody")


def main() -> None:
    stack.stop_on_signals()
    ports = {name: stack.free_port() for name in ("watcher", "app", "metrics")}
    watcher, app = (f"http://127.0.0.1:{ports[name]}" for name in ("watcher", "app"))
    kept = contents(DATA)
    with tempfile.TemporaryDirectory(prefix="sidewatch-demo-") as name:
        folder = pathlib.Path(name)
        (folder / "tmp").mkdir()
        environment = os.environ | {
            "SIDEWATCH_LISTEN": f"127.0.0.1:{ports['watcher']}",
            "HOST": "127.0.0.1",
            "PORT": str(ports["app"]),
            "METRICS_LISTEN": f"127.0.0.1:{ports['metrics']}",
            "TMPDIR": str(folder / "tmp"),
        }
        with stack.process(COMMAND, folder / "demo", environment, programs.APP_STOP_SECONDS) as demo:
            state = shown_update(demo, watcher)
            said = (folder / "demo.out").read_text()
            for part in ("watcher", "app"):
                if f"http://localhost:{ports[part]}" not in said:
                    raise SystemExit(f"the demo does not show the {part}'s address:\n{said}")
            check_app(app, said)
            if len(databases(folder)) != 1:
                raise SystemExit("the demo's data is not in a temporary folder")
        stack.must_have_ended_well(demo)
        if databases(folder) or contents(DATA) != kept:
            raise SystemExit("the demo left data behind")
    print(f"{state['name']}: {state['current']} → {state['latest']}, told by {state['via']}; an event was kept")


if __name__ == "__main__":
    main()
