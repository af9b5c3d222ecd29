"""The running fraud-model against its own GET /openapi.yaml, by schemathesis.

    /usr/bin/python3 -m tests.model.openapi_check

Needs the program (tests/stack: FRAUD_MODEL, or the release build). Makes the environment of
requirements.txt in the cache when it is not there. The same bodies in every run: the document's
examples, the edges of every schema and random ones, right and wrong, must be answered as the
document says: status, type, headers and schema, 4xx for a wrong body, 2xx for a right one, 405 for
a method that is not there.
"""

import os
import subprocess
import unittest

from tests.stack import ROOT, venv, web
from tests.stack.fraud_model import FraudModel
from tests.stack.process import Stack

HERE = ROOT / "tests/model"
REQUIREMENTS = HERE / "requirements.txt"
MOST_SECONDS = 300  # for all of it; 40 are usual
EXAMPLES = 1_000  # for each operation

CHECKS = ",".join((
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "negative_data_rejection",
    "positive_data_acceptance", "unsupported_method", "allow_header_conformance"))


def command(url):
    """schemathesis with everything fixed that can be."""
    return [venv.python(REQUIREMENTS), "-m", "schemathesis.cli", "run", f"{url}/openapi.yaml",
            "--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--mode", "all",
            "--max-examples", EXAMPLES, "--generation-deterministic",
            "--workers", 1, "--max-response-time", 5,
            "--continue-on-failure", "--no-color"]


class Openapi(unittest.TestCase):
    def setUp(self):
        self.stack = Stack("fraud-openapi")
        self.addCleanup(self.stack.close)
        self.model = FraudModel(self.stack)

    def test_the_program_keeps_what_its_document_says(self):
        words = [str(word) for word in command(self.model.url)]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HERE),
                       "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(words, cwd=self.stack.directory, timeout=MOST_SECONDS, check=False,
                              text=True, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        metrics = self.model.metrics()
        scored = metrics.value("ml_model_prediction_duration_seconds_count")
        refused = metrics.value("ml_model_errors_total", type="invalid")
        self.assertGreater(min(scored, refused), EXAMPLES / 2)  # right bodies came, and wrong ones

    def test_the_features_it_names_are_those_of_the_shipped_model(self):
        served = web.call(f"{self.model.url}/model").json()["features"]
        text = web.call(f"{self.model.url}/openapi.yaml").body.decode()
        for name in served[3:]:
            self.assertIn(f"        {name}: ", text)
        self.assertEqual(text.count("_window: {$ref"), len(served) - 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
