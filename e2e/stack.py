"""Processes and requests for the whole-system checks: everything started is stopped. Standard library only."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import NoReturn

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


def get(url: str, timeout: float = 5, key: str | None = None) -> tuple[int, bytes]:
    return send("GET", url, timeout=timeout, key=key)


def send(
    method: str, url: str, body: bytes | None = None, timeout: float = 5, key: str | None = None
) -> tuple[int, bytes]:
    """Status and body of the answer, whatever the status. The key goes along as a bearer token."""
    request = urllib.request.Request(url, body, method=method)
    if body is not None:
        request.add_header("Content-Type", "application/json")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
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
    command: list[str],
    log: pathlib.Path,
    environment: dict[str, str] | None = None,
    stop_seconds: float = STOP_SECONDS,
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
        stop(child, stop_seconds)


def stop(child: subprocess.Popen, seconds: float = STOP_SECONDS) -> None:
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise SystemExit(f"{child.args[0]} did not stop within {seconds} s") from None


def first_json_line(child: subprocess.Popen, output: pathlib.Path) -> dict:
    """What a program says of itself when it is ready: one line of JSON."""

    def line() -> bytes:
        if child.poll() is not None:
            raise SystemExit(f"{child.args[0]} ended with {child.returncode} before it was ready")
        head, newline, _ = output.read_bytes().partition(b"\n")
        return head if newline else b""

    return json.loads(wait_for(f"{child.args[0]} to be ready", line, START_SECONDS))


@contextlib.contextmanager
def serving(child: subprocess.Popen, ready_url: str) -> Iterator[None]:
    """From the moment that a server is ready; it must not end by itself."""
    name = pathlib.Path(child.args[0]).name

    def is_ready() -> bool:
        if child.poll() is not None:
            raise SystemExit(f"{name} ended with {child.returncode} before it was ready")
        return get(ready_url)[0] == 200

    wait_for(f"{name} to be ready", is_ready, START_SECONDS)
    yield
    if child.poll() is not None:
        raise SystemExit(f"{name} ended by itself with {child.returncode}")


def must_have_ended_well(child: subprocess.Popen) -> None:
    if child.returncode != 0:
        raise SystemExit(f"{child.args[0]} was asked to stop and ended with {child.returncode}")
