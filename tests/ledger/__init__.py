"""The ledger: what Alertmanager was told is stored against what people were told, over many kills.

    /usr/bin/python3 -m tests.ledger [--kills N] [--seed N] [--mutants]
"""
