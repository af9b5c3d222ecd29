"""fraud-sidecar as a process, with real servers around it.

    /usr/bin/python3 -m unittest discover -t . -s tests/process

runs all; FRAUD_SIDECAR names the program (default: the release build). Every wait is on a condition.
"""
