"""A flood of predictions, told on its standard input what to do: `python -m tests.stack.attack PORT`.

    flood N    N kept connections post batches of BATCH transactions, each as soon as the last is answered
    calm       one prediction a second

It waits for answers, so it takes what the model has and no more; the open-loop attack that does not wait
is a program of its own. On loopback only.
"""

import http.client
import itertools
import json
import random
import subprocess
import sys
import threading

from tests.stack import PYTHON

BATCH = 500
CALM_S = 1.0
TIMEOUT_S = 30
AFTER_TROUBLE_S = 0.2


class Attack:
    """The attack as a process of `stack` on the model at `port`, calm at first."""

    def __init__(self, stack, port):
        self.process = stack.start("attack", [PYTHON, "-m", "tests.stack.attack", port],
                                   stdin=subprocess.PIPE)

    def flood(self, connections):
        self._tell(f"flood {connections}")

    def calm(self):
        self._tell("calm")

    def _tell(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()


def transactions(count, seed=1):
    """Plausible ones: a tenth of them amounts that no customer spends."""
    chance = random.Random(seed)
    return [{"transaction_id": number,
             "tx_datetime": f"2018-08-{chance.randint(1, 28):02} {chance.randint(0, 23):02}:30:00",
             "customer_id": chance.randint(0, 4999), "terminal_id": chance.randint(0, 9999),
             "tx_amount": round(chance.uniform(220, 900) if number % 10 == 0
                                else chance.gauss(50, 20) % 200, 2)}
            for number in range(count)]


class Wave:
    """Until `ended` is set, `pause` between an answer and the next request."""

    def __init__(self, port, path, body, pause):
        self._port = port
        self._path = path
        self._body = json.dumps(body).encode()
        self._pause = pause
        self.ended = threading.Event()

    def ride(self):
        connection = None
        while not self.ended.wait(self._pause):
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self._port,
                                                                      timeout=TIMEOUT_S)
                connection.request("POST", self._path, self._body)
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):  # shed, or the model is gone for a moment
                connection = None
                self.ended.wait(AFTER_TROUBLE_S)


def main():
    port, wave, riders = int(sys.argv[1]), None, []
    for line in itertools.chain(["calm"], sys.stdin):  # ends with its owner
        word, _, number = line.strip().partition(" ")
        stop(wave, riders)
        flood = word == "flood"
        rows = transactions(BATCH)
        wave = Wave(port, "/predict/batch" if flood else "/predict", rows if flood else rows[1],
                    0 if flood else CALM_S)
        riders = [threading.Thread(target=wave.ride) for _ in range(int(number or 1))]
        for rider in riders:
            rider.start()
    stop(wave, riders)


def stop(wave, riders):
    if wave:
        wave.ended.set()
    for rider in riders:
        rider.join()


if __name__ == "__main__":
    main()
