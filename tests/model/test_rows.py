"""bench/load/rows.ndjson, the load driver's rows, before the real service: each row is answered as its kind says."""

import collections
import http.client
import json
import unittest

from tests.stack import ROOT
from tests.stack.fraud_model import FraudModel
from tests.stack.process import Stack

ROWS = ROOT / "bench/load/rows.ndjson"
MOST_BYTES = 5_000_000
# At least this share of each kind, so that a load of it is an attack; malformed at most a twentieth.
LEAST = {"normal": 0.4, "amount_flood": 0.1, "compromised_terminal": 0.1, "replay": 0.05,
         "malformed": 0.02}


def body_of(row):
    if row["kind"] == "malformed":
        return row["body"].encode()
    return json.dumps({**row["transaction"], "features": row["features"]}).encode()


class Client:
    """One kept connection."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)

    def predict(self, body):
        """(status, the answer's JSON)."""
        self._connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read())

    def close(self):
        self._connection.close()


class RowsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = [json.loads(line) for line in ROWS.read_text(encoding="ascii").splitlines()]

    def test_size_and_shares(self):
        self.assertLessEqual(ROWS.stat().st_size, MOST_BYTES)
        counts = collections.Counter(row["kind"] for row in self.rows)
        self.assertEqual(set(LEAST), set(counts))
        for kind, least in LEAST.items():
            self.assertGreaterEqual(counts[kind] / len(self.rows), least, kind)
        self.assertLessEqual(counts["malformed"] / len(self.rows), 0.05)

    def test_a_replay_is_an_earlier_row(self):
        earlier = set()
        for row in self.rows:
            body = body_of(row)
            if row["kind"] == "replay":
                self.assertIn(body, earlier)
            earlier.add(body)

    def test_the_service_scores_each_row_and_refuses_each_malformed_one(self):
        with Stack("fraud-rows") as stack:
            client = Client(FraudModel(stack).port)
            self.addCleanup(client.close)
            found = collections.defaultdict(collections.Counter)
            for number, row in enumerate(self.rows):
                status, answer = client.predict(body_of(row))
                if row["kind"] == "malformed":
                    self.assertEqual(422, status, f"row {number}: {row['body']}")
                    continue
                self.assertEqual(200, status, f"row {number}: {answer}")
                self.assertEqual("request", answer["features_source"])
                found[row["kind"]][answer["is_fraud"]] += 1
        # The kinds are what they are called: a flood is seen by its amounts, a normal week is calm.
        share = {kind: seen[True] / seen.total() for kind, seen in found.items()}
        self.assertGreater(share["amount_flood"], 0.95)
        self.assertGreater(share["compromised_terminal"], 10 * share["normal"])
        self.assertLess(share["normal"], 0.02)


if __name__ == "__main__":
    unittest.main()
