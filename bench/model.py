"""What a prediction costs: the walker against libxgboost, the service against nginx and FastAPI.

Scoring alone is timed by forest_bench, in turns of a few milliseconds. Requests are counted by wrk
and paid by CPU time of the server's processes, so that what else runs on the machine matters
little. All servers are up at the same time and idle but for the one whose window it is; each gets
short windows in turn.

wrk is a closed loop: each of 64 connections asks again when it was answered. FastAPI is at its
limit then; nginx and fraud-model answer faster than one thread of wrk can ask, both at about the
same rate, and mostly find several requests when they look. At a low rate every request would wake
its server, which costs most where a request is cheapest: nginx. The closed loop is the harder
comparison for us. Batches come over 4 connections, which is as many rows on their way as 2,000
single callers would have.

fraud-model runs with its defaults and the shipped model, and counts and times every request; nginx
keeps no log, FastAPI no metrics.
"""

import http.client
import json
import struct
import subprocess
import time

from bench import model_body, model_peers
from bench.measure import Amount, Cannot, Ratio, memory
from bench.model_wrk import Load, cpu_per_request
from tests.stack import ROOT, model_program, process, venv, wait, web
from tests.stack.fraud_model import SHIPPED, FraudModel

WINDOW_S = 2
WINDOWS = 3  # of each server in a run: short ones in turn bear a machine whose speed changes
BATCH = 500
BATCH_CONNECTIONS = 4


def walker():
    """Nanoseconds of both sides, by forest_bench."""
    program = model_program().parent / "bench/micro/forest_bench"
    if not program.exists():
        raise Cannot(f"there is no {program}: ninja forest_bench")
    python = venv.python(ROOT / "dags/requirements.txt")
    with process.Stack("fraud-bench") as stack:
        trained = stack.path("model.json")
        _run(python, ROOT / "bench/micro/model.py", trained)
        library = _run(python, "-c", "import xgboost.libpath as p; print(p.find_lib_path()[0])")
        told = json.loads(_run(program, trained, library.strip()))
    note = f"200 trees of depth 6, {told['rows_compared']} scores compared, all of the same bits"
    return [Ratio(name, "ns", bound, False, told[key]["ours_ns"], told[key]["peer_ns"], note)
            for name, key, bound in (("walk 1 row", "one_row", 1 / 8),
                                     ("walk 1000 rows", "thousand_rows", 1 / 2))]


def _run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False, timeout=120)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise Cannot(f"{' '.join(map(str, command[:2]))} failed: {last[:200]}")
    return done.stdout


def requests(stack, runs):
    """Microseconds of CPU time for a request, of every server."""
    sides = _sides(stack)
    costs = [[] for _ in sides]
    for server, load in sides:
        load.run(1)  # warms up
    for _ in range(WINDOWS * runs):
        for (server, load), found in zip(sides, costs):
            found.append(cpu_per_request(server, load, WINDOW_S))
    ours, nginx, fastapi, batch, featured = costs
    note = "CPU time of the server for a request"
    return [
        Ratio("predict / nginx", "us", 1.4, False, ours, nginx, note),
        Ratio("predict / fastapi", "us", 1 / 25, False, ours, fastapi, note),
        Ratio(f"batch / {BATCH} single", "us", 1 / 15, False, batch,
              [BATCH * cost for cost in ours], note),
        Ratio("batch with features", "us", None, False, featured, [BATCH * cost for cost in ours],
              "rows of nearly four times the bytes, against the same single calls without features"),
    ]


def _sides(stack):
    """[(process, load)]: ours, nginx, FastAPI, and ours with batches."""
    model = FraudModel(stack)
    ours, batch, featured = _loads(stack, model.url)
    single = model_body.single(SHIPPED)
    answer = _answer(ours.url, single)
    nginx, nginx_url = model_peers.start_nginx(stack, answer)
    fastapi, fastapi_url = model_peers.start_fastapi(stack, SHIPPED)
    same(answer.json(), _answer(fastapi_url, single).json())
    return [(model.process, ours),
            (nginx, Load.of(stack, "nginx", nginx_url, single)),
            (fastapi, Load.of(stack, "fastapi", fastapi_url, single)),
            (model.process, batch), (model.process, featured)]


def _loads(stack, url):
    """Of single and of batch predictions, and of batches with all features."""
    return (Load.of(stack, "single", f"{url}/predict", model_body.single(SHIPPED)),
            *(Load.of(stack, name, f"{url}/predict/batch", body, BATCH_CONNECTIONS)
              for name, body in (("batch", model_body.batch(SHIPPED, BATCH)),
                                 ("features", model_body.with_features(SHIPPED, BATCH)))))


def _answer(url, body):
    answer = web.call(url, body=body)
    if answer.status != 200:
        raise Cannot(f"{url} answered {answer.status}: {answer.body[:200]!r}")
    return answer


def same(ours, theirs):
    """The peer does the same work: its answer says the same, the probability to the last bit."""
    if _as_floats(ours) != _as_floats(theirs):
        raise Cannot(f"FastAPI answers {theirs} where fraud-model answers {ours}")


def _as_floats(answer):
    """One float has several decimals that read back as it."""
    return {name: struct.pack("f", value) if isinstance(value, float) else value
            for name, value in answer.items()}


def start_to_ready(stack):
    """Milliseconds from before the program is started (by setpriv) to its 200 for GET /ready."""
    public, admin = process.free_port(), process.free_port()
    began = time.monotonic()
    server = stack.start("starting", [
        model_program(), "--model-folder", SHIPPED, "--listen", f"127.0.0.1:{public}",
        "--admin-listen", f"127.0.0.1:{admin}"])
    wait.until(lambda: _ready(admin), 10, "fraud-model being ready", needs=[server], every=0.001)
    spent = time.monotonic() - began
    server.stop()
    return spent * 1000


def _ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False  # does not listen yet
    finally:
        connection.close()


def memory_after_burst(stack):
    """Proportional set size in MiB after single and batch predictions, by the same load as above.
    Runs alone: a second fraud-model would share its pages."""
    model = FraudModel(stack)
    for load in _loads(stack, model.url):
        load.run(1)
    used = memory(model.process.pid, "Pss")
    model.process.stop()
    return used / 1024


def measure(options):
    rows = walker()
    with process.Stack("fraud-bench") as stack:
        rows += requests(stack, options.runs)
    with process.Stack("fraud-bench") as stack:
        rows += [Amount("start to ready", "ms", 150,
                        [start_to_ready(stack) for _ in range(options.runs)]),
                 Amount("pss after a burst", "MiB", 25,
                        [memory_after_burst(stack) for _ in range(options.runs)])]
    return rows
