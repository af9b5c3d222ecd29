"""Storing: webhooks a second against commits a second, and one large payload against SQLite itself.

Peer of both is SQLite (bridge_bare.py) in the same folder. It gets the rows that the sidecar wrote: the
body, the episode, the transition. Once with a commit for each webhook, once with one for all that a
payload made. Nothing is parsed there, nobody is answered, and no other statement is run.

What a group of commits saves is syncs. On a virtual disk whose host keeps in memory what it was told to
write, a sync costs less than a request, and there is nothing to save: the row of such a disk is only
told. The row that is judged always makes each sync of both sides SYNC_MS longer.
"""

import statistics
import time

from bench import bridge_body
from bench.bridge_bare import KEPT, Bare, kept, last_ids, slow_sync
from bench.bridge_sides import Numbers, Us, closed_loop
from bench.measure import Cannot, Least, Ratio
from tests.stack import PYTHON, wait, web
from tests.stack.process import Stack

FASTER = 8
SLOWER = 5
SYNC_MS = 4
DISK_S = 0.001  # of a commit of SQLite alone: where it costs less the disk itself is not judged
GENERATOR_LIMIT = 0.9  # of a core: beyond it the load's own thread may be the limit


def webhooks(runs, sizes):
    return [_webhooks(runs, sizes, 0), _webhooks(runs, sizes, SYNC_MS)]


def _webhooks(runs, sizes, sync_ms):
    ours, peer, busy = [], [], []
    with Stack("fraud-bench") as stack:
        prefix = slow_sync(stack, sync_ms) if sync_ms else []
        us, numbers = Us(stack, prefix=prefix), Numbers()
        closed_loop(us, numbers, sizes.connections, sizes.window_s / 4)  # warms up
        for run in range(runs):
            posted = closed_loop(us, numbers, sizes.connections, sizes.window_s)
            _check_refusals(posted)
            ours.append(posted.rate())
            busy.append(posted.cpu_share)
            peer.append(_commits(stack, us, prefix, sizes.window_s, run))
    note = (f"{sizes.connections} connections, a new alert in each webhook; peer: SQLite, a FULL commit for"
            f" each; the load took {statistics.median(busy):.2f} core")
    if max(busy) > GENERATOR_LIMIT:
        note += ", and may have been the limit"
    return webhooks_row(sync_ms, ours, peer, note)


def webhooks_row(sync_ms, ours, peer, note):
    judged = bool(sync_ms) or 1 / statistics.median(peer) >= DISK_S
    name = f"webhooks, sync +{sync_ms} ms" if sync_ms else "webhooks, this disk"
    return Least(name, "/s", FASTER if judged else None, False, ours, peer, note)


def _commits(stack, us, prefix, seconds, run):
    """A second, by SQLite alone."""
    bare = stack.start("bare", [*prefix, PYTHON, "-m", "bench.bridge_bare", us.database,
                                us.database.parent / f"bare-{run}.db", seconds])
    wait.until(lambda: not bare.running(), seconds + 60, "the end of SQLite alone")
    if bare.wait(1) != 0:
        bare.check()
    return float(bare.text().splitlines()[-1])


def _check_refusals(posted):
    """Connections that the server closed for others who wait (status 0) are no refusals."""
    refused = {status: count for status, count in posted.refused.items() if status != "0"}
    if sum(refused.values()) > len(posted.answers) / 10:
        raise Cannot(f"of {len(posted.answers)} webhooks so many were refused: {refused}")


def payload(runs, sizes):
    ours, peer = [], []
    with Stack("fraud-bench") as stack:
        us, numbers = Us(stack), Numbers()
        _post(us, numbers, sizes.payload_alerts)  # the first ones pay for what later ones find ready
        for run in range(runs):
            after = last_ids(us.database)
            ours.append(1000 * _post(us, numbers, sizes.payload_alerts))
            wanted = kept(us.database, after)
            if [len(wanted[table]) for table in KEPT] != [1, sizes.payload_alerts, sizes.payload_alerts]:
                raise Cannot("a payload of new alerts did not make one episode and transition for each")
            bare = Bare(us.database, us.database.parent / f"bare-{run}.db")
            peer.append(1000 * bare.once(wanted))
            bare.close()
    return [Ratio(f"{sizes.payload_alerts} alerts", "ms", SLOWER, False, ours, peer,
                  "one payload, sent to answered 200; peer: SQLite, the same rows in one transaction")]


def _post(us, numbers, count):
    """Seconds from the request to its 200."""
    body = bridge_body.payload(numbers.take(count), count, "warning")
    begun = time.perf_counter()
    answer = web.call(us.webhook_url, us.tokens["webhook"], body, seconds=60)
    took = time.perf_counter() - begun
    if answer.status != 200:
        raise RuntimeError(f"the webhook was answered {answer.status}: {answer.body[:200]!r}")
    return took
