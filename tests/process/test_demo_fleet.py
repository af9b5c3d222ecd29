"""The demo's fleet: the autoscaler's formula, the attack's rates, pairs that come while others serve."""

import types
import unittest
from unittest import mock

from tests.demo import attack
from tests.demo.autoscaler import Autoscaler, desired
from tests.demo.fleet import Fleet, total
from tests.process.fixture import StackTest
from tests.stack import placement, wait
from tests.stack.prometheus import Prometheus


class Formula(unittest.TestCase):
    """desired = ceil(current * mean / target), target 0.65, four to six replicas."""

    def ask(self, *ratios):
        return desired(len(ratios), ratios, 0.65, 4, 6)

    def test_more_when_the_mean_is_over_the_target_and_never_over_the_maximum(self):
        self.assertEqual(self.ask(0.8, 0.8, 0.8, 0.8), 5)  # 4.92
        self.assertEqual(self.ask(0.9, 0.9, 0.9, 0.9), 6)  # 5.54
        self.assertEqual(self.ask(0.1, 1, 1, 1), 5)  # it is the mean that counts: 4.77
        self.assertEqual(self.ask(1, 1, 1, 1, 1, 1), 6)
        self.assertEqual(self.ask(9, 9, 9, 9), 6)

    def test_nothing_within_the_tolerance(self):
        self.assertEqual(self.ask(0.714, 0.714, 0.714, 0.714), 4)
        self.assertEqual(self.ask(0.716, 0.716, 0.716, 0.716), 5)
        self.assertEqual(self.ask(0.59, 0.59, 0.59, 0.59, 0.59), 5)

    def test_fewer_but_never_under_the_minimum(self):
        self.assertEqual(self.ask(0.3, 0.3, 0.3, 0.3, 0.3, 0.3), 4)
        self.assertEqual(self.ask(0.5, 0.5, 0.5, 0.5, 0.5, 0.5), 5)
        self.assertEqual(self.ask(0, 0, 0, 0, 0, 0), 4)

    def test_the_unknown_hold_scaling_back(self):
        self.assertEqual(self.ask(None, None, None, None), 4)
        self.assertEqual(self.ask(0.9, 0.9, 0.9, 0.9, 0.9), 6)
        self.assertEqual(self.ask(0.9, 0.9, 0.9, 0.9, None), 6)  # 0.72 with an idle fifth
        self.assertEqual(self.ask(0.8, 0.8, 0.8, 0.8, None), 5)  # 0.64: turned round
        self.assertEqual(self.ask(0.88, 0.88, 0.88, 0.88, None), 5)  # 0.704: within the tolerance
        self.assertEqual(self.ask(0.3, 0.3, 0.3, None, None, None), 6)  # 0.65 with a busy half


class Growing(unittest.TestCase):
    def fleet(self, *ratios):
        known = dict(enumerate(ratios))
        return types.SimpleNamespace(
            ratios=lambda: dict(known), grow=lambda: known.update({len(known): None}), known=known)

    def test_it_asks_each_period_and_begins_what_is_missing(self):
        fleet = self.fleet(0.9, 0.9, 0.9, 0.9)
        scaler = Autoscaler(fleet, 4, 6, factor=15)  # a period of one second
        self.assertEqual((scaler.tick(100.0), len(fleet.known)), (2, 6))
        fleet.known.update({pod: 5.0 for pod in fleet.known})
        self.assertEqual([scaler.tick(100.5), scaler.tick(101.0)], [0, 0])

    def test_not_before_its_period_and_never_down(self):
        fleet = self.fleet(0.1, 0.1, 0.1, 0.1, 0.1)
        scaler = Autoscaler(fleet, 4, 6, factor=15)
        self.assertEqual((scaler.tick(100.0), len(fleet.known)), (0, 5))
        fleet.known.update({pod: 0.9 for pod in fleet.known})
        self.assertEqual([scaler.tick(100.9), scaler.tick(101.0)], [0, 1])


class Rates(unittest.TestCase):
    def test_they_double_behind_the_given_ones_and_end_at_the_top(self):
        self.assertEqual(attack.rates(12_000), [50, 200, 500, 1500, 3000, 6000, 12_000])
        self.assertEqual(attack.rates(9000), [50, 200, 500, 1500, 3000, 6000, 9000])
        self.assertEqual(attack.rates(8900), [50, 200, 500, 1500, 3000, 8900])
        self.assertEqual(attack.rates(1600), [50, 200, 500, 1500, 1600])
        self.assertEqual(attack.rates(1500), [50, 200, 500, 1500])

    def test_the_top_is_above_what_all_models_can_take(self):
        self.assertEqual(attack.top_rate(50e-6, 0.3), 7500)
        self.assertEqual(attack.top_rate(25e-6, 0.3), 15_000)
        self.assertEqual(attack.top_rate(50e-6, 0.6), 15_000)
        self.assertEqual(attack.top_rate(1e-6, 0.3), attack.RATE_MOST)
        self.assertEqual(attack.top_rate(1e-3, 0.3), attack.PHASES[-1])

    def test_phases_are_divided_down_to_what_the_mean_of_15_s_can_show(self):
        self.assertEqual([attack.phase_seconds(factor) for factor in (1, 3, 20)], [30, 10, 5])

    def test_what_is_asked_for_goes_by_the_clock(self):
        stack = mock.Mock()
        history = types.SimpleNamespace(tokens={"query": "t"}, url="http://h")
        with mock.patch.object(attack.time, "monotonic", return_value=100.0):
            begun = attack.Attack(stack, "targets", 3000, 20, history, ("http://p", "http://a"))
        self.assertEqual([begun.asked(at) for at in (100, 104.9, 105, 120, 900)],
                         [50, 50, 200, 3000, 3000])
        self.assertEqual(begun.most_s, 25)


class Unknown(unittest.TestCase):
    def test_a_sum_with_an_unknown_is_unknown(self):
        self.assertEqual(total([1.0, 2.0]), 3.0)
        self.assertIsNone(total([1.0, None]))
        self.assertIsNone(total([]))


class Pairs(StackTest):
    def test_a_pair_that_comes_later_serves_and_is_scraped(self):
        fleet = Fleet(self.stack, 0.2, placement.sudo_prefix(), 6)
        fleet.grow()
        self.serving(fleet, 1)
        fleet.begin_count()
        sidecars, models = self.ports(fleet)
        prometheus = Prometheus(self.stack, sidecars, 9, 30, models=models)
        fleet.grow()
        self.assertEqual(list(fleet.ratios()), ["fraud-model-0", "fraud-model-1"])
        self.assertIsNone(fleet.ratios()["fraud-model-1"])
        self.serving(fleet, 2)
        prometheus.scrape(*self.ports(fleet))
        self.until(lambda: prometheus.query("sum(up)") == 4, "four targets that are up")
        self.assertEqual(sorted(fleet.targets.read_text(encoding="ascii").split()),
                         sorted(f"127.0.0.1:{pair.model.port}" for pair in fleet.pairs))
        self.assertGreaterEqual(fleet.cpu_seconds(), 0)
        fleet.pairs[1].model.process.kill()
        self.assertRaisesRegex(wait.Ended, "fraud-model-1 ended", fleet.tick)

    def serving(self, fleet, number):
        def all_serve():
            fleet.tick()
            return len(fleet.serving()) == number

        self.until(all_serve, f"{number} pairs serving")

    def ports(self, fleet):
        return ({pair.pod: pair.sidecar.port for pair in fleet.serving()},
                {pair.pod: pair.model.admin_port for pair in fleet.serving()})


if __name__ == "__main__":
    unittest.main()
