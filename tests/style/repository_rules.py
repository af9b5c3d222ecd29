"""Rules that hold between files: alert rules, what the programs export, runbooks, machine paths."""

import os
import re

# Made by Prometheus itself, or by what it scrapes besides us.
BUILT_IN = {"up", "ALERTS", "ALERTS_FOR_STATE", "scrape_samples_scraped"}
_KEYWORDS = set(
    "and or unless by without on ignoring group_left group_right bool offset inf nan atan2".split()
)
_GROUPING = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_NAME = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)(?!\s*\()\b(?![\w:]|\s*\()")


def expressions(rules):
    """The PromQL of a rules file: every `expr:` with its continuation lines, and {{ query "..." }}."""
    lines, found, i = rules.splitlines(), [], 0
    while i < len(lines):
        match = re.match(r"(\s*(?:- )?)expr:\s*(.*)", lines[i])
        i += 1
        if not match:
            continue
        column, text = len(match.group(1)), [re.sub(r"^[|>][+-]?\s*$", "", match.group(2))]
        while i < len(lines) and (not lines[i].strip() or _indent(lines[i]) > column):
            text.append(lines[i])
            i += 1
        found.append("\n".join(text))
    found += [a or b for a, b in re.findall(r'\bquery\s+(?:"([^"]*)"|`([^`]*)`)', rules)]
    return found


def _indent(line):
    return len(line) - len(line.lstrip())


def metrics_of(expression):
    """The metric names of one PromQL expression."""
    text = re.sub(r"#.*", "", expression)
    text = re.sub(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'', "", text)
    text = re.sub(r"\{\{.*?\}\}", "", text)
    text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", text)
    text = _GROUPING.sub(" ", text)
    return {name for name in _NAME.findall(text) if name.lower() not in _KEYWORDS}


def unknown_metrics(path, rules, exported):
    """Metrics of the rules that no source names and no rule records."""
    known = BUILT_IN | set(exported) | set(re.findall(r"\brecord:\s*([\w:]+)", rules))
    complaints = []
    for expression in expressions(rules):
        for name in sorted(metrics_of(expression)):
            family = re.sub(r"_(bucket|sum|count)$", "", name)
            if name not in known and family not in known:
                complaints.append(f"{path}: nothing exports {name}")
    return complaints


def alerts_of(rules):
    return re.findall(r"^\s*(?:- )?alert:\s*(\w+)", rules, re.MULTILINE)


def own_alerts_of(source):
    """Those that the sidecar opens by itself, without a rule."""
    return re.findall(r'\{"alertname", "(\w+)"\}', source)


def runbooks(alerts, files):
    """Each alert has docs/runbooks/NAME.md, and each such file but README.md an alert."""
    names = {os.path.basename(f)[:-3] for f in files if re.fullmatch(r"docs/runbooks/\w+\.md", f)}
    complaints = [f"alert {a}: no docs/runbooks/{a}.md" for a in sorted(set(alerts) - names)]
    for name in sorted(names - set(alerts) - {"README"}):
        complaints.append(f"docs/runbooks/{name}.md: no such alert")
    return complaints


def runbook_links(path, rules):
    """Each alert's annotation `runbook` names the file of that alert."""
    blocks = re.split(r"^\s*(?:- )?alert:\s*", rules, flags=re.MULTILINE)[1:]
    named = [(b.split()[0], re.search(r"^\s*runbook:.*?(\w+)\.md", b, re.MULTILINE)) for b in blocks]
    return [
        f"{path}: {alert}: its runbook is {link.group(1) if link else 'not named'}"
        for alert, link in named
        if not link or link.group(1) != alert
    ]


# /proc/PID/root/sys and the like are the kernel's, not a machine's.
_MACHINE = re.compile(r"(?<![\w.$}>*)-])/(?:work|farm|root(?!/(?:sys|proc)\b)|home/\w+)/[\w.]")


def machine_paths(path, text):
    return [
        f"{path}:{text.count(chr(10), 0, m.start()) + 1}: a path of one machine: {m.group(0)}"
        for m in _MACHINE.finditer(text)
    ]
