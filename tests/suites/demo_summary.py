#!/usr/bin/python3
"""Checks the summary that ./demo.sh --json wrote: `demo_summary.py FILE`."""

import json
import sys

KEYS = ["result", "time_compression", "replicas_max", "alertmanagers", "cpu_limit_cores", "alert_fired_at",
        "message_received_at", "crossed_to_message_s", "channels", "episode_id", "model_version",
        "predictions", "offered_rps_max", "served_total", "shed_total", "cpu_us_per_request",
        "generator_limited"]


def complaints(summary):
    found = [f"{key} is missing" for key in KEYS if summary.get(key) is None]
    if summary.get("result") != "ok":
        found.append(f"result is {summary.get('result')!r}")
    for name in ("email", "telegram"):
        channel = (summary.get("channels") or {}).get(name) or {}
        for kind in ("firing", "resolved"):
            if channel.get(kind) != 1:
                found.append(f"channels.{name}.{kind} is {channel.get(kind)!r}, not 1")
    return found


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        found = complaints(json.load(f))
    for complaint in found:
        print(f"demo: {complaint}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
