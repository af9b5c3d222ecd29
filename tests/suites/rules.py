"""The alert rules and the servers' configurations, looked at by Prometheus' and Alertmanager's own tools.

    /usr/bin/python3 -m tests.suites.rules COUNTS
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from tests.stack import ADMIN_ALERT, ROOT, RULES, alertmanager, prometheus, servers
from tests.stack.compression import compress

TESTS = ROOT / "tests/rules"
FACTORS = (1, 20)  # real time, and the demo's
ROUTES = {ADMIN_ALERT: "fraud-sidecar", "Watchdog": "fraud-sidecar",
          "FraudSidecarDown": "direct-mail,fraud-sidecar",
          "NotificationUndelivered": "direct-mail,fraud-sidecar",
          "FraudHistoryUnwritable": "direct-mail,fraud-sidecar",
          "FraudHistoryDamaged": "direct-mail,fraud-sidecar"}


def run(tool, *arguments):
    """Whether it was content. What it said is printed."""
    command = [servers.program(tool), *arguments]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(f"+ {tool} {' '.join(map(str, arguments))}\n{done.stdout}", flush=True)
    return done.returncode == 0, done.stdout


def rule_tests(path):
    """(passed, failed) of the named tests of one file; promtool names only those that failed."""
    names = re.findall(r"^  - name: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    good, said = run("promtool", "test", "rules", path)
    if good:
        return len(names), 0
    failed = max(1, sum(name.strip("'\"") in said for name in names))
    return max(0, len(names) - failed), failed


def configurations(directory, factor):
    """Whether both servers would take what tests/stack makes for them."""
    alerts = directory / f"alertmanager-{factor}.yml"
    webhook = ("http://127.0.0.1:9/api", "/dev/null")
    for options in ({}, {"others": [webhook], "mail_port": 25}):
        alerts.write_text(alertmanager.configuration(*webhook, factor, **options))
        yield run("amtool", "check-config", alerts)[0]
    for alert, receivers in ROUTES.items():
        yield run("amtool", "config", "routes", "test", f"--config.file={alerts}",
                  f"--verify.receivers={receivers}", f"alertname={alert}", "namespace=shop")[0]
    scrapes = directory / f"prometheus-{factor}.yml"
    rules = directory / f"rules-{factor}.yaml"
    rules.write_text(compress(RULES.read_text(encoding="utf-8"), factor))
    scrapes.write_text(prometheus.configuration(rules, directory, 9, factor))
    yield run("promtool", "check", "config", scrapes)[0]


def main(counts):
    passed = failed = 0
    files = sorted(TESTS.glob("*.yaml"))
    if not files:
        sys.exit(f"no rule test in {TESTS}")
    for path in files:
        good, bad = rule_tests(path)
        passed, failed = passed + good, failed + bad
    with tempfile.TemporaryDirectory() as directory:
        results = [run("promtool", "check", "rules", RULES)[0]]
        for factor in FACTORS:
            results += configurations(pathlib.Path(directory), factor)
    passed, failed = passed + sum(results), failed + results.count(False)
    with open(counts, "a", encoding="utf-8") as f:
        f.write(f"{passed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
