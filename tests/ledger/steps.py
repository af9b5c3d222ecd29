"""The steps of an alert's path at which tests/ledger/shim can kill the sidecar."""

INGEST = ("webhook-read", "commit-before-sync", "commit-after-sync", "answer-before-send",
          "answer-after-send")
CLAIM = ("claim-before-sync", "claim-after-sync")
MAIL = ("mail-connect", "mail-answer", "mail-before-send", "mail-before-dot", "mail-after-dot",
        "mail-accepted")
TELEGRAM = ("telegram-connect", "telegram-before-request", "telegram-after-request",
            "telegram-answered")
SETTLE = ("settle-before-sync", "settle-after-sync")
CHECKPOINT = ("checkpoint-before-sync", "checkpoint-after-sync")

STEPS = INGEST + CLAIM + MAIL + TELEGRAM + SETTLE + CHECKPOINT
