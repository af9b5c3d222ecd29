"""What the Bot API answers: its JSON, its refusals, and the pages of the web server in front of it.

The texts are those of the real server (github.com/tdlib/telegram-bot-api, tdlib/td). The HTTP status
is always the error_code. A refusal that begins with "stand-in:" is a thing the real server takes in
silence although it can only be a mistake of the sender.
"""

import dataclasses
import http
import json


@dataclasses.dataclass(frozen=True)
class Answer:
    """One HTTP answer; `headers` beside type and length."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple = ()


class Refused(Exception):
    """The request is not taken. `parameters` as in ResponseParameters: retry_after, migrate_to_chat_id."""

    def __init__(self, code, description, **parameters):
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self):
        body = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        retry_after = self.parameters.get("retry_after")
        headers = (("Retry-After", str(retry_after)),) if retry_after else ()
        return Answer(self.code, json.dumps(body).encode(), headers=headers)


def bad_request(description):
    return Refused(400, f"Bad Request: {description}")


def stricter(description):
    """A refusal that the real server does not make."""
    return Refused(400, f"stand-in: {description}")


def too_many(retry_after):
    """`retry_after` in whole seconds, at least 1."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def success(result):
    return Answer(200, json.dumps({"ok": True, "result": result}).encode())


def outage(status):
    """What a client sees while the service is ill: a page of nginx for 502 to 504 and for everything
    below 400 (a captive portal), JSON for all others."""
    phrase = http.HTTPStatus(status).phrase
    if 400 <= status < 502:
        return Refused(status, phrase).answer()
    page = (f"<html>\r\n<head><title>{status} {phrase}</title></head>\r\n<body>\r\n"
            f"<center><h1>{status} {phrase}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n"
            "</body>\r\n</html>\r\n")
    return Answer(status, page.encode(), "text/html")
