"""The way of an alert through the sidecar: how fast, how dear, and what is lost. A part to a module.

A part that cannot be measured here is a row that is missed, and the others are measured still.
"""

from bench import bridge_idle, bridge_page, bridge_peers, bridge_sides, bridge_store, bridge_storm
from bench.bridge_rules import Unmeasured
from bench.measure import Cannot
from tests.stack import wait

QUICK_WINDOW_S = 2  # of idle


def _idle(runs, sizes, options):
    window_s = QUICK_WINDOW_S if options.quick else options.window_seconds
    return bridge_idle.measure(runs, sizes, window_s)


def _plain(part):
    return lambda runs, sizes, _: part(runs, sizes)


PARTS = {
    "webhooks": _plain(bridge_store.webhooks),
    "payload": _plain(bridge_store.payload),
    "hanging": _plain(bridge_storm.hanging),
    "storm": _plain(bridge_storm.storm),
    "page": _plain(bridge_page.page),
    "idle": _idle,
    "peers": _plain(bridge_peers.peers),
    "receiver": _plain(bridge_peers.receiver),
}


def measure(options):
    """The rows of all parts, each as soon as it is known."""
    sizes = bridge_sides.QUICK if options.quick else bridge_sides.FULL
    runs = 1 if options.quick else options.runs
    for name, part in PARTS.items():
        if options.only in (None, name):
            yield from attempt(name, part, runs, sizes, options)


def attempt(name, part, *arguments):
    try:
        return part(*arguments)
    except (Cannot, RuntimeError, OSError, wait.NotInTime, wait.Ended) as problem:
        return [Unmeasured(name, str(problem), needed=True)]
