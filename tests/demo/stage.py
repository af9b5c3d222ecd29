"""Everything the demo runs: started in the order of need, stopped in reverse by the stack."""

import time

from tests.demo import attack, channels
from tests.demo.autoscaler import Autoscaler
from tests.demo.fleet import REPLICAS_MAX, REPLICAS_MIN, Fleet
from tests.stack import ADMIN_ALERT, alertmanager, prometheus, wait, web
from tests.stack.fraud_model import START_S
from tests.stack.process import free_port


GOSSIP_S = 30  # bound for a pair to know each other


class Stage:
    def __init__(self, stack, arguments, sudo, say):
        self._stack = stack
        self._factor = arguments.time_compression
        self._limit = arguments.cpu_limit
        self.attack = None
        self.channels = channels.make(stack, arguments)
        for channel in self.channels:
            say(f"{channel.name:17} {channel.where}")
        self.fleet = Fleet(stack, arguments.cpu_limit, sudo, REPLICAS_MAX)
        self._start_pairs()
        self.sidecar = self.fleet.first.sidecar  # the one that is told and tells
        means, _, why = self.fleet.first.model.placed.means.partition(" (")
        say(f"{REPLICAS_MIN} pairs           {arguments.cpu_limit:g} core each, limited by {means}")
        if why:
            say(f"                  ({why}")
        self.alertmanagers = self._start_alertmanagers(arguments.alertmanagers)
        for each in self.alertmanagers:
            say(f"Alertmanager      {each.url}")
        sidecars, models = self._scraped()
        self.prometheus = prometheus.Prometheus(
            stack, sidecars, [each.port for each in self.alertmanagers], self._factor, models=models)
        say(f"Prometheus        {self.prometheus.url}")
        self._autoscaler = Autoscaler(self.fleet, REPLICAS_MIN, REPLICAS_MAX, self._factor)

    def _start_pairs(self):
        port = free_port()
        told = [flag for channel in self.channels for flag in channel.flags]
        self.fleet.grow([*told, "--public-url", f"http://127.0.0.1:{port}"], port)
        for _ in range(1, REPLICAS_MIN):
            self.fleet.grow()

        def all_serve():
            self.fleet.tick()
            return len(self.fleet.serving()) == REPLICAS_MIN

        wait.until(all_serve, START_S + 5, f"the start of {REPLICAS_MIN} pairs")

    def _start_alertmanagers(self, number):
        """One, or a pair that knows of each other: all post to the first sidecar, by the same token."""
        told = (self._stack, self.sidecar.webhook_url, self.sidecar.tokens["webhook"], self._factor)
        if number == 1:
            return [alertmanager.Alertmanager(*told)]
        both = alertmanager.pair(*told)
        wait.until(lambda: all(_members(each.url) == 2 for each in both), GOSSIP_S,
                   "two Alertmanagers that know of each other", needs=[each.process for each in both])
        return both

    def alertmanagers_know(self):
        """Whether each of them has the administrator's alert."""
        asked = f"api/v2/alerts?filter=alertname%3D{ADMIN_ALERT}"
        return all(web.call(f"{each.url}/{asked}").json() for each in self.alertmanagers)

    def tick(self):
        """What goes on by itself: pairs begin to serve, the autoscaler asks. Gives the new pairs."""
        come = self.fleet.tick()
        if come:
            self.prometheus.scrape(*self._scraped())
        self._autoscaler.tick(time.monotonic())
        return come

    def _scraped(self):
        serving = self.fleet.serving()
        return ({pair.pod: pair.sidecar.port for pair in serving},
                {pair.pod: pair.model.admin_port for pair in serving})

    def begin_attack(self):
        """Measures what a request costs here, in seconds of CPU, and begins. Gives that cost."""
        cost_s = attack.probe(self._stack, self.fleet.pairs[-1], self._limit)
        top = attack.top_rate(cost_s, REPLICAS_MAX * self._limit)
        self.fleet.begin_count()
        self.attack = attack.Attack(self._stack, self.fleet.targets, top, self._factor, self.sidecar,
                                    (self.prometheus.url, self.alertmanagers[0].url))
        return cost_s

    def processes(self):
        """Those without which nothing more can happen; the pairs are seen to by tick()."""
        servers = [process for channel in self.channels for process in channel.processes()]
        return servers + [each.process for each in self.alertmanagers] + [self.prometheus.process]


def _members(url):
    """Of the Alertmanager's cluster, once it is ready to tell; 0 before."""
    cluster = web.call(f"{url}/api/v2/status").json()["cluster"]
    return len(cluster.get("peers", [])) if cluster["status"] == "ready" else 0
