#!/usr/bin/env python3
"""The command in the README shows an update, without a network, within a minute."""

import json
import os
import pathlib
import tempfile

import stack

COMMAND = ["cargo", "run", "--release", "--locked", "--", "--demo"]


def main() -> None:
    stack.stop_on_signals()
    address = f"http://127.0.0.1:{stack.free_port()}"
    environment = os.environ | {"SIDEWATCH_LISTEN": address.removeprefix("http://")}
    with tempfile.TemporaryDirectory(prefix="sidewatch-demo-") as folder:
        with stack.process(COMMAND, pathlib.Path(folder) / "demo", environment) as demo:

            def update() -> dict | None:
                if demo.poll() is not None:
                    raise SystemExit(f"the demo ended with {demo.returncode}")
                state = json.loads(stack.get(f"{address}/api/version")[1])
                return state if state["updateAvailable"] is True else None

            state = stack.wait_for("the demo to show an update", update, 60)
    print(f"{state['name']}: {state['current']} → {state['latest']}, told by {state['via']}")


if __name__ == "__main__":
    main()
