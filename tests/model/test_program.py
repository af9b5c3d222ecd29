"""fraud-model as a process: how it starts, reloads, counts and ends."""

import hashlib
import json
import shutil
import signal
import threading
import unittest

from tests.stack import wait, web
from tests.stack.fraud_model import SHIPPED, FraudModel, run, transaction
from tests.stack.process import Stack


class ModelTest(unittest.TestCase):
    def setUp(self):
        self.stack = Stack("fraud-model-test")
        self.addCleanup(self.stack.close)

    def model(self, *flags, **options):
        return FraudModel(self.stack, flags, **options)

    def folder(self):
        """A copy of the shipped folder, to be spoilt."""
        place = self.stack.directory / "folder"
        shutil.copytree(SHIPPED, place)
        return place


class Start(ModelTest):
    def test_it_is_ready_and_says_what_it_serves(self):
        model = self.model()
        self.assertEqual(web.call(f"{model.admin_url}/health").status, 200)
        self.assertEqual(web.call(f"{model.admin_url}/ready").json(), {"ready": True})
        shown = web.call(f"{model.url}/model").json()
        meta = json.loads((SHIPPED / "meta.json").read_text(encoding="utf-8"))
        self.assertEqual(shown["model_version"], meta["model_version"])
        self.assertEqual(shown["threshold"], meta["threshold"])
        self.assertEqual(model.metrics().value("ml_model_info", version=meta["model_version"]), 1)

    def test_the_ports_do_not_serve_each_others_routes(self):
        model = self.model()
        for url in (f"{model.url}/metrics", f"{model.url}/-/reload", f"{model.admin_url}/predict"):
            self.assertEqual(web.call(url, method="POST").status, 404, url)

    def test_a_folder_that_is_refused_ends_it_with_one_sentence(self):
        folder = self.folder()
        with open(folder / "model.json", "ab") as file:
            file.write(b" ")
        ended = run("--model-folder", folder, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
        self.assertEqual(ended.returncode, 1)
        self.assertEqual(len(ended.stderr.strip().splitlines()), 1, ended.stderr)
        self.assertIn("--model-folder", ended.stderr)
        self.assertIn("model.json", ended.stderr)

    def test_a_port_that_is_taken_ends_it(self):
        taken = self.model().port
        ended = run("--model-folder", SHIPPED, "--listen", f"127.0.0.1:{taken}",
                    "--admin-listen", "127.0.0.1:0")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("--listen", ended.stderr)


class Reload(ModelTest):
    def test_a_new_version_is_served_and_a_bad_one_is_not(self):
        folder = self.folder()
        model = self.model(folder=folder)
        before = model.predict(transaction()).json()
        self.renamed(folder, "second")
        self.assertEqual(model.reload().json()["model_version"], "second")
        self.assertEqual(model.predict(transaction()).json(), {**before, "model_version": "second"})
        (folder / "golden.json").write_text("{}", encoding="ascii")
        refused = model.reload()
        wait.until(lambda: "model_refused" in model.process.text(), 10, "a line in the log")
        self.assertEqual(refused.status, 500)
        self.assertIn("golden.json", refused.json()["error"])
        self.assertEqual(model.predict(transaction()).json()["model_version"], "second")
        metrics = model.metrics()
        self.assertEqual([metrics.value("ml_model_reloads_total", result=result)
                          for result in ("loaded", "refused")], [2, 1])
        self.assertEqual(metrics.value("ml_model_last_reload_ok"), 0)
        self.assertIsNone(metrics.value("ml_model_info", version=before["model_version"]))

    def test_the_same_bytes_change_nothing(self):
        model = self.model()
        self.assertEqual(model.reload().status, 200)
        self.assertEqual(model.metrics().value("ml_model_reloads_total", result="unchanged"), 1)

    def test_one_reload_at_a_time(self):
        model = self.model()
        seen = set()

        def reload():
            while 409 not in seen and not ended.is_set():
                seen.add(model.reload().status)

        ended = threading.Event()
        asking = [threading.Thread(target=reload) for _ in range(4)]
        for thread in asking:
            thread.start()
        try:
            wait.until(lambda: 409 in seen, 20, "two reloads at once", needs=[model.process])
        finally:
            ended.set()
            for thread in asking:
                thread.join()
        self.assertLessEqual(seen, {200, 409})
        self.assertEqual(model.reload().status, 200)

    def renamed(self, folder, version):
        """Another version with the same trees; the sums are made anew, as sha256sum would."""
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        (folder / "meta.json").write_text(json.dumps({**meta, "model_version": version}), encoding="utf-8")
        lines = []
        for line in (folder / "SHA256SUMS").read_text(encoding="ascii").splitlines():
            name = line.split()[1]
            lines.append(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n")
        (folder / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


class Counting(ModelTest):
    def test_predictions_errors_and_requests(self):
        model = self.model()
        calm, flagrant = transaction(1, 20.0), transaction(2, 900.0)
        one = model.predict(calm).json()
        both = model.predict_batch([calm, flagrant]).json()
        self.assertEqual(both[0], one)
        self.assertEqual(model.predict({**calm, "tx_amount": "much"}).status, 422)
        metrics, version = model.metrics(), one["model_version"]
        frauds = sum(answer["is_fraud"] for answer in both)
        self.assertEqual(metrics.value("ml_model_predictions_total", result="fraud", version=version), frauds)
        self.assertEqual(metrics.total("ml_model_predictions_total"), 3)
        self.assertEqual(metrics.value("ml_model_score_count"), 3)
        self.assertEqual(metrics.value("ml_model_errors_total", type="invalid"), 1)
        self.assertEqual(metrics.value("ml_model_prediction_duration_seconds_count"), 2)
        for code, path in (("200", "/predict"), ("422", "/predict"), ("200", "/predict/batch")):
            self.assertEqual(metrics.value("http_requests_total", method="POST", path=path, code=code), 1)
        self.assertEqual(metrics.value("http_request_duration_seconds_count", path="/predict"), 2)

    def test_alert_counter_is_off_unless_a_reset_terminal_is_set(self):
        self.assertNotIn("alert_counter", self.model().metrics().names())
        model = self.model("--reset-terminal-id", 13, name="with-reset")
        frauds = [transaction(number, 900.0 + number) for number in range(4)]
        found = sum(answer["is_fraud"] for answer in model.predict_batch(frauds).json())
        self.assertGreater(found, 0, "the model finds nothing odd in these amounts")
        self.assertEqual(model.metrics().value("alert_counter"), found)
        self.assertEqual(model.predict(transaction(9, terminal_id=13)).status, 200)
        self.assertEqual(model.metrics().value("alert_counter"), 0)
        self.assertEqual(model.metrics().value("ml_model_alert_counter_resets_total"), 1)


class Stress(ModelTest):
    def test_cpu_is_burnt_only_where_it_was_enabled(self):
        body = {"milliseconds": 50}
        self.assertEqual(web.call(f"{self.model().url}/cpu", body=body).status, 404)
        model = self.model("--enable-stress", name="with-stress")
        self.assertEqual(web.call(f"{model.url}/cpu", body=body).json(), body)
        self.assertEqual(web.call(f"{model.url}/cpu", body={"milliseconds": 6000}).status, 422)


class End(ModelTest):
    def test_sigterm_answers_what_was_asked_and_ends_with_0(self):
        model = self.model("--enable-stress")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(
            web.call(f"{model.url}/cpu", body={"milliseconds": 1500}, seconds=20)))
        asking.start()
        wait.until(lambda: self.busy(model), 20, "the request under way", needs=[model.process])
        model.process.signal(signal.SIGTERM)
        wait.until(lambda: web.call(f"{model.admin_url}/ready").status == 503, 10, "not ready")
        asking.join()
        self.assertEqual(answers[0].json(), {"milliseconds": 1500})
        self.assertEqual(model.process.wait(20), 0)
        self.assertIn("stopping", model.process.text())

    @staticmethod
    def busy(model):
        return model.metrics().value("http_connections") == 1


if __name__ == "__main__":
    unittest.main()
