"""Waiting on conditions, never on time alone: the only place that sleeps."""

import time


class NotInTime(Exception):
    """A condition did not come true within its bound. The text is one sentence."""


class Ended(Exception):
    """A process that was needed has ended. The text is one sentence."""


def until(condition, seconds, what, needs=(), every=0.05):
    """Calls `condition` until it gives something true, and returns that.

    `needs` are processes without which it can never come true: when one has ended, Ended is raised
    at once instead of waiting out the bound.
    """
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        for process in needs:
            process.check()
        if time.monotonic() >= deadline:
            raise NotInTime(f"{what} did not happen within {seconds:g} s")
        time.sleep(every)


def stays(condition, seconds, every=0.1):
    """Whether `condition` held the whole time: for things that must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            return False
        time.sleep(every)
    return condition()
