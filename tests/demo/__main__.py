"""/usr/bin/python3 -m tests.demo: see ./demo.sh --help."""

import json
import signal
import sys

from tests.demo import ending
from tests.demo.arguments import parse
from tests.demo.stage import Stage
from tests.demo.story import Failed, Story
from tests.demo.view import Display
from tests.stack import placement, wait
from tests.stack.process import Stack


class Interrupted(BaseException):
    """Ctrl-C or a signal: clear up and go."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


def interruptible():
    """The first signal ends the demo; more of them do not disturb the clearing up."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(number, _frame):
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    for number in numbers:
        signal.signal(number, interrupt)


class Demo:
    def __init__(self, arguments, display):
        self._arguments = arguments
        self._display = display
        self._stage = None
        self._story = None

    def run(self):
        """The exit code."""
        sudo = placement.sudo_prefix()
        with Stack("fraud-demo", sudo=sudo or ()) as stack:
            problem = self._attempt(stack, sudo)
            self._report(problem)
            if problem:
                stack.keep_files()
                print(f"demo: {problem}. Logs: {stack.directory}", file=sys.stderr)
                return 1
            if self._arguments.keep:
                self._keep(stack)
            return 0

    def _attempt(self, stack, sudo):
        """None when all went well, else one sentence."""
        try:
            self._stage = Stage(stack, self._arguments, sudo, self._display.say)
            self._story = Story(self._stage, self._display, self._arguments.time_compression)
            self._story.tell()
        except (Failed, wait.NotInTime, wait.Ended, OSError, RuntimeError) as error:
            return str(error)
        return None

    def _report(self, problem):
        if self._stage and self._stage.attack:
            self._stage.attack.stop()
        try:
            facts = ending.summary(self._arguments, self._stage, self._story, problem)
        except (OSError, RuntimeError):  # the sidecar is gone: say at least that
            facts = ending.summary(self._arguments, self._stage, None, problem)
        if self._arguments.json:
            self._arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        if not problem:
            ending.tell(self._display, self._stage, self._story, facts)

    def _keep(self, stack):
        """Runs on until a signal ends it, which is then a good end."""
        say = self._display.say
        token = stack.directory / f"{self._stage.fleet.first.pod}-sidecar.query.token"
        say(f"\nLeft running, until Ctrl-C; files in {stack.directory}")
        say(f"  Prometheus     {self._stage.prometheus.url}/alerts")
        for each in self._stage.alertmanagers:
            say(f"  Alertmanager   {each.url}")
        say(f"  history        curl -H \"Authorization: Bearer $(cut -d' ' -f2 {token})\" "
            f"{self._stage.sidecar.url}/api/v1/alerts")
        say(f"  metrics        {self._stage.sidecar.url}/metrics")
        try:
            while True:
                signal.pause()
        except Interrupted:
            pass


def main():
    arguments = parse(sys.argv[1:])
    interruptible()
    try:
        return Demo(arguments, Display()).run()
    except Interrupted as interrupted:
        print(f"\ndemo: ended by {signal.Signals(interrupted.number).name}", file=sys.stderr)
        return 128 + interrupted.number


if __name__ == "__main__":
    sys.exit(main())
