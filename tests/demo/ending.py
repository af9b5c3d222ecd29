"""What is shown and written at the end."""

import datetime
import json

from tests.stack import ADMIN_ALERT


def summary(arguments, stage, story, problem):
    """The facts of a run for --json. What is unknown is null."""
    made = {
        "result": "failed" if problem else "ok", "problem": problem,
        "time_compression": arguments.time_compression, "replicas_max": 1,
        "cpu_limit_cores": arguments.cpu_limit, "limited_by": None, "episode_id": None,
        "model_version": None, "predictions": None,
        "alert": ADMIN_ALERT, "threshold_crossed_at": None, "alert_fired_at": None,
        "message_received_at": None, "resolved_received_at": None, "crossed_to_message_s": None,
        "channels": {"email": {"firing": None, "resolved": None,
                               "counted": "accepted" if arguments.smtp else "received"}},
    }
    if stage:
        made["limited_by"] = stage.model.placed.means
    if story:
        _add_facts(made, stage, story)
    return made


def _add_facts(made, stage, story):
    made["model_version"] = stage.model.version()
    made["predictions"] = stage.model.metrics().total("ml_model_predictions_total")
    made["channels"]["email"].update(story.counts())
    episode = story.episode()
    made["episode_id"] = episode.get("id")
    made["alert_fired_at"] = episode.get("starts_at")
    came = {word: arrived(stage, episode, word) for word in ("FIRING", "RESOLVED")}
    made["message_received_at"] = came["FIRING"]
    made["resolved_received_at"] = came["RESOLVED"]
    if story.crossed_at:
        made["threshold_crossed_at"] = utc(story.crossed_at)
    if story.crossed_at and came["FIRING"]:
        received = datetime.datetime.fromisoformat(came["FIRING"])
        made["crossed_to_message_s"] = round((received - story.crossed_at).total_seconds(), 2)


def arrived(stage, episode, word):
    """When the first message was received; with somebody else's mailbox, when it was accepted."""
    if stage.receiver:
        mails = stage.receiver.about(word, ADMIN_ALERT)
        return utc(mails[0].received_at) if mails else None
    for sent in episode.get("notifications", []):
        if word in sent["subject"] and sent["state"] == "delivered":
            return sent["attempts"][-1]["ended_at"]
    return None


def utc(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell(display, stage, story, facts):
    """The mails as the administrator got them, the seconds, the history's entry."""
    if stage.receiver:
        for word in ("FIRING", "RESOLVED"):
            for mail in stage.receiver.about(word, ADMIN_ALERT):
                _tell_mail(display, mail)
    display.say("-- in the history: GET /api/v1/alerts/" + str(facts["episode_id"]))
    display.say(json.dumps(story.episode(), indent=2, ensure_ascii=False))
    came = facts["channels"]["email"]
    display.say()
    display.say(f"80 % crossed to message {came['counted']}: {facts['crossed_to_message_s']} s"
                + _pace(facts["time_compression"]))
    display.say(f"predictions by {facts['model_version']}: {facts['predictions']:.0f}")
    display.say(f"messages {came['counted']}: {came['firing']} FIRING, {came['resolved']} RESOLVED")


def _pace(factor):
    return "" if factor == 1 else f" (five minutes of the rule take {300 / factor:g} s here)"


def _tell_mail(display, mail):
    display.say()
    display.say("-- mail " + "-" * 70)
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        display.say(f"{name}: {mail.header(name)}")
    display.say()
    display.say(mail.part("plain").replace("\r\n", "\n").rstrip())
    display.say("-" * 78)
