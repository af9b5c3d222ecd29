"""Webhooks as Alertmanager posts them, in any number, each alert a new one."""

import functools
import json
import re

CRITICAL_EVERY = 200
_MARK = "@@@@@@@@@@@@"
NAME = "Bench"
_NAMES = re.compile(rf"{NAME}\d{{12}}")


def name(number):
    """The alertname of alert `number`: it stands in the subject of every message about it."""
    return f"{NAME}{number:012d}"


def named(text):
    """The alertnames that stand in a text."""
    return set(_NAMES.findall(text))


def severity(number):
    """In a mixed payload: one in CRITICAL_EVERY is critical, the others are warning or info."""
    if number % CRITICAL_EVERY == CRITICAL_EVERY // 2:
        return "critical"
    return ("warning", "info")[number % 2]


def fingerprint(number):
    return f"0bec{number:012d}"


@functools.cache
def _alert(of_severity):
    return json.dumps({
        "status": "firing", "fingerprint": f"0bec{_MARK}",
        "labels": {"alertname": f"{NAME}{_MARK}", "severity": of_severity, "namespace": "bench",
                   "pod": "fraud-model-3"},
        "annotations": {"summary": "the autoscaler is at its maximum", "description": "x" * 200,
                        "runbook_url": "https://runbooks.example/bench"},
        "startsAt": "2026-01-02T03:04:05.678Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph"}).encode()


_HEAD, _TAIL = json.dumps({
    "version": "4", "receiver": "fraud-sidecar", "status": "firing", "groupKey": "{}:{}",
    "alerts": [0], "groupLabels": {}, "commonLabels": {}, "commonAnnotations": {},
    "externalURL": "http://alertmanager.example", "truncatedAlerts": 0}).encode().split(b"0]", 1)


def payload(first, count, of_severity):
    """The alerts numbered from `first` on. `of_severity` is of all of them, or "mixed"."""
    alerts = (_alert(severity(number) if of_severity == "mixed" else of_severity).replace(
        _MARK.encode(), b"%012d" % number) for number in range(first, first + count))
    return _HEAD + b",".join(alerts) + b"]" + _TAIL
