"""The demo's command line."""

import argparse
import pathlib
import sys

DESCRIPTION = """\
Shows the whole path on this machine. Four models, each under a CPU limit of its own and with its sidecar, are
attacked at a rate that does not wait for answers; a stand-in for the autoscaler adds two more as they get
hot. With all six in use and one above 80 % of its limit, a real Prometheus and Alertmanager decide, the
first sidecar stores the alert and tells the administrator by Telegram and by mail. Then the attack ends
and the all-clear must come. Everything runs on loopback and free ports and is gone at the end. The exit
code is 0 only when Telegram and the mailbox, by their servers' own logs, each hold exactly one FIRING and
one RESOLVED message of the administrator's alert."""


def parser():
    made = argparse.ArgumentParser(prog="demo.sh", description=DESCRIPTION,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write a summary, also of a failure (not after Ctrl-C)")
    made.add_argument("--keep", action="store_true",
                      help="leave everything running at the end, print the URLs, end with Ctrl-C")
    pace = made.add_mutually_exclusive_group()
    pace.add_argument("--time-compression", type=_factor, default=20, metavar="N",
                      help="divide the durations of rules and Alertmanager by N (1-60, default 20);"
                      " the sampler's mean of 15 s stays")
    pace.add_argument("--real-time", action="store_const", const=1, dest="time_compression",
                      help="wait the five minutes")
    made.add_argument("--cpu-limit", type=_cores, default=0.05, metavar="CORES",
                      help="CPU limit of each model (0.02-0.1, default 0.05): what one generator can fill, six"
                      " times")
    made.add_argument("--alertmanagers", type=int, choices=(1, 2), default=1, metavar="N",
                      help="2: a pair of Alertmanagers that both get every alert and both post to the first"
                      " sidecar (default 1)")
    mail = made.add_argument_group("your own mail server (gets a test message first; reports 'accepted', not"
                                   " 'arrived')")
    mail.add_argument("--smtp", metavar="URL", help="smtp://[USER@]HOST[:PORT] or smtps://...")
    mail.add_argument("--mail-to", metavar="ADDRESS", help="where the messages go")
    mail.add_argument("--mail-from", metavar="ADDRESS", help="default: the address of --mail-to")
    mail.add_argument("--smtp-password-file", type=pathlib.Path, metavar="FILE")
    mail.add_argument("--smtp-ca-file", type=pathlib.Path, metavar="FILE")
    mail.add_argument("--smtp-tls", choices=["starttls", "implicit", "none"],
                      help="default: by the URL")
    bot = made.add_argument_group("your own Telegram bot (the same)")
    bot.add_argument("--telegram-token-file", type=pathlib.Path, metavar="FILE", help="the bot's token")
    bot.add_argument("--telegram-chat", metavar="ID", help="the chat that gets the messages; a topic of"
                     " a group as --telegram-chat=-100123/7")
    return made


def parse(words):
    made = parser()
    arguments = made.parse_args(words)
    if bool(arguments.smtp) != bool(arguments.mail_to):
        made.error("--smtp and --mail-to go together")
    own = (arguments.mail_from, arguments.smtp_password_file, arguments.smtp_ca_file, arguments.smtp_tls)
    if any(own) and not arguments.smtp:
        made.error("the flags of your own mail server need --smtp")
    if bool(arguments.telegram_token_file) != bool(arguments.telegram_chat):
        made.error("--telegram-token-file and --telegram-chat go together")
    for name in ("telegram_token_file", "smtp_password_file", "smtp_ca_file"):
        path = getattr(arguments, name)
        if path and not path.is_file():
            made.error(f"--{name.replace('_', '-')}: there is no file {path}")
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        made.error(f"--json: there is no folder {arguments.json.absolute().parent}")
    return arguments


def _factor(text):
    value = float(text)
    if not 1 <= value <= 60:
        raise argparse.ArgumentTypeError("must be from 1 to 60")
    return int(value) if value.is_integer() else value


def _cores(text):
    value = float(text)
    if not 0.02 <= value <= 0.1:
        raise argparse.ArgumentTypeError("must be from 0.02 to 0.1")
    return value


if __name__ == "__main__":
    parse(sys.argv[1:])  # ./demo.sh asks before it builds
