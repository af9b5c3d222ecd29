"""Whether the idle sidecar grows: its private memory near the end against that after two minutes.

Private means dirty pages that no other process has; clean ones of a library are private only as long as
no other process maps it. Both sides are medians of a minute, so that a page more or less at one moment
says nothing. Allowed are 64 KiB, 16 pages: the ends of the heap's arenas, the stacks' next pages and
SQLite's cache are touched for the first time at some point, each once. A leak of 110 bytes a second would
show in ten minutes; --growth-seconds 86400 shows one of a byte.
"""

import statistics
import time

from bench.idle import start_model, start_sidecar
from bench.measure import Cannot, Ratio, memory
from tests.stack import wait
from tests.stack.process import Stack

NOISE_KIB = 64
BEGIN_S = 120
WINDOW_S = 60
EVERY_S = 5


def measure(options):
    if options.growth_seconds < BEGIN_S + 2 * WINDOW_S:
        raise Cannot(f"--growth-seconds must be at least {BEGIN_S + 2 * WINDOW_S}")
    samples = []
    with Stack("fraud-bench") as stack:
        process = start_sidecar(stack, start_model(stack))
        begun = time.monotonic()
        while time.monotonic() < begun + options.growth_seconds:
            process.check()
            kib = memory(process.pid, "Private_Dirty", "Swap")
            samples.append((time.monotonic() - begun, kib))
            wait.stays(lambda: True, EVERY_S, every=EVERY_S)
    early = [kib for at, kib in samples if BEGIN_S <= at < BEGIN_S + WINDOW_S]
    late = [kib for at, kib in samples if at >= options.growth_seconds - WINDOW_S]
    before = statistics.median(early)
    return [Ratio("growth", "KiB", 1 + NOISE_KIB / before, False, late, early,
                  f"private memory of the last minute against minute 2; {NOISE_KIB} KiB are noise")]
