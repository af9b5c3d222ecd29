"""What is shown and written at the end."""

import json

from tests.demo.fleet import REPLICAS_MAX
from tests.stack import ADMIN_ALERT

WIDTH = 78


def summary(arguments, stage, story, problem):
    """The facts of a run for --json. What is unknown is null."""
    made = {
        "result": "failed" if problem else "ok", "problem": problem,
        "time_compression": arguments.time_compression, "replicas_max": REPLICAS_MAX,
        "alertmanagers": arguments.alertmanagers,
        "cpu_limit_cores": arguments.cpu_limit, "limited_by": None, "episode_id": None,
        "model_version": None, "predictions": None, **attack_facts({}, None),
        "alert": ADMIN_ALERT, "threshold_crossed_at": None, "alert_fired_at": None,
        "message_received_at": None, "resolved_received_at": None, "crossed_to_message_s": None,
        "channels": {name: {"firing": None, "resolved": None, "counted": "accepted" if own else "received"}
                     for name, own in (("email", arguments.smtp), ("telegram", arguments.telegram_chat))},
    }
    if stage:
        made["limited_by"] = stage.fleet.first.model.placed.means
        if stage.attack:
            made.update(attack_facts(stage.attack.report(), stage.fleet.cpu_seconds()))
    if story:
        _add_facts(made, stage, story)
    return made


def attack_facts(report, cpu_s):
    """By fraud-attack's report, which may be {}, and the CPU time of all models, which may be None.

    cpu_us_per_request divides by the requests that fraud-attack saw answered, refusals too."""
    totals = report.get("totals", {})
    answered = totals.get("answered")
    return {
        "offered_rps_max": report.get("offered_rps_max"),
        "served_rps_max": max(map(served_rps, report.get("phases", [])), default=None),
        "served_total": totals.get("served"), "shed_total": totals.get("shed"),
        "cpu_us_per_request": round(cpu_s * 1e6 / answered, 2) if answered and cpu_s is not None else None,
        "generator_limited": report.get("generator_limited"),
    }


def served_rps(phase):
    return round(phase["codes"].get("200", 0) / phase["seconds"], 1) if phase["seconds"] else 0.0


def _add_facts(made, stage, story):
    made["model_version"] = stage.fleet.first.model.version()
    made["predictions"] = stage.fleet.predictions()
    for name, came in story.counts().items():
        made["channels"][name].update(came)
    episode = story.episode()
    made["episode_id"] = episode.get("id")
    made["alert_fired_at"] = episode.get("starts_at")
    came = {word: arrived(stage, word) for word in ("FIRING", "RESOLVED")}
    made["message_received_at"] = utc(came["FIRING"])
    made["resolved_received_at"] = utc(came["RESOLVED"])
    made["threshold_crossed_at"] = utc(story.crossed_at)
    if story.crossed_at and came["FIRING"]:
        made["crossed_to_message_s"] = round((came["FIRING"] - story.crossed_at).total_seconds(), 2)


def arrived(stage, word):
    """When the first such message was received, or accepted, on whichever channel; None before."""
    return min((message.at for channel in stage.channels
                for message in channel.messages(word, stage.sidecar)), default=None)


def utc(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


def tell(display, stage, story, facts):
    """The messages as the administrator got them, the history's entry, the attack, the seconds."""
    for channel in stage.channels:
        for word in ("FIRING", "RESOLVED"):
            for message in channel.messages(word, stage.sidecar):
                if message.text:
                    display.say(f"\n-- {channel.name} ".ljust(WIDTH, "-"))
                    display.say(message.text)
    display.say("-" * WIDTH)
    display.say("-- in the history: GET /api/v1/alerts/" + str(facts["episode_id"]))
    display.say(json.dumps(story.episode(), indent=2, ensure_ascii=False))
    report = stage.attack.report()
    if report:
        _tell_attack(display, report, facts)
    display.say()
    display.say(f"80 % crossed at the maximum, to the first message: {facts['crossed_to_message_s']} s"
                + _pace(facts["time_compression"]))
    for name, came in facts["channels"].items():
        display.say(f"{name + ':':10} {came['firing']} FIRING, {came['resolved']} RESOLVED {came['counted']}")


def _tell_attack(display, report, facts):
    display.say("\n-- the attack, requests a second")
    display.say("   asked for   offered    served      shed timed out   p99 ms")
    for phase in report["phases"]:
        each = [phase["offered_rps"], served_rps(phase)]
        if phase["seconds"]:
            each += [phase["shed"] / phase["seconds"], phase["timed_out"] / phase["seconds"]]
        p99 = phase["from_schedule_ms"]["p99"]
        display.say(f"   {phase['target_rps']:9,.0f}" + "".join(f"{rate:10,.0f}" for rate in each)
                    + ("" if p99 is None else f" {p99:8,.1f}"))
    display.say(f"{facts['served_total']:,} served, {facts['shed_total']:,} shed; "
                f"{facts['cpu_us_per_request']} us of the models' CPU for an answer"
                + ("; the generator, not the models, was the limit" if facts["generator_limited"] else ""))


def _pace(factor):
    return "" if factor == 1 else f" (five minutes of the rule take {300 / factor:g} s here)"
