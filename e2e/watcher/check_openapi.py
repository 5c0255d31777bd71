#!/usr/bin/env python3
"""Schemathesis drives a running watcher through its own OpenAPI document.

Runs inside an environment with what requirements.txt lists.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import stack

HERE = pathlib.Path(__file__).resolve().parent
# /api/stream never ends by design; the API tests read it.
ENDLESS = "/api/stream"


def command(address: str, reports: pathlib.Path | None) -> list[str]:
    schemathesis = pathlib.Path(sys.executable).with_name("schemathesis")
    arguments = [
        str(schemathesis),
        "--config-file", str(HERE / "schemathesis.toml"),
        "run",
        f"{address}/openapi.json",
        "--header", f"Authorization: Bearer {stack.TOKEN}",
        "--exclude-path", ENDLESS,
        "--checks", "all",
        "--max-examples", "50",
        "--request-timeout", "15",
        "--generation-deterministic",
        "--no-color",
    ]
    if reports:
        arguments += ["--report", "junit", "--report-dir", str(reports.absolute())]
    return arguments


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    parser.add_argument("--reports", type=pathlib.Path, help="leave a JUnit report in this folder")
    options = parser.parse_args()
    stack.stop_on_signals()
    # Schemathesis leaves files where it runs.
    with stack.watcher(options.bin) as address, tempfile.TemporaryDirectory() as place:
        arguments = command(address, options.reports)
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, cwd=place, timeout=600).returncode


if __name__ == "__main__":
    sys.exit(main())
