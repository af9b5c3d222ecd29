"""Everything the demo runs: started in the order of need, stopped in reverse by the stack."""

from tests.stack import mailbox, prometheus
from tests.stack.alertmanager import Alertmanager
from tests.stack.attack import Attack
from tests.stack.fraud_model import FraudModel
from tests.stack.process import free_port
from tests.stack.sidecar import Sidecar

POD = "fraud-model-0"
RESET_TERMINAL = 13
FLOOD = 4  # connections: always work for the model, hardly any for us
FLOOD_UNLIMITED = 1  # where nothing holds the model to its limit, one must not take all of the machine
MAIL_FROM = "fraud-sidecar@demo.example"
MAIL_TO = "administrator@demo.example"


class Stage:
    def __init__(self, stack, arguments, sudo, say):
        factor = arguments.time_compression
        self.receiver = None if arguments.smtp else mailbox.Receiver(stack)
        if self.receiver:
            say(f"SMTP receiver     127.0.0.1:{self.receiver.port}")
        self.model = FraudModel(stack, ["--reset-terminal-id", RESET_TERMINAL],
                                cpu_limit=arguments.cpu_limit, sudo=sudo)
        say(f"fraud-model       {self.model.url}, {arguments.cpu_limit:g} core, limited by "
            f"{self.model.placed.means}")
        self.attack = Attack(stack, self.model.port)
        port = free_port()
        self.sidecar = Sidecar(stack, [
            *self.model.placed.flags, "--replicas-max", 1, "--public-url", f"http://127.0.0.1:{port}",
            *_mail_flags(arguments, self.receiver)], port=port)
        say(f"fraud-sidecar     {self.sidecar.url}")
        self.alertmanager = Alertmanager(stack, self.sidecar.webhook_url,
                                         self.sidecar.tokens["webhook"], factor)
        say(f"Alertmanager      {self.alertmanager.url}")
        self.prometheus = prometheus.Prometheus(stack, {POD: port}, self.alertmanager.port, factor,
                                                models={POD: self.model.admin_port})
        say(f"Prometheus        {self.prometheus.url}")

    def flood(self):
        self.attack.flood(FLOOD if self.model.placed.enforced else FLOOD_UNLIMITED)

    def processes(self):
        """Those without which nothing more can happen."""
        own = [self.receiver.process] if self.receiver else []
        return own + [self.model.process, self.attack.process, self.sidecar.process, self.alertmanager.process,
                      self.prometheus.process]


def _mail_flags(arguments, receiver):
    if receiver:
        return ["--smtp-url", f"smtp://127.0.0.1:{receiver.port}", "--smtp-tls", "none",
                "--mail-from", MAIL_FROM, "--mail-to", MAIL_TO]
    flags = ["--smtp-url", arguments.smtp, "--mail-to", arguments.mail_to,
             "--mail-from", arguments.mail_from or arguments.mail_to]
    for name in ("smtp_tls", "smtp_password_file", "smtp_ca_file"):
        if getattr(arguments, name):
            flags += ["--" + name.replace("_", "-"), getattr(arguments, name)]
    return flags
