#!/usr/bin/env python3
"""A real Prometheus scrapes a running watcher, and promtool finds nothing to complain about."""

import argparse
import json
import pathlib
import subprocess
import tempfile
import urllib.parse

import stack

# In every answer of a watcher whose first check succeeded and whose running version is known.
EXPECTED = [
    "sidewatch_build_info",
    "sidewatch_version_info",
    "sidewatch_update_available",
    "sidewatch_behind_releases",
    "sidewatch_last_attempt_timestamp_seconds",
    "sidewatch_last_success_timestamp_seconds",
    "sidewatch_checks_total",
    "sidewatch_upstream_requests_total",
    "sidewatch_ratelimit_remaining",
    "sidewatch_http_requests_total",
    "sidewatch_http_request_duration_seconds_bucket",
    "process_resident_memory_bytes",
]

CONFIGURATION = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: sidewatch
    static_configs:
      - targets: ["{target}"]
"""


def check_with_promtool(metrics: bytes) -> None:
    result = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True)
    complaints = (result.stdout + result.stderr).decode().strip()
    if result.returncode != 0 or complaints:
        raise SystemExit(f"promtool check metrics: exit code {result.returncode}\n{complaints}")


def query(prometheus: str, expression: str) -> list[dict]:
    parameters = urllib.parse.urlencode({"query": expression})
    status, body = stack.get(f"{prometheus}/api/v1/query?{parameters}")
    return json.loads(body)["data"]["result"] if status == 200 else []


def check_scrape(address: str) -> None:
    with tempfile.TemporaryDirectory(prefix="sidewatch-prometheus-") as folder:
        place = pathlib.Path(folder)
        (place / "prometheus.yml").write_text(CONFIGURATION.format(target=address.removeprefix("http://")))
        prometheus = f"http://127.0.0.1:{stack.free_port()}"
        command = [
            "prometheus",
            f"--config.file={place}/prometheus.yml",
            f"--storage.tsdb.path={place}/data",
            f"--web.listen-address={prometheus.removeprefix('http://')}",
        ]
        with stack.process(command, place / "prometheus"):
            up = 'up{job="sidewatch"} == 1'
            stack.wait_for("Prometheus to see the watcher up", lambda: query(prometheus, up), 30)
            missing = [name for name in EXPECTED if not query(prometheus, name)]
            if missing:
                raise SystemExit(f"not in what Prometheus scraped: {', '.join(missing)}")
            [update] = query(prometheus, "sidewatch_update_available")
            if update["value"][1] != "1":
                raise SystemExit(f"the demo has an update; Prometheus was told {update}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    stack.stop_on_signals()
    with stack.watcher(parser.parse_args().bin) as address:
        # The first answers make the request metrics appear.
        stack.get(f"{address}/api/version")
        check_with_promtool(stack.get(f"{address}/metrics")[1])
        check_scrape(address)
    print(f"Prometheus scraped the watcher: {len(EXPECTED)} metrics found, promtool content")


if __name__ == "__main__":
    main()
