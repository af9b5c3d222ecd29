"""Bodies that are no transaction: each is refused by name, and the connection stays usable."""

import json

from tests.model.robustness import OPEN, VALID, RobustnessTest, Wire, post
from tests.stack.fraud_model import transaction

BATCH = "/predict/batch"

# Not JSON at all.
MALFORMED = {
    "empty": b"",
    "blanks": b" \r\n\t ",
    "a brace": b"{",
    "cut": VALID[:-1],
    "cut in a string": VALID[:30],
    "two values": VALID + VALID,
    "something behind": VALID + b"x",
    "NUL behind": VALID + b"\0",
    "a comma too many": VALID[:-1] + b",}",
    "single quotes": VALID.replace(b'"', b"'"),
    "no quotes": b"{transaction_id:1}",
    "a comment": b"/* */" + VALID,
    "a byte order mark of UTF-16": b"\xff\xfe" + VALID.decode().encode("utf-16-le"),
    "invalid UTF-8 in a string": VALID.replace(b"2018", b"\xc3\x28"),
    "invalid UTF-8 in a key": VALID[:-1] + b',"\xff":1}',
    "overlong UTF-8": VALID.replace(b"2018", b"\xc0\xaf"),
    "a surrogate in UTF-8": VALID.replace(b"2018", b"\xed\xa0\x80"),
    "a control character": VALID.replace(b"2018", b"\x01"),
    "a bad escape": VALID.replace(b"2018", rb"\x41"),
    "NaN": VALID.replace(b"42.5", b"NaN"),
    "Infinity": VALID.replace(b"42.5", b"-Infinity"),
    "a leading zero": VALID.replace(b"42.5", b"042.5"),
    "a leading plus": VALID.replace(b"42.5", b"+42.5"),
    "a bare point": VALID.replace(b"42.5", b"42."),
    "hexadecimal": VALID.replace(b"42.5", b"0x2a"),
    "deep arrays": b"[" * 8_000,
    "deep objects": b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    "deep below a field": VALID[:-1] + b',"features":' + b"[" * 7_000 + b"]" * 7_000 + b"}",
}

# JSON, but no transaction: the field at fault.
WRONG = {
    "a string for a number": ({"tx_amount": "42.5"}, "tx_amount"),
    "true for a number": ({"tx_amount": True}, "tx_amount"),
    "null for a number": ({"tx_amount": None}, "tx_amount"),
    "an array for a number": ({"tx_amount": [1]}, "tx_amount"),
    "a fraction for an id": ({"customer_id": 1.5}, "customer_id"),
    "a number for a time": ({"tx_datetime": 20180801}, "tx_datetime"),
    "no time": ({"tx_datetime": "yesterday"}, "tx_datetime"),
    "a 13th month": ({"tx_datetime": "2018-13-01 12:00:00"}, "tx_datetime"),
    "an empty time": ({"tx_datetime": ""}, "tx_datetime"),
    "an id beyond 64 bits": ({"transaction_id": 1 << 70}, "transaction_id"),
    "an array for features": ({"features": []}, "features"),
    "a string for features": ({"features": "none"}, "features"),
}


class Predict(RobustnessTest):
    def refused(self, body, path="/predict"):
        """The `detail` of a 422, on a connection that stays usable."""
        with Wire(self.model.port) as wire:
            wire.send(post(body, path))
            answer = wire.reply()
            self.assertEqual(answer and answer.status, 422, answer and answer.body)
            self.assertTrue(wire.usable())
        detail = json.loads(answer.body)["detail"]
        for entry in detail:
            self.assertLessEqual({"type", "loc", "msg"}, entry.keys())
        return detail

    def test_malformed_json_is_refused(self):
        for path in ("/predict", BATCH):
            for name, body in MALFORMED.items():
                with self.subTest(name, path=path):
                    self.assertTrue(self.refused(body, path))

    def test_a_wrong_value_is_refused_by_its_field(self):
        for name, (fields, field) in WRONG.items():
            with self.subTest(name):
                detail = self.refused(json.dumps({**transaction(), **fields}).encode())
                self.assertEqual([entry["loc"][:2] for entry in detail], [["body", field]])

    def test_a_missing_field_is_refused_by_its_name(self):
        for field in transaction():
            fields = transaction()
            del fields[field]
            with self.subTest(field):
                detail = self.refused(json.dumps(fields).encode())
                self.assertEqual([entry["loc"] for entry in detail], [["body", field]])

    def test_a_number_out_of_range_is_refused(self):
        for number in (b"1e400", b"-1e400", b"9" * 400, b"1" + b"0" * 5000):
            with self.subTest(number[:10]):
                self.assertTrue(self.refused(VALID.replace(b"42.5", number)))

    def test_another_kind_of_value_is_no_transaction(self):
        for body in (b"null", b"1", b'"text"', b"[]", b"[" + VALID + b"]", b"true"):
            with self.subTest(body[:10]):
                self.assertTrue(self.refused(body))
        for body in (b"null", b"{}", VALID, b"[1]", b"[null]", b"[[]]", b"[" + VALID + b",{}]"):
            with self.subTest(body[:10], path=BATCH):
                self.assertTrue(self.refused(body, BATCH))

    def test_a_field_given_twice_is_refused(self):
        twice = VALID[:-1] + b',"tx_amount":1}'
        for body, path in ((twice, "/predict"), (b"[" + VALID + b"," + twice + b"]", BATCH)):
            with self.subTest(path):
                (mistake,) = self.refused(body, path)
                self.assertEqual((mistake["type"], mistake["loc"][-1]), ("duplicate", "tx_amount"))

    def test_further_fields_are_refused_by_name(self):
        for name, value in (("tx_fraud", 1), ("x", [{"y": None}]), ("", "e")):
            with self.subTest(name):
                body = json.dumps({**transaction(), name: value}).encode()
                (mistake,) = self.refused(body)
                self.assertEqual((mistake["type"], mistake["loc"]), ("extra_forbidden", ["body", name]))

    def test_sizes(self):
        padded = VALID[:-1] + b" " * (1 << 20) + b"}"
        self.check_rows([
            ("a short body with blanks", post(VALID + b" " * 10_000), [200], OPEN),
            ("a batch in a megabyte", post(b"[" + padded + b"]", BATCH), [200], OPEN),
            ("no rows", post(b"[]", BATCH), [422], OPEN),
            ("1,000 rows", post(b"[" + b",".join([VALID] * 1000) + b"]", BATCH), [200], OPEN),
            ("1,001 rows", post(b"[" + b",".join([VALID] * 1001) + b"]", BATCH), [422], OPEN),
        ])
