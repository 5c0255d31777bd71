"""Starts a watcher that watches a stand-in for GitHub, and stops what it started. Standard library only."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import NoReturn

TOKEN = "e2e-token-of-no-value"
START_SECONDS = 20
# The watcher promises 8.
STOP_SECONDS = 10


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop_on_signals() -> None:
    """Makes a signal unwind the stack, so that everything started is stopped."""

    def leave(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def get(url: str, timeout: float = 5) -> tuple[int, bytes]:
    request = urllib.request.Request(url)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for(what: str, condition: Callable[[], object], seconds: float) -> object:
    """Waits until the condition gives something true; connection failures count as "not yet"."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if result := condition():
                return result
        except OSError:
            pass
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


@contextlib.contextmanager
def process(
    command: list[str], log: pathlib.Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen]:
    """Runs a program, its output in LOG.out and LOG.err; at the end it must stop when asked to."""
    errors = log.with_suffix(".err")
    with log.with_suffix(".out").open("wb") as out, errors.open("wb") as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment)
    try:
        yield child
    except BaseException:
        if said := errors.read_text(errors="replace")[-4000:]:
            print(f"--- {errors.name}\n{said}", file=sys.stderr)
        raise
    finally:
        stop(child)


def stop(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise SystemExit(f"{child.args[0]} did not stop within {STOP_SECONDS} s") from None


def first_json_line(child: subprocess.Popen, output: pathlib.Path) -> dict:
    """What a program says of itself when it is ready: one line of JSON."""

    def line() -> bytes:
        if child.poll() is not None:
            raise SystemExit(f"{child.args[0]} ended with {child.returncode} before it was ready")
        head, newline, _ = output.read_bytes().partition(b"\n")
        return head if newline else b""

    return json.loads(wait_for(f"{child.args[0]} to be ready", line, START_SECONDS))


@contextlib.contextmanager
def watcher(binaries: pathlib.Path) -> Iterator[str]:
    """A ready watcher on the demo scenario; gives its address."""
    with tempfile.TemporaryDirectory(prefix="sidewatch-e2e-") as folder:
        logs = pathlib.Path(folder)
        fake = [str(binaries / "fake-github"), "--scenario", "demo"]
        with process(fake, logs / "fake-github") as github:
            urls = first_json_line(github, logs / "fake-github.out")
            address = f"http://127.0.0.1:{free_port()}"
            environment = os.environ | {
                "SIDEWATCH_REPO": "yourorg/remote-agent",
                "SIDEWATCH_CURRENT": "1.2.0",
                "SIDEWATCH_GITHUB_API_URL": urls["api"],
                "SIDEWATCH_GITHUB_WEB_URL": urls["web"],
                "SIDEWATCH_LISTEN": address.removeprefix("http://"),
                "SIDEWATCH_API_TOKEN": TOKEN,
            }
            serve = [str(binaries / "sidewatch"), "serve"]
            with process(serve, logs / "sidewatch", environment) as sidewatch:
                wait_for("the watcher to be ready", lambda: is_ready(sidewatch, address), START_SECONDS)
                yield address
                if sidewatch.poll() is not None:
                    raise SystemExit(f"the watcher ended with {sidewatch.returncode}")
            if sidewatch.returncode != 0:
                raise SystemExit(f"the watcher was asked to stop and ended with {sidewatch.returncode}")


def is_ready(child: subprocess.Popen, address: str) -> bool:
    if child.poll() is not None:
        raise SystemExit(f"the watcher ended with {child.returncode} before it was ready")
    return get(f"{address}/readyz")[0] == 200
