"""What bench/run model concludes from what its tools say. Starts nothing."""

import json
import unittest

from bench import model, model_body
from bench.measure import Amount, Cannot
from bench.model_wrk import counted
from tests.stack.fraud_model import SHIPPED


class Wrk(unittest.TestCase):
    """Its count is believed only when every request was answered."""

    def test_count_is_found_after_wrks_own_report(self):
        said = 'Running 2s test\nRequests/sec: 9\n\nCOUNTED {"requests": 18, "errors": 0}\n'
        self.assertEqual(counted(said), 18)

    def test_errors_and_silence_are_no_measurement(self):
        for said in ('COUNTED {"requests": 18, "errors": 1}',
                     'COUNTED {"requests": 0, "errors": 0}', "unable to connect", ""):
            with self.subTest(said), self.assertRaises(Cannot):
                counted(said)


class Rows(unittest.TestCase):
    def test_amount_is_judged_by_its_median(self):
        for runs, met in (([1, 25, 99], True), ([1, 25.1, 99], False)):
            with self.subTest(runs):
                row = Amount("pss", "MiB", 25, runs)
                self.assertEqual(row.met(), met)
                self.assertEqual(row.as_json()["met"], met)


class SameWork(unittest.TestCase):
    """A peer that answers something else is not measured."""

    def compare(self, **theirs):
        answer = {"transaction_id": 1, "fraud_probability": 0.1, "threshold": 0.5}
        model.same(answer, {**answer, **theirs})

    def test_floats_are_compared_as_floats(self):
        self.compare(fraud_probability=0.10000000149011612)  # the float 0.1, printed as a double

    def test_other_answer_is_refused(self):
        for theirs in ({"fraud_probability": 0.10000001}, {"transaction_id": 2}, {"extra": 1}):
            with self.subTest(theirs), self.assertRaises(Cannot):
                self.compare(**theirs)


class Body(unittest.TestCase):
    def test_batch_begins_with_the_single_transaction(self):
        batch = json.loads(model_body.batch(SHIPPED, 500))
        self.assertEqual(len(batch), 500)
        self.assertEqual(batch[0], json.loads(model_body.single(SHIPPED)))

    def test_features_are_those_a_caller_may_send(self):
        names = json.loads((SHIPPED / "schema.json").read_text(encoding="utf-8"))["features"]
        given = json.loads(model_body.with_features(SHIPPED, 1))[0]["features"]
        self.assertTrue(given)
        self.assertLessEqual(set(given), set(names) - set(model_body.COMPUTED))


if __name__ == "__main__":
    unittest.main()
