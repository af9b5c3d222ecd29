"""The simulator on small worlds. The published totals of the whole one: test_reproduces.py."""

import dataclasses
import unittest

import numpy as np

from tests.training import small
from training import simulator
from training.transactions import DAY_S, day_number


class SimulatorTest(unittest.TestCase):
    def test_a_seed_is_a_world(self):
        tiny = simulator.World(customers=30, days=20)
        once, again = (simulator.simulate(tiny).columns() for _ in range(2))
        other = simulator.simulate(dataclasses.replace(tiny, seed=1)).columns()
        for name, column in once.items():
            np.testing.assert_array_equal(column, again[name])
        self.assertFalse(np.array_equal(once["amount"][:50], other["amount"][:50]))

    def test_rows_are_in_order_and_inside_of_the_days(self):
        data = small.world()
        self.assertTrue(np.all(np.diff(data.second) >= 0))
        self.assertEqual(day_number("2018-04-01"), data.day[0])
        self.assertEqual(139, data.day[-1] - data.day[0])
        self.assertTrue(np.all(data.second % DAY_S > 0))
        np.testing.assert_array_equal(data.amount, np.round(data.amount, 2))

    def test_a_customer_pays_only_within_the_radius(self):
        data, world = small.world(), simulator.World(customers=300, days=140)
        place = np.array([(each.x, each.y) for each in simulator.people(world)])
        away = np.hypot(*(place[data.customer] - simulator.places(world)[data.terminal]).T)
        self.assertLess(away.max(), world.radius)

    def test_a_customer_that_reaches_no_terminal_pays_nowhere(self):
        self.assertEqual(0, len(simulator.simulate(simulator.World(customers=3, radius=1e-9))))

    def test_frauds_are_what_their_scenario_says(self):
        data = small.world()
        np.testing.assert_array_equal(data.fraud, data.scenario > 0)
        self.assertEqual({0, 1, 2, 3}, set(data.scenario.tolist()))
        self.assertGreater(data.amount[data.scenario == 1].min(), simulator.AMOUNT_LIMIT)
        # Every payment at a terminal that fell is a fraud until its 28 days are over.
        fallen = np.random.RandomState(0).choice(10_000, 2, replace=False)
        for world_day in (0, 27):
            rows = (data.day == data.day[0] + world_day) & np.isin(data.terminal, fallen)
            self.assertTrue(np.all(data.fraud[rows] == 1))

    def test_nobody_falls_on_the_last_day(self):
        """So a world of one day has only frauds by their amount."""
        data = simulator.simulate(simulator.World(customers=200, days=1))
        self.assertEqual(0, np.sum(data.scenario > 1))

    def test_progress_hears_of_every_customer(self):
        heard = []
        simulator.simulate(simulator.World(customers=3, days=1),
                           lambda done, total: heard.append((done, total)))
        self.assertEqual([(1, 3), (2, 3), (3, 3)], heard)


if __name__ == "__main__":
    unittest.main()
