#!/usr/bin/python3
"""The style of this repository as a test: include arrows, sizes, banned calls, names that must agree.

Every rule is first shown a bad snippet (RulesCatch), then the repository (RepositoryKeeps): a rule
that cannot fail is a defect.
"""

import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

import repository_rules  # noqa: E402
import source_rules  # noqa: E402
from cpp_text import functions, strings, without_literals  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RULES = re.compile(r"helm-chart/files/rules/[^/]+\.ya?ml")


def repository():
    """Path and text of every file that git tracks or would track."""
    command = ["git", "-C", ROOT, "-c", "safe.directory=*", "ls-files", "-z", "-co"]
    listed = subprocess.run(command + ["--exclude-standard"], check=True, capture_output=True)
    files = {}
    for path in sorted(set(os.fsdecode(listed.stdout).split("\0")) - {""}):
        try:
            with open(os.path.join(ROOT, path), encoding="utf-8", newline="") as f:
                files[path] = f.read()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue  # not text, or removed and not yet committed
    return files


class RulesCatch(unittest.TestCase):
    def assert_caught(self, complaints, *parts):
        self.assertEqual(len(complaints), 1, complaints)
        for part in parts:
            self.assertIn(part, complaints[0])

    def test_arrow_against_the_design(self):
        text = '#include <map>\n#include "sidecar/app.h"\n'
        found = source_rules.includes("notifier/x.cc", text, lambda path: True)
        self.assert_caught(found, "notifier/x.cc:2", "may not include sidecar")
        for path in ("base/x.h", "model-svc/x.cc"):
            with self.subTest(path):
                found = source_rules.includes(path, '#include "notifier/x.h"', lambda path: True)
                self.assert_caught(found, "may not include notifier")
        found = source_rules.includes("sidecar/x.h", '#include "tests/x.h"', lambda path: True)
        self.assert_caught(found, "may not include tests")

    def test_arrow_of_the_design_is_allowed(self):
        text = '#include "base/a.h"\n#include "notifier/b.h"\n#include "sidecar/c.h"\n'
        for path in ("sidecar/x.cc", "tests/sidecar/x_test.cc", "bench/x.cc"):
            self.assertEqual(source_rules.includes(path, text, lambda path: True), [])

    def test_include_not_from_the_root(self):
        for target in ("clock.h", "../base/clock.h"):
            found = source_rules.includes("base/x.cc", f'#include "{target}"', lambda path: True)
            self.assert_caught(found, "does not start at the repository root")
        found = source_rules.includes("base/x.cc", '#include "base/no.h"', lambda path: False)
        self.assert_caught(found, "does not exist")

    def test_library_outside_its_home(self):
        cases = {
            "httplib.h": "sidecar/app.cc",
            "curl/curl.h": "notifier/email/mime.cc",
            "sqlite3.h": "sidecar/store/episodes.cc",
            "CLI/CLI.hpp": "sidecar/main.cc",
            "spdlog/spdlog.h": "base/metrics.cc",
            "prometheus/counter.h": "base/metrics.h",
            "microhttpd.h": "model-svc/app.cc",
            "simdjson.h": "model-svc/predict/handler.cc",
            "openssl/evp.h": "model-svc/model_folder.cc",
            "nlohmann/json.hpp": "tests/support/fake.h",
        }
        for header, path in cases.items():
            with self.subTest(header):
                found = source_rules.libraries(path, f"#include <{header}>\n")
                self.assert_caught(found, header)
        self.assertEqual(len(cases), len(source_rules.LIBRARIES))
        for home, header in {"base/http_server.cc": "httplib.h", "base/log.cc": "spdlog/a.h"}.items():
            self.assertEqual(source_rules.libraries(home, f"#include <{header}>\n"), [])

    def test_banned_call(self):
        calls = """std::this_thread::sleep_for(1s); | sleep_until(t); | usleep(1); | ::nanosleep(&t, 0);
            | sleep(1); | thread.detach(); | auto t = std::chrono::system_clock::now(); | std::rand();
            | srand(1); | getenv("A"); | std::getenv("A"); | strcpy(a, b); | sprintf(a, b); | system("ls");
            | std::system("ls"); | popen("ls", "r");"""
        for call in calls.split("|"):
            with self.subTest(call.strip()):
                text = f"// sleep_for in a comment\nvoid F() {{\n  {call.strip()}\n}}\n"
                self.assert_caught(source_rules.banned_calls("base/x.cc", text), "base/x.cc:3")

    def test_allowed_calls(self):
        good = 'Log("sleep_for("); mysleep(1); std::system_error e(a); operand(); lock.detached(); '
        self.assertEqual(source_rules.banned_calls("base/x.cc", good), [])
        clock = "std::chrono::system_clock::now()"
        self.assertEqual(source_rules.banned_calls("base/clock.cc", clock), [])

    def test_long_file(self):
        self.assert_caught(source_rules.sizes("a/x.h", "\n" * 301), "301 lines")
        self.assertEqual(source_rules.sizes("a/x.h", "\n" * 300), [])

    def test_long_function(self):
        def cpp(header, lines):
            return f"namespace a {{\n{header} {{\n" + "  f(1'000);\n" * (lines - 2) + "}\n}  // namespace a\n"

        self.assert_caught(source_rules.sizes("a/x.cc", cpp("int F(int a)", 71)), "x.cc:2: F has 71")
        self.assert_caught(source_rules.sizes("a/x.cc", cpp("TEST(A, B)", 71)), "TEST has 71")
        self.assert_caught(source_rules.sizes("a/x.cc", cpp("int main()", 61)), "main has 61")
        for header, lines in {"int F()": 70, "int main()": 60, "struct A": 200}.items():
            self.assertEqual(source_rules.sizes("a/x.cc", cpp(header, lines)), [])
        python = "def f():\n" + "    x = 1\n" * 70
        self.assert_caught(source_rules.sizes("a/x.py", python), "f has 71")
        self.assert_caught(source_rules.sizes("a/x.sh", "f() {\n" + "  x\n" * 69 + "}\n"), "f has 71")

    def test_methods_and_lambdas(self):
        text = "class A {\n  A() : a_(1) {}\n  int F() {\n    return G([] { return 1; });\n  }\n};\n"
        self.assertEqual([f.lines for f in functions(text)], [1, 3])

    def test_literals_are_not_code(self):
        text = "a(\"x\\\"y\", 'c', 1'000, R\"j({\"b\": 1})j\"); // d\n/* e\n */ f;"
        code = without_literals(text)
        self.assertEqual(code.split(), "a( , , 1'000, ); f;".split())
        self.assertEqual(code.count("\n"), 2)
        self.assertEqual(strings('a("x", R"(y)"); // "z"'), ["x"])

    def test_metric_that_nothing_exports(self):
        rules = """
      - record: a:b
        expr: sum by (pod) (rate(fraud_c_total{job="x",d=~"e.+"}[5m])) > on (f) group_left (g) up
      - alert: X
        expr: |
          histogram_quantile(0.95, sum by (le) (rate(fraud_h_bucket[5m]))) > 2
            and a:b offset 5m > 1e3
        for: 5m
        annotations: { text: '{{ with query "fraud_q" }}{{ . }}{{ end }}' }
"""
        found = repository_rules.unknown_metrics("r.yaml", rules, {"fraud_h", "fraud_q"})
        self.assert_caught(found, "fraud_c_total")
        found = repository_rules.unknown_metrics("r.yaml", rules, {"fraud_c_total", "fraud_q"})
        self.assert_caught(found, "fraud_h_bucket")
        found = repository_rules.unknown_metrics("r.yaml", rules, {"fraud_c_total", "fraud_h"})
        self.assert_caught(found, "fraud_q")

    def test_alert_without_runbook_and_runbook_without_alert(self):
        alerts = repository_rules.alerts_of("groups:\n  - alert: A\n    expr: up\n  - alert: B\n")
        self.assertEqual(alerts, ["A", "B"])
        files = ["docs/runbooks/A.md", "docs/runbooks/README.md"]
        self.assert_caught(repository_rules.runbooks(alerts, files), "alert B")
        found = repository_rules.runbooks(["A"], files + ["docs/runbooks/C.md"])
        self.assert_caught(found, "docs/runbooks/C.md")

    def test_alert_of_the_sidecar_itself_has_a_runbook_too(self):
        own = repository_rules.own_alerts_of('.labels = {{"alertname", "Own"}, {"severity", "info"}},')
        self.assertEqual(own, ["Own"])

    def test_alert_that_names_another_runbook(self):
        rules = "- alert: A\n  annotations:\n    runbook: docs/runbooks/{}.md\n"
        self.assert_caught(repository_rules.runbook_links("r", rules.format("B")), "A", "is B")
        self.assert_caught(repository_rules.runbook_links("r", "- alert: A\n"), "not named")
        self.assertEqual(repository_rules.runbook_links("r", rules.format("A")), [])

    def test_path_of_one_machine(self):
        for bad in ("work/main", "root/.cache", "home/me/x"):
            with self.subTest(bad):
                found = repository_rules.machine_paths("a.md", f"see\n`/{bad}`\n")
                self.assert_caught(found, "a.md:2", "/" + bad[:5])
        for good in ("/proc/1/root/etc", "/proc/<pid>/root/sys", '"/root/sys/fs"', "build/work/x", "${A}/work/x"):
            self.assertEqual(repository_rules.machine_paths("a.md", good), [])


class RepositoryKeeps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = repository()
        cls.cpp = {p: t for p, t in cls.files.items() if source_rules.is_cpp(p)}
        cls.rules = {p: t for p, t in cls.files.items() if RULES.fullmatch(p)}

    def assert_none(self, complaints):
        if complaints:
            self.fail("\n".join([""] + complaints))

    def each(self, files, rule):
        self.assertTrue(files, "no file to look at")
        self.assert_none([c for path, text in files.items() for c in rule(path, text)])

    def test_include_arrows(self):
        def exists(path):
            return path in self.files

        self.each(self.cpp, lambda path, text: source_rules.includes(path, text, exists))

    def test_one_file_per_library(self):
        self.each(self.cpp, source_rules.libraries)

    def test_banned_calls(self):
        self.each(self.cpp, source_rules.banned_calls)

    def test_sizes(self):
        scripts = {p: t for p, t in self.files.items() if source_rules.is_script(p, t)}
        self.each({**self.cpp, **scripts}, source_rules.sizes)

    def test_metrics_in_rules_are_exported(self):
        rooms = ("base/", "notifier/", "sidecar/", "model-svc/")
        exported = {s for p, t in self.cpp.items() if p.startswith(rooms) for s in strings(t)}
        self.each(self.rules, lambda p, t: repository_rules.unknown_metrics(p, t, exported))

    def test_runbooks(self):
        alerts = [a for text in self.rules.values() for a in repository_rules.alerts_of(text)]
        self.assertTrue(alerts, "no alert to look at")
        alerts += [a for path, text in self.cpp.items() if path.startswith("sidecar/")
                   for a in repository_rules.own_alerts_of(text)]
        self.assert_none(repository_rules.runbooks(alerts, self.files))
        self.each(self.rules, repository_rules.runbook_links)

    def test_no_machine_paths(self):
        self.each(self.files, repository_rules.machine_paths)


if __name__ == "__main__":
    unittest.main()
