"""The replicas: pairs of a fraud-model under its own CPU limit and the fraud-sidecar that measures it."""

import time

from tests.stack import wait, web, whole
from tests.stack.fraud_model import START_S, FraudModel
from tests.stack.sidecar import Sidecar

REPLICAS_MIN = 4
REPLICAS_MAX = 6
RESET_TERMINAL = 13


class Pair:
    """As one pod. Begun when made; it is served to others once serves() has said so."""

    def __init__(self, stack, pod, cpu_limit, sudo, sidecar_flags, sidecar_port=0):
        self.pod = pod
        self.model = FraudModel(stack, ["--reset-terminal-id", RESET_TERMINAL], name=pod,
                                cpu_limit=cpu_limit, sudo=sudo, patient=False)
        self.sidecar = Sidecar(stack, ["--name", pod, *self.model.placed.flags, *sidecar_flags],
                               name=f"{pod}-sidecar", port=sidecar_port)
        self.ratio = None  # CPU of the limit, by the sidecar; None: not known
        self._begun = time.monotonic()
        self._cpu_s = None
        self._cpu_before_s = None

    def serves(self):
        """Whether the model listens. Raises wait.NotInTime when it should have long ago."""
        if not self.model.listening() and time.monotonic() - self._begun > START_S:
            raise wait.NotInTime(f"{self.pod} did not listen within {START_S} s")
        return self.model.port is not None

    def look(self):
        """Asks the sidecar. One that does not answer leaves the ratio unknown."""
        try:
            metrics = self.sidecar.metrics()
        except OSError:
            metrics = web.Metrics("")
        self.ratio = metrics.value("fraud_model_cpu_utilization_ratio")
        self._cpu_s = metrics.value("fraud_model_cpu_usage_seconds_total")
        if self._cpu_before_s is None:
            self._cpu_before_s = self._cpu_s

    def begin_count(self):
        self._cpu_before_s = self._cpu_s

    def cpu_seconds(self):
        """CPU time of the model since begin_count(), or since the first look; None when not known."""
        if self._cpu_s is None or self._cpu_before_s is None:
            return None
        return self._cpu_s - self._cpu_before_s

    def processes(self):
        return [self.model.process, self.sidecar.process]


class Fleet:
    """All pairs, fraud-model-0 first. `targets` is the file in which those that serve stand, a HOST:PORT
    a line, as the endpoints of a Service would."""

    def __init__(self, stack, cpu_limit, sudo, replicas_max):
        self._stack = stack
        self._limit = (cpu_limit, sudo)
        self._flags = ["--replicas-max", replicas_max]
        self._serving = []
        self.pairs = []
        self.targets = stack.folder("endpoints") / "fraud-model"

    def grow(self, flags=(), port=0):
        """Begins one more pair and does not wait for it. `flags` and `port` are its sidecar's."""
        pod = f"fraud-model-{len(self.pairs)}"
        self.pairs.append(Pair(self._stack, pod, *self._limit, [*self._flags, *flags], port))

    def tick(self):
        """Looks at all pairs, takes those that have begun to serve into service, and returns them."""
        for pair in self.pairs:
            for process in pair.processes():
                process.check()
            pair.look()
        come = [pair for pair in self.pairs if pair not in self._serving and pair.serves()]
        if come:
            self._serving += come
            whole.write(self.targets, "".join(f"127.0.0.1:{pair.model.port}\n"
                                              for pair in self._serving))
        return come

    @property
    def first(self):
        return self.pairs[0]

    def serving(self):
        return list(self._serving)

    def enforced(self):
        """Whether every model is really held to its limit."""
        return all(pair.model.placed.enforced for pair in self.pairs)

    def ratios(self):
        """{pod: share of its CPU limit} of all pairs at the last tick; None: unknown, or not yet serving."""
        return {pair.pod: pair.ratio if pair in self._serving else None for pair in self.pairs}

    def begin_count(self):
        """The CPU of the models counts from here; a pair that comes later counts from its first look."""
        for pair in self.pairs:
            pair.begin_count()

    def cpu_seconds(self):
        """CPU time of all models since begin_count(). None when one is not known."""
        return total(pair.cpu_seconds() for pair in self.pairs)

    def predictions(self):
        """Of all models together, None when one is not known."""
        made = total(_predictions(pair.model) for pair in self._serving)
        return None if made is None else int(made)


def _predictions(model):
    try:
        return model.metrics().total("ml_model_predictions_total")
    except OSError:
        return None


def total(figures):
    """The sum, None when there is nothing to add or one is not known."""
    known = list(figures)
    return None if not known or None in known else sum(known)
