"""Ways in which a body is no transaction. Each must be refused with 422 by the service."""

import json


def text_of(row):
    """The body of a row that is right."""
    return json.dumps({**row["transaction"], "features": row["features"]})


def _with(**fields):
    """The body with these fields put in or over."""
    return lambda row: json.dumps({**row["transaction"], "features": row["features"], **fields})


def _without(field):
    def body(row):
        return json.dumps({name: value for name, value in row["transaction"].items()
                           if name != field})
    return body


def _amount_twice(row):
    return text_of(row)[:-1] + ', "tx_amount": 1}'


WAYS = {
    "nothing": lambda row: "",
    "no JSON": lambda row: "transaction_id=" + str(row["transaction"]["transaction_id"]),
    "cut": lambda row: text_of(row)[:len(text_of(row)) // 2],
    "a list": lambda row: f"[{text_of(row)}]",
    "a field twice": _amount_twice,
    "no amount": _without("tx_amount"),
    "no time": _without("tx_datetime"),
    "an amount in words": _with(tx_amount="much"),
    "a negative amount": _with(tx_amount=-57.16),
    "no number": _with(tx_amount=float("nan")),
    "a fraction for an id": _with(customer_id=1.5),
    "text for an id": _with(terminal_id="7' OR '1'='1"),
    "a day that is not": _with(tx_datetime="2018-02-30 12:00:00"),
    "an unknown field": _with(is_admin=True),
    "an unknown column": _with(features={"customer_id_trust": 1}),
    "markup": lambda row: "<transaction><tx_amount>1</tx_amount></transaction>",
}
