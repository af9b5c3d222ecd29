"""The servers that fraud-model is measured against: each a process that answers POST /predict."""

from bench.packages import command as packaged
from tests.stack import ROOT, venv, web
from tests.stack.process import start_on_port

NGINX = "usr/sbin/nginx"
NGINX_LIBRARIES = ["libcrypt1", "libpcre2-8-0", "libssl3", "zlib1g"]
FASTAPI = ROOT / "bench/peers/fastapi_model"

# What an nginx does at least for a request: it reads head and body, and sends a fixed answer.
_NGINX = """
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=511;
    default_type {content_type};
    location = /predict {{ return 200 '{body}'; }}
    location = /ready {{ return 200; }}
  }}
}}
"""


def start_nginx(stack, answer):
    """(process, url): answers with the same bytes and content type as `answer`, a web.Answer."""
    directory = stack.folder("nginx")
    command = packaged(["nginx"], NGINX_LIBRARIES, NGINX)

    def start(port):
        config = stack.path("nginx.conf", _NGINX.format(
            directory=directory, port=port, content_type=answer.headers["Content-Type"],
            body=answer.body.decode().replace("\\", "\\\\").replace("'", "\\'")))
        return stack.start("nginx", [*command, "-e", "stderr", "-p", directory, "-c", config])

    return _started(start)


def start_fastapi(stack, folder):
    """(process, url): the FastAPI service with the model in `folder`."""
    python = venv.python(FASTAPI / "requirements.txt")

    def start(port):
        return stack.start("fastapi", [python, "-B", FASTAPI / "serve.py", folder, port])

    return _started(start)


def _started(start):
    process, port = start_on_port(
        start, lambda port: web.serves(f"http://127.0.0.1:{port}/ready"), 60)
    return process, f"http://127.0.0.1:{port}/predict"
