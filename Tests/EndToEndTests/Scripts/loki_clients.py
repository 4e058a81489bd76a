"""Sends lines by three Loki clients, none of them modified, and prints what it sent."""

import json
import logging
import sys
import time

import logging_loki
from log_to_loki import LokiHandler
from loki_logger_handler.loki_logger_handler import LokiLoggerHandler

ADDRESS = sys.argv[1]
PUSH = ADDRESS + "/loki/api/v1/push"
ROUNDS = 10


def send(name, handler, flush):
    logger = logging.getLogger(name)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    lines = [f"{name} sold item {number} für 5 €" for number in range(ROUNDS)]
    for line in lines:
        logger.warning(line)
    flush(handler)
    return lines


class Failing(logging.Handler):
    """Errors of a handler are told on standard error, and end this program at its end."""

    failed = False


def fail(self, record):
    Failing.failed = True
    raise


logging.Handler.handleError = fail
sent = {
    "one": send("one", logging_loki.LokiHandler(url=PUSH, tags={"app": "one"}, version="1"), lambda handler: None),
    "old": send(
        "old", logging_loki.LokiHandler(url=ADDRESS + "/api/prom/push", tags={"app": "old"}, version="0"), lambda handler: None
    ),
}


def wait(handler):
    time.sleep(0.5)


sent["two"] = send(
    "two",
    LokiLoggerHandler(
        url=PUSH, labels={"app": "two"}, timeout=0.1, message_in_json_format=True, enable_self_errors=True,
        enable_structured_loki_metadata=True, loki_metadata={"user": "7"},
    ),
    wait,
)
sent["three"] = send(
    "three", LokiHandler(ADDRESS, "u", "an-ingest-secret-for-tests", labels={"app": "three"}, batch_size=5, flush_interval=0.1), wait
)
print(json.dumps(sent))
sys.exit(1 if Failing.failed else 0)
