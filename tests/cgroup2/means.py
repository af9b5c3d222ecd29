"""What mean_error prints, judged: the same in the virtual machine and on this one."""

import re

MOST = 0.01  # of the limit
SECONDS = 68  # a minute, and some samples more
_LINE = re.compile(r"^mean group=(\S+) samples=(\d+) exact=(\S+) largest_error=(\S+)$", re.MULTILINE)


def check(test, text, groups):
    """`groups` of a steady, a bursty and a throttled load, in the order in which they were measured."""
    found = {group: (int(samples), float(exact), float(error))
             for group, samples, exact, error in _LINE.findall(text)}
    test.assertEqual(list(found), groups, text)
    for group, (samples, exact, error) in found.items():
        with test.subTest(group=group):
            test.assertGreaterEqual(samples, 5)
            test.assertGreater(exact, 0.005)  # it did something
            test.assertLess(error, MOST)
    # No machine so slow that the throttled one did not have the most.
    shares = [exact for _, exact, _ in found.values()]
    test.assertEqual(max(shares), shares[2])
