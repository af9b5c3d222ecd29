"""A run of fraud-attack against servers of the test."""

import json
import subprocess

from tests.flood.fixture import FloodTest
from tests.flood.scripted import Scripted
from tests.stack import attack_program
from tests.stack.fraud_model import transaction

ROWS = [{"kind": "normal", "transaction": transaction(1), "features": {"terminal_id_risk_7day_window": 0.5}},
        {"kind": "malformed", "body": "{not json"}]


class AttackTest(FloodTest):
    def setUp(self):
        super().setUp()
        self.rows = self.stack.path("rows.ndjson", "".join(json.dumps(row) + "\n" for row in ROWS))
        self.json = self.stack.path("report.json")

    def served(self, *script, **options):
        """A scripted server that is closed at the end."""
        made = Scripted(*script, **options)
        self.addCleanup(made.close)
        return made

    def attack(self, *flags, phases, target=None, mix="normal=1", rate_max=1):
        """It runs; without a higher `rate_max` nothing is doubled behind the phases."""
        where = ["--target", target] if target else []
        return self.stack.start("attack", [
            attack_program(), "--rows", self.rows, "--mix", mix, "--phases", phases, "--rate-max",
            rate_max, "--json", self.json, *where, *flags])

    def report(self, process, code=0, seconds=60):
        """What it wrote, once it has ended with that code."""
        self.assertEqual(process.wait(seconds), code, process.text())
        return json.loads(self.json.read_text(encoding="utf-8"))

    def ran(self, *flags, code=0, **how):
        """A whole run."""
        return self.report(self.attack(*flags, **how), code)


def refused(*flags):
    """(exit code, lines of its errors) of settings with which it must not start."""
    done = subprocess.run([str(word) for word in (attack_program(), *flags)], timeout=20, check=False,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr.splitlines()
