#!/usr/bin/python3
"""Runs every fuzzer of a build for some seconds, a few at a time, from its seeds in tests/fuzz/corpus.

A finding is kept as crash-NAME-* beside the logs; to see it again: build/fuzz/tests/fuzz/NAME_fuzz FILE.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

SOURCES = "tests/fuzz"
TELLING = re.compile(r"broken promise|ERROR|SUMMARY|runtime error|Test unit written|^ +#\d.*\.(cc|h):\d")


def names():
    return sorted(f[: -len("_fuzz.cc")] for f in os.listdir(SOURCES) if f.endswith("_fuzz.cc"))


def run(name, options):
    """Whether the fuzzer found nothing, and what matters of what it printed."""
    seeds = os.path.join(SOURCES, "corpus", name)
    if not os.listdir(seeds):
        return False, f"no seed in {seeds}"
    found = os.path.join(options.build, "corpus", name)  # what this machine's runs added
    os.makedirs(found, exist_ok=True)
    command = [
        os.path.join(options.build, SOURCES, f"{name}_fuzz"),
        f"-max_total_time={options.seconds}",
        "-timeout=5",
        "-rss_limit_mb=1024",
        "-print_final_stats=1",
        f"-artifact_prefix={options.artifacts}/crash-{name}-",
        found,
        seeds,
    ]
    result = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=options.seconds + 120
    )
    said = result.stdout.decode(errors="replace")
    log = os.path.join(options.artifacts, f"fuzz-{name}.log")
    with open(log, "w", encoding="utf-8") as f:
        f.write(said)
    runs = re.search(r"number_of_executed_units: (\d+)", said)
    if result.returncode == 0 and runs:
        return True, f"{runs.group(1)} runs"
    telling = [line for line in said.splitlines() if TELLING.search(line)]
    return False, "\n  ".join(telling + [f"(all of it: {log})"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="the fuzz preset's build directory")
    parser.add_argument("--seconds", type=int, default=10, help="for each fuzzer")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--artifacts", required=True, help="folder for inputs that broke something")
    parser.add_argument("--counts", required=True, help="file that gets a line 'PASSED FAILED'")
    options = parser.parse_args()

    failed, todo = 0, names()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, (good, said) in zip(todo, pool.map(lambda n: run(n, options), todo)):
            print(f"{name}: {'ok' if good else 'FAILED'}: {said}", flush=True)
            failed += not good
    with open(options.counts, "a", encoding="utf-8") as f:
        f.write(f"{len(todo) - failed} {failed}\n")
    return 1 if failed or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
