#!/usr/bin/env python3
"""Schemathesis drives a running server through its own OpenAPI document.

Runs inside an environment with what requirements.txt lists.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import programs
import stack

HERE = pathlib.Path(__file__).resolve().parent
# Each server, and its route that never ends by design; the API tests read that.
SERVERS = {"watcher": (programs.watcher, "/api/stream"), "app": (programs.app, "/api/version/stream")}


def command(server: str, program: programs.Program, reports: pathlib.Path | None) -> list[str]:
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    _, endless = SERVERS[server]
    arguments = [
        str(schemathesis),
        "--config-file", str(HERE / server / "schemathesis.toml"),
        "run",
        f"{program.address}/openapi.json",
        "--header", f"Authorization: Bearer {program.key}",
        "--exclude-path", endless,
        "--checks", "all",
        "--max-examples", "50",
        "--request-timeout", "15",
        "--generation-deterministic",
        "--no-color",
    ]
    if reports:
        arguments += ["--report", "junit", "--report-dir", str(reports.absolute() / server)]
    return arguments


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=SERVERS)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    parser.add_argument("--reports", type=pathlib.Path, help="leave a JUnit report in this folder")
    options = parser.parse_args()
    stack.stop_on_signals()
    start, _ = SERVERS[options.server]
    # Schemathesis leaves files where it runs.
    with start(options.bin) as program, tempfile.TemporaryDirectory() as place:
        arguments = command(options.server, program, options.reports)
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, cwd=place, timeout=900).returncode


if __name__ == "__main__":
    sys.exit(main())
