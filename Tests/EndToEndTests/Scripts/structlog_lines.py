"""Logs by structlog, not modified, sends its lines by HTTP, and prints them."""

import json
import sys
import urllib.request

import structlog

lines = []


class Lines:
    """Takes what structlog writes."""

    def msg(self, line):
        lines.append(line)

    debug = info = warning = error = critical = exception = msg


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    logger_factory=Lines,
)
log = structlog.get_logger(service="till")
structlog.contextvars.bind_contextvars(request_id="r-7")
log.debug("opened", drawer=3)
log.info("paid für 5 €", order=42, total=5.25, ok=True, items=["a", "b"], card={"last4": "4242"})
log.bind(user="ann").warning("slow", duration_ms=812)
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broke\ntwice", trace_id="0af7651916cd43dd8448eb211c80319c")
log.critical("gone")
body = "\n".join(lines).encode()
request = urllib.request.Request(sys.argv[1] + "/ingest/json", data=body, method="POST")
with urllib.request.urlopen(request) as answer:
    assert answer.status == 200, answer.status
print(json.dumps(lines))
