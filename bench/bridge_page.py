"""One page: a message by Telegram, against a shell that forks curl for it, as Netdata's alarm-notify does.

Both say the same to the same stand-in, over TLS, in as many chats; both trust the system's authorities, read
from one file with the stand-in's own, as they would for the real Bot API. The sidecar is charged for all that it does
from the webhook on: storing the alerts, claiming each message, sending it, storing what came of it, its log,
and measuring its target meanwhile. The shell is charged for itself and its curls, and for nothing that would
decide, store or try again; of Netdata's script only the curl is run.
"""

import os
import pathlib
import resource
import shutil
import subprocess

from bench import bridge_body
from bench.bridge_sides import CHATS, Numbers, Us, chat_with, telegram
from bench.measure import Cannot, Cpu, Ratio
from tests.stack import wait, web
from tests.stack.certificate import Certificate
from tests.stack.process import Stack
from tests.stack.telegram_pace import Limits

CHEAPER = 10
SLOWER = 30  # than Telegram's limits allow: the machine may be busy with something else
REPEATED_S = 90  # after a message that nobody knows of is sent again
_SYSTEM = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")  # Debian's, that curl reads without a flag
# As docurl in /usr/lib/netdata/plugins.d/alarm-notify.sh. The URL, with the token, comes by the environment.
_SCRIPT = r"""
for chat in $CHATS; do
  code=$(curl --silent --cacert "$CA" -w "%{http_code}" -X POST --data-urlencode "text=$TEXT" \
    --output /dev/null "$URL/sendMessage?chat_id=$chat")
  [ "$code" = 200 ] || { echo "answered $code"; exit 1; }
done
"""


def page(runs, sizes):
    if not shutil.which("curl"):
        raise Cannot("there is no curl: apt-get install curl")
    ours, peer = [], []
    with Stack("fraud-bench") as stack:
        certificate = Certificate(stack)
        certificate.ca = _trusted(stack, certificate.ca)
        chats = telegram(stack, certificate=certificate)
        us, numbers = Us(stack, *chat_with(chats, CHATS, certificate)), Numbers()
        told(us, chats, numbers, 1)  # the first ones pay for what later ones find ready
        for _ in range(runs):
            ours.append(told(us, chats, numbers, sizes.pages // len(CHATS)))
            peer.append(_curls(chats, certificate, sizes.pages))
    return [Ratio("page / forked curl", "ms", 1 / CHEAPER, False, ours, peer,
                  "CPU time of a message by Telegram, TLS, all that led to it included")]


def _trusted(stack, own):
    if not _SYSTEM.exists():
        raise Cannot(f"there is no {_SYSTEM}: apt-get install ca-certificates")
    return stack.path("trusted.pem", _SYSTEM.read_text(encoding="utf-8") + own.read_text(encoding="ascii"))


def bound_s(alerts):
    """How long a page of so many alerts in all CHATS may take. The stand-in has no limits here, but the sidecar
    keeps to Telegram's."""
    limits = Limits()
    return REPEATED_S + SLOWER * max(alerts / limits.chat_per_second, alerts * len(CHATS) / limits.all_per_second)


def told(us, chats, numbers, alerts):
    """Milliseconds of CPU for each message of so many alerts, all CHATS told of each."""
    messages = alerts * len(CHATS)
    stored, delivered, cpu = chats.count("stored"), _delivered(us), Cpu(us.process.pid)
    body = bridge_body.payload(numbers.take(alerts), alerts, "critical")
    answer = web.call(us.webhook_url, us.tokens["webhook"], body)
    if answer.status != 200:
        raise RuntimeError(f"the webhook was answered {answer.status}: {answer.body[:200]!r}")

    def all_told():
        # A message whose answer was lost is stored twice and delivered once; a scrape costs the sidecar CPU.
        return chats.count("stored") - stored >= messages and _delivered(us) - delivered >= messages

    wait.until(all_told, bound_s(alerts), f"{messages} messages by Telegram", needs=[us.process], every=0.2)
    return 1000 * cpu.seconds() / messages


def _delivered(us):
    return us.metrics().value("fraud_sidecar_notifications_total", channel="telegram", outcome="delivered") or 0


def _curls(chats, certificate, pages):
    """Milliseconds of CPU for each message, of one shell and its curls."""
    text = "FIRING: the autoscaler is at its maximum\n" + "x" * 300
    names = " ".join(str(CHATS[number % len(CHATS)]["id"]) for number in range(pages))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["bash", "-c", _SCRIPT], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "CHATS": names, "TEXT": text, "CA": str(certificate.ca),
             "URL": f"{chats.url}/bot{chats.token}"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise Cannot(f"curl could not send: {(done.stdout + done.stderr).strip()[-200:]}")
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / pages
