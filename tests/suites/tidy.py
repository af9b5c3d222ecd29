#!/usr/bin/python3
"""clang-tidy on the sources that lately changed, a few at a time.

A source is looked at again only when it, a header of ours that it includes, its compile command or
.clang-tidy changed since it was found clean.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys

GIT = ["git", "-c", "safe.directory=*"]
TIDY = "clang-tidy-14"
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def output(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def touched():
    """What the commits of the last 24 hours touched, and what is not committed."""
    log = output(GIT + ["log", "--since=24 hours ago", "--name-only", "--format="])
    status = output(GIT + ["ls-files", "-mo", "--exclude-standard"])
    staged = output(GIT + ["diff", "--cached", "--name-only"])
    return {line for line in (log + status + staged).splitlines() if os.path.exists(line)}


def own_includes(path, seen):
    """The path and every file of ours that it includes, also through others."""
    if path in seen or not os.path.exists(path):
        return seen
    seen.add(path)
    with open(path, encoding="utf-8") as f:
        for target in INCLUDE.findall(f.read()):
            own_includes(target, seen)
    return seen


def chosen(commands, everything):
    """Sources to look at. A header is looked at through its own source, else its first user."""
    if everything:
        return sorted(commands)
    changed = touched()
    sources = {path for path in changed if path in commands}
    for header in sorted(path for path in changed if path.endswith(".h")):
        own = header[:-2] + ".cc"
        users = (s for s in sorted(commands) if header in own_includes(s, set()))
        user = own if own in commands else next(users, None)
        if user:
            sources.add(user)
    return sorted(sources)


def key(path, command):
    """Changes whenever the verdict on `path` may."""
    digest = hashlib.sha256(command.encode())
    for part in [".clang-tidy"] + sorted(own_includes(path, set())):
        with open(part, "rb") as f:
            digest.update(f.read())
    return digest.hexdigest()


def look(path, build):
    """Exit code and what clang-tidy said."""
    command = [TIDY, "--quiet", "-p", build, path]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return 1, f"{path}: no end after 300 s\n"
    return result.returncode, result.stdout


def compile_commands(build):
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        entries = json.load(f)
    return {os.path.relpath(e["file"]): e["command"] for e in entries}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="build directory with compile commands")
    parser.add_argument("--all", action="store_true", help="every source, not only the touched")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--counts", required=True, help="file that gets a line 'PASSED FAILED'")
    options = parser.parse_args()

    commands = compile_commands(options.build)
    marks = os.path.join("build", "tidy-clean")
    os.makedirs(marks, exist_ok=True)
    mark = {p: os.path.join(marks, key(p, commands[p])) for p in chosen(commands, options.all)}
    todo = [path for path, file in mark.items() if not os.path.exists(file)]
    print(f"{len(mark)} sources, {len(mark) - len(todo)} of them known to be clean", flush=True)

    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, (code, said) in zip(todo, pool.map(lambda p: look(p, options.build), todo)):
            if code == 0:
                print(f"{path}: ok", flush=True)
                open(mark[path], "w", encoding="utf-8").close()
            else:
                failed.append(f"{path}: FAILED\n{said}")
    print("".join(failed))
    with open(options.counts, "a", encoding="utf-8") as f:
        f.write(f"{len(mark) - len(failed)} {len(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
