"""How good a ranking is, and where to cut it. Pure numpy, worked by hand in the tests."""

import numpy as np


def roc_auc(label, score):
    """The chance that a fraud scores above a good one; a tie counts half (Mann-Whitney)."""
    values, group, size = np.unique(score, return_inverse=True, return_counts=True)
    if not len(values):
        return float("nan")
    mean_rank = np.cumsum(size) - (size - 1) / 2
    positives = int(np.sum(label == 1))
    negatives = len(label) - positives
    if not positives or not negatives:
        return float("nan")
    above = mean_rank[group][label == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def precision_recall(label, score):
    """Precision and recall when everything from each distinct score on is called a fraud.

    Returns (scores, precision, recall), the highest score first.
    """
    order = np.argsort(-score, kind="stable")
    last_of_score = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    found = np.cumsum(label[order] == 1)[last_of_score]
    called = last_of_score + 1
    return score[order][last_of_score], found / called, found / max(int(found[-1]), 1)


def average_precision(label, score):
    """Precision, weighted by the recall that each step of the threshold adds."""
    _, precision, recall = precision_recall(label, score)
    return float(np.sum(np.diff(recall, prepend=0) * precision))


def best_f1(label, score):
    """(threshold, F1) where calling every score >= threshold a fraud has the best F1.

    The threshold lies halfway to the next lower score, so that it does not hang on one row.
    """
    scores, precision, recall = precision_recall(label, score)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    best = int(np.argmax(f1))
    lower = scores[best + 1] if best + 1 < len(scores) else 0.0
    return (float(scores[best]) + float(lower)) / 2, float(f1[best])


def card_precision(day, customer, label, score, cards=100):
    """CP@k: the mean over the days of the share of defrauded among the `cards` riskiest cards.

    A card is as risky as its riskiest transaction of the day; one found to be defrauded is blocked
    and not looked at on later days. Between equals the lower customer number comes first.
    """
    blocked, shares = np.empty(0, customer.dtype), []
    for today in np.unique(day):
        rows = (day == today) & ~np.isin(customer, blocked)
        who, group = np.unique(customer[rows], return_inverse=True)
        risk, bad = np.full(len(who), -np.inf), np.zeros(len(who), bool)
        np.maximum.at(risk, group, score[rows])
        np.logical_or.at(bad, group, label[rows] == 1)
        top = np.argsort(-risk, kind="stable")[:cards]
        found = who[top][bad[top]]
        shares.append(len(found) / cards)
        blocked = np.concatenate([blocked, found])
    return float(np.mean(shares))


def judge(data, rows, score):
    """The three figures of the handbook for these rows of the data, rounded to 4 digits."""
    label = data.fraud[rows]
    return {"auc": round(roc_auc(label, score), 4),
            "average_precision": round(average_precision(label, score), 4),
            "card_precision_100": round(card_precision(data.day[rows], data.customer[rows], label,
                                                       score), 4)}


def at_threshold(label, score, threshold):
    """Precision and recall when every score >= threshold is called a fraud; None without a call."""
    called = score >= np.float32(threshold)  # the service compares floats
    hits = int(np.sum(called & (label == 1)))
    return {"precision": round(hits / int(called.sum()), 4) if called.any() else None,
            "recall": round(hits / max(int(np.sum(label == 1)), 1), 4)}
