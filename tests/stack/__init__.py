"""Real servers for the demo, the process tests and the benches: Prometheus, Alertmanager, an SMTP
receiver, a model that can be heated, and the sidecar, all on loopback and free ports.

Runs with /usr/bin/python3 and Debian's python3-aiosmtpd, nothing else. Nothing outlives its owner:
see process.py and guard.py.
"""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"  # Debian's: another python3 may come first on the path
RULES = ROOT / "helm-chart/files/rules/fraud.rules.yaml"
ADMIN_ALERT = "FraudModelMaxedOutHighCPU"


def sidecar_program():
    """The program under test: FRAUD_SIDECAR, or the release build."""
    return pathlib.Path(os.environ.get("FRAUD_SIDECAR", ROOT / "build/release/fraud-sidecar"))


def model_program():
    """The program under test: FRAUD_MODEL, or the release build."""
    return pathlib.Path(os.environ.get("FRAUD_MODEL", ROOT / "build/release/fraud-model"))


def attack_program():
    """The load driver: FRAUD_ATTACK, or the release build."""
    return pathlib.Path(os.environ.get("FRAUD_ATTACK", ROOT / "build/release/fraud-attack"))
