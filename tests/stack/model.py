"""The model's stand-in: idles until it is told on its standard input to use CPU.

    burn 1.0     use this share of one core (a cgroup's limit may leave it less), and 8 MiB
    idle         use nothing
"""

import os
import select
import time

SLICE_S = 0.01
MEMORY_BYTES = 8 << 20


def main():
    share, begun, used = 0.0, 0.0, 0.0
    memory = b""
    while True:
        # By its own CPU time, so that a busy machine makes it late but not lazy.
        ahead_s = None
        if share:
            ahead_s = (time.process_time() - used) / share - (time.monotonic() - begun)
        if ahead_s is not None and ahead_s <= 0:
            burn(SLICE_S)
        if select.select([0], [], [], None if ahead_s is None else max(0.0, ahead_s))[0]:
            told = os.read(0, 4096).decode().splitlines()
            if not told:
                return  # its owner is gone
            # Touched only now: a control group is charged for what is touched by those in it.
            memory = memory or os.urandom(MEMORY_BYTES)
            share = float(told[-1].removeprefix("burn")) if told[-1] != "idle" else 0.0
            begun, used = time.monotonic(), time.process_time()


def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


if __name__ == "__main__":
    main()
