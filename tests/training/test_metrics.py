"""The figures against cases that are worked by hand."""

import math
import unittest

import numpy as np

from training import metrics


def judged(function, label, score, *more):
    return function(np.array(label), np.array(score), *more)


class RankingTest(unittest.TestCase):
    def test_auc_counts_pairs(self):
        # Frauds .8 and .4, good .6 and .2: of four pairs one is the wrong way round.
        self.assertEqual(0.75, judged(metrics.roc_auc, [1, 0, 1, 0], [.8, .6, .4, .2]))
        self.assertEqual(1.0, judged(metrics.roc_auc, [0, 1], [.1, .9]))
        self.assertEqual(0.0, judged(metrics.roc_auc, [1, 0], [.1, .9]))

    def test_a_tie_is_half_a_pair(self):
        self.assertEqual(0.5, judged(metrics.roc_auc, [1, 0, 1, 0], [.3, .3, .3, .3]))
        self.assertEqual(0.75, judged(metrics.roc_auc, [1, 0, 0], [.5, .5, .1]))

    def test_auc_of_one_class_is_unknown(self):
        self.assertTrue(math.isnan(judged(metrics.roc_auc, [1, 1], [.5, .6])))

    def test_average_precision_adds_precision_where_recall_grows(self):
        # Calls in order: fraud (1/1), good, fraud (2/3): (1 + 2/3) / 2.
        self.assertAlmostEqual(5 / 6, judged(metrics.average_precision, [1, 0, 1], [.9, .8, .7]))
        # Both share one score: one step with precision 1/2.
        self.assertAlmostEqual(0.5, judged(metrics.average_precision, [1, 0], [.5, .5]))


class ThresholdTest(unittest.TestCase):
    def test_best_f1_lies_halfway_to_the_next_score(self):
        threshold, f1 = judged(metrics.best_f1, [1, 1, 0, 1, 0], [.9, .8, .6, .2, .1])
        # From .2 on: precision 3/4, recall 1, F1 6/7; from .8 on: 1 and 2/3, F1 4/5.
        self.assertAlmostEqual(6 / 7, f1)
        self.assertAlmostEqual(0.15, threshold)

    def test_the_lowest_score_is_cut_from_nothing(self):
        self.assertEqual((0.25, 1.0), judged(metrics.best_f1, [1], [.5]))

    def test_at_a_threshold_an_equal_score_is_a_call(self):
        label, score = np.array([1, 0, 1]), np.array([.5, .3, .2], np.float32)
        self.assertEqual({"precision": 0.5, "recall": 0.5},
                         metrics.at_threshold(label, score, float(np.float32(.3))))
        self.assertEqual({"precision": None, "recall": 0.0},
                         metrics.at_threshold(label, score, .6))


class CardPrecisionTest(unittest.TestCase):
    def test_a_card_is_as_risky_as_its_riskiest_transaction(self):
        # Card 1 leads by its second payment; of the two first cards one is bad.
        share = metrics.card_precision(np.zeros(4, int), np.array([1, 1, 2, 3]),
                                       np.array([1, 0, 0, 1]), np.array([.1, .9, .8, .7]), cards=2)
        self.assertEqual(0.5, share)

    def test_a_card_that_was_found_is_blocked(self):
        day, card = np.array([0, 0, 1, 1]), np.array([1, 2, 1, 2])
        label, score = np.array([1, 0, 1, 0]), np.array([.9, .1, .9, .1])
        # Day 0 finds card 1; on day 1 only card 2 is looked at, and it is good.
        self.assertEqual(0.5, metrics.card_precision(day, card, label, score, cards=1))

    def test_fewer_cards_than_places_are_still_divided_by_the_places(self):
        self.assertEqual(0.25, metrics.card_precision(np.zeros(1, int), np.array([1]),
                                                      np.array([1]), np.array([.5]), cards=4))


if __name__ == "__main__":
    unittest.main()
