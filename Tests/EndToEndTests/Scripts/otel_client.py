"""Sends logs, metrics and traces by the OpenTelemetry SDK, configured by its own environment
variables only, and prints what it sent as one JSON object."""

import json
import logging
import os

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

ROUNDS = 20

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(traces)
meters = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter(), 60_000)])
metrics.set_meter_provider(meters)
logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
set_logger_provider(logs)
logging.getLogger().addHandler(LoggingHandler(logger_provider=logs))
logging.getLogger().setLevel(logging.INFO)

tracer = trace.get_tracer("till")
duration = metrics.get_meter("till").create_histogram("http.server.request.duration", unit="s")
orders = metrics.get_meter("till").create_counter("till.orders", unit="1")
ids = []
for number in range(ROUNDS):
    with tracer.start_as_current_span("POST /sale", kind=trace.SpanKind.SERVER) as span:
        span.set_attribute("http.route", "/sale")
        span.set_attribute("sale.number", number)
        ids.append(format(span.get_span_context().trace_id, "032x"))
        with tracer.start_as_current_span("INSERT sales", kind=trace.SpanKind.CLIENT):
            logging.info("sale %d booked", number, extra={"sale.number": number})
        if number % 5 == 0:
            logging.error("receipt printer is out of paper", extra={"sale.number": number})
            span.set_status(trace.StatusCode.ERROR, "no paper")
        duration.record(0.01 * number, {"http.route": "/sale"})
        orders.add(1, {"till": "1"})

traces.shutdown()
meters.shutdown()
logs.shutdown()
print(json.dumps({"spans": 2 * ROUNDS, "logs": ROUNDS + ROUNDS // 5, "trace_ids": ids}))
