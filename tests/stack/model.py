"""The model's stand-in: idles until it is told on its standard input to use CPU.

    burn 1.0     use this share of one core (a cgroup's limit may leave it less)
    idle         use nothing
"""

import select
import sys
import time

PERIOD_S = 0.05


def main():
    share = 0.0
    while True:
        begun = time.monotonic()
        while time.monotonic() - begun < share * PERIOD_S:
            pass
        # Rests for what is left of the period; without a load, until it is told something.
        rest = max(0.0, (1 - share) * PERIOD_S) if share else None
        if select.select([sys.stdin], [], [], rest)[0]:
            words = sys.stdin.readline().split()
            if not words:
                return  # its owner is gone
            share = min(1.0, float(words[1])) if words[0] == "burn" else 0.0


if __name__ == "__main__":
    main()
