"""What watching costs: the sidecar against Netdata's cgroups plugin, both at 1 Hz on one idle model.

In turn each is started, given time to settle, and its CPU time and proportional set size are taken over
a window, children included. The sidecar serves its API meanwhile; Netdata's web server is off.
"""

import pathlib

from bench.measure import Cannot, Cpu, Ratio, memory
from bench.netdata import Netdata, unpack
from tests.stack import placement, sidecar_program, wait
from tests.stack.process import Stack
from tests.stack.sidecar import Sidecar

SETTLE_S = 15  # Netdata looks for control groups, then starts charts


def _flags(model):
    # Nobody listens on port 9: nothing is ever sent.
    return [*model.flags, "--mail-to", "admin@example.org", "--mail-from", "fraud@example.org",
            "--smtp-url", "smtp://127.0.0.1:9", "--smtp-tls", "none"]


def start_sidecar(stack, model, name="sidecar"):
    return Sidecar(stack, _flags(model), name=name).process


def cost(process, seconds, settle_s=SETTLE_S):
    """(CPU seconds per hour, PSS in KiB) of a process over a window."""
    wait.stays(lambda: True, settle_s)
    cpu = Cpu(process.pid)
    wait.stays(lambda: True, seconds)
    process.check()
    used = cpu.seconds()
    return used * 3600 / seconds, memory(process.pid, "Pss")


def start_model(stack):
    model = placement.start_model(stack, 0.5, placement.sudo_prefix())
    if not model.group:
        raise Cannot(f"Netdata needs a control group to look at; there is only: {model.means}")
    return model


def alone():
    """Another sidecar would share its pages with ours, and so halve what ours counts."""
    for link in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            name = link.readlink().name
        except OSError:
            continue  # a kernel thread, or ended
        if name == sidecar_program().name:
            raise Cannot(f"another {name} runs as process {link.parent.name}")


def measure(options):
    alone()
    unpack()
    ours, peer = [], []
    with Stack("fraud-bench") as stack:
        model = start_model(stack)
        group = model.group.path.split("/")[1]
        for run in range(options.runs):
            for start, costs in ((lambda name: start_sidecar(stack, model, name), ours),
                                 (lambda name: Netdata(stack, group, name).process, peer)):
                process = start(f"{'ours' if costs is ours else 'peer'}-{run}")
                costs.append(cost(process, options.window_seconds))
                process.stop()
    note = "Netdata 1.37, cgroups plugin only, web server off, 60 s in memory"
    return [
        Ratio("idle cpu", "s/h", 1, False, [c for c, _ in ours], [c for c, _ in peer], note),
        Ratio("idle pss", "KiB", 1, True, [m for _, m in ours], [m for _, m in peer], note),
    ]
