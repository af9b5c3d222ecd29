"""Seeded defects of the sidecar, each of which a short ledger must catch.

The sources are copied below build/mutants, changed there, and built one after the other.
"""

import dataclasses
import os
import shutil
import subprocess

from tests.ledger import report
from tests.ledger.account import Line
from tests.ledger.ledger import ledger
from tests.stack import ROOT
from tests.stack.process import Stack

HOME = ROOT / "build/mutants"
KILLS = 24
SEED = 20  # whose rounds come to every step that the defects below need
SETTLED_SECONDS = 120  # what a defect holds up for ever


@dataclasses.dataclass(frozen=True)
class Mutant:
    """`edits` are (file, old, new), each `old` once in its file; `catches` the beginnings of the
    promises of which one must break, so that no mere crash counts."""

    name: str
    edits: tuple
    catches: tuple


MUTANTS = (
    Mutant("fsync off", (
        ("sidecar/store/database.cc", "PRAGMA synchronous=FULL;", "PRAGMA synchronous=OFF;"),
    ), ("acknowledged",)),
    Mutant("200 before commit", (
        ("sidecar/webhook/ingest.cc", "#include <map>\n", "#include <map>\n#include <thread>\n"),
        ("sidecar/webhook/ingest.cc", "  const auto payload = ParsePayload(body);\n",
         "  static thread_local bool late = false;\n"
         "  if (!late) {\n"
         "    std::thread([this, source, body] {\n"
         "      late = true;\n"
         "      (void)Handle(source, body);\n"
         "    }).detach();\n"
         "    return {.body = \"{}\"};\n"
         "  }\n"
         "  const auto payload = ParsePayload(body);\n"),
    ), ("acknowledged",)),
    Mutant("lease ignored", (
        ("sidecar/store/outbox_arrows.cc",
         "SET state = 'ambiguous', possible_repeat = 1, due_at_ms = ?1, settled_at_ms = ?1,",
         "SET state = 'pending', due_at_ms = ?1, settled_at_ms = ?1,"),
    ), ("a double",)),
    Mutant("dedup key without the episode", (
        ("sidecar/webhook/announce.cc",
         "  return AddForTargets(round, message::Render(facts), episode.id, announcement.transition_id);",
         "  notifier::Message message = message::Render(facts);\n"
         '  message.key = episode.fingerprint + (alert.firing ? "-f" : "-r");\n'
         "  return AddForTargets(round, std::move(message), episode.id, announcement.transition_id);"),
        ("sidecar/webhook/announce.cc",
         'message.key = round.instance + "-" + std::to_string(transition_id) + "-" + std::to_string(i);',
         'message.key += "-" + std::to_string(i);'),
        ("sidecar/store/messages.cc", 'constexpr char kAdd[] = R"sql(\nINSERT INTO outbox (key,',
         'constexpr char kAdd[] = R"sql(\nINSERT OR IGNORE INTO outbox (key,'),
    ), ("acknowledged",)),
)


def run(keep):
    """A line for the program as it is, which must pass, and one for each defect, which must not."""
    broken = _short("as it is", keep)
    results = [Line("the program as it is passes", 1, [line.promise for line in broken])]
    _copy()
    for mutant in MUTANTS:
        os.environ["FRAUD_SIDECAR"] = str(_build(mutant))
        try:
            broken = [line.promise for line in _short(mutant.name, keep)]
        finally:
            del os.environ["FRAUD_SIDECAR"]
        caught = [promise for promise in broken if promise.startswith(mutant.catches)]
        print(f"{mutant.name}: {'caught by: ' + '; '.join(caught) if caught else 'NOT CAUGHT'}", flush=True)
        results.append(Line(f"caught: {mutant.name}", len(caught),
                            [] if caught else [f"not caught; broken: {broken}"]))
    return results


def _short(name, keep):
    """The lines that are broken."""
    print(f"--- {name}", flush=True)
    with Stack("ledger") as stack:
        lines = ledger(stack, SEED, KILLS, SETTLED_SECONDS)
        print(*report.table(lines), sep="\n", flush=True)
        if keep:
            stack.keep_files()
            print(f"files: {stack.directory}")
    return report.broken(lines)


def _copy():
    """The sources as they are, also what is not committed. Unchanged files keep their times, what is no
    longer there goes."""
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    names = set(filter(None, listed.split("\0")))
    for path in list((HOME / "source").rglob("*")):
        if path.is_file() and str(path.relative_to(HOME / "source")) not in names:
            path.unlink()
    for name in names:
        source, copy = ROOT / name, HOME / "source" / name
        if not source.is_file() or (copy.exists() and copy.read_bytes() == source.read_bytes()):
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _build(mutant):
    """The program with the defect. The sources are whole again after it."""
    changed = {}
    for name, old, new in mutant.edits:
        path = HOME / "source" / name
        text = changed.get(path, path.read_text(encoding="utf-8"))
        if text.count(old) != 1:
            raise SystemExit(f"mutant {mutant.name}: {name} holds {text.count(old)} times {old!r}, not once")
        changed[path] = text.replace(old, new)
    whole = {path: path.read_text(encoding="utf-8") for path in changed}
    program = HOME / "build/fraud-sidecar"
    try:
        for path, text in changed.items():
            path.write_text(text, encoding="utf-8")
        _call("cmake", "-G", "Ninja", "-S", HOME / "source", "-B", HOME / "build",
              "-DCMAKE_BUILD_TYPE=RelWithDebInfo")
        _call("ninja", "-C", HOME / "build", "fraud-sidecar")
    finally:
        for path, text in whole.items():
            path.write_text(text, encoding="utf-8")
    return shutil.copy(program, HOME / "mutant")


def _call(*command):
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{(done.stdout + done.stderr)[-3000:]}")
