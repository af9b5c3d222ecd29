"""What watching costs, in one run: the sidecar, Netdata's cgroups plugin, Monit, at 1 Hz on one idle model.

As bench/run idle, in turn, with Monit beside. Private memory is what a process has written to and nobody else
has, as in bench/run growth: clean pages of a library are private only as long as nobody else maps it.
"""

import os

from bench import bridge_monit, idle, netdata
from bench.measure import Amount, Ratio, memory
from tests.stack.process import Stack

CPU_SHARE = 3 / 4
PRIVATE_KIB = 3 * 1024  # 1.2 MiB of it are libraries, before main: docs/adr/0007


def _private(pid):
    return memory(pid, "Private_Dirty", "Swap")


def measure(runs, sizes, window_s):
    if sizes.strict_idle:
        idle.alone()
    netdata.unpack()
    bridge_monit.unpack()
    os.sync()  # a file that was just written counts as memory that its reader has written to
    found = {"ours": [], "netdata": [], "monit": []}
    with Stack("fraud-bench") as stack:
        model = idle.start_model(stack)
        group = model.group.path.split("/")[1]
        starts = {"ours": lambda name: idle.start_sidecar(stack, model, name),
                  "netdata": lambda name: netdata.Netdata(stack, group, name).process,
                  "monit": lambda name: bridge_monit.Monit(stack, model.process.pid, name).process}
        for run in range(runs):
            for side, start in starts.items():
                process = start(f"{side}-{run}")
                cpu, pss = idle.cost(process, window_s, sizes.settle_s)
                found[side].append((cpu, pss, _private(process.pid)))
                process.stop()
    return idle_rows(found)


def idle_rows(found):
    """`found` is {side: [(CPU s/h, PSS KiB, private KiB)]}."""
    def runs(side, column):
        return [figures[column] for figures in found[side]]

    against = "Netdata 1.37, cgroups plugin only, web server off, 60 s in memory"
    return [
        Ratio("idle, CPU", "s/h", CPU_SHARE, False, runs("ours", 0), runs("netdata", 0), against),
        Ratio("idle, PSS", "KiB", 1, True, runs("ours", 1), runs("netdata", 1), against),
        Ratio("idle, private / Monit", "KiB", None, False, runs("ours", 2), runs("monit", 2),
              "Monit 5.33, one process, no web server; below it was the wish: docs/adr/0007"),
        Amount("idle, private", "KiB", PRIVATE_KIB, runs("ours", 2)),
        Ratio("idle, CPU / Monit", "s/h", None, False, runs("ours", 0), runs("monit", 0),
              "Monit reads one process, and no control group"),
    ]
