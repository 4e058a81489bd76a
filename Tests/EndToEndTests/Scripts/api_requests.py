"""What is asked of two servers of Prometheus' API; see api_differential.py.

Each is (path, parameters, how): a path with its method before it when it is not GET, and in `how`
`exact` where the data must be equal and `close` where the last digits of numbers may differ, `map` where
the keys of these objects are data, `text` where the text of the error must be the same too, `status` where
only the status is compared.
"""


def requests(end):
    """The questions, about samples that end at `end` (seconds)."""
    some = 'requests_total{job="api"}'
    span = {"start": end - 600, "end": end}
    wide = {**span, "step": 60}
    instant = [
        ("query", {"query": some, "time": end}, "exact"),
        ("query", {"query": "1 + 1", "time": end}, "exact"),
        ("query", {"query": '"words"', "time": end}, "exact"),
        ("query", {"query": some + "[1m]", "time": end}, "exact"),
        ("query", {"query": "odd", "time": f"{end}.25"}, "exact"),
        ("query", {"query": some, "time": "2001-02-03T04:05:06.789+01:00"}, "exact"),
        ("query", {"query": "time()", "time": "1.0005"}, "exact"),
        ("query", {"query": "0.0000001", "time": -1}, "exact"),
        ("query", {"query": "123456789012345678901234567890", "time": end}, "exact"),
        ("query", {"query": "-1/0", "time": end}, "exact"),
        ("query", {"query": "vector(1e21) or absent(nothing)", "time": end}, "exact"),
        ("POST query", {"query": "sum by (job) (rate(requests_total[5m]))", "time": end}, "close"),
        ("query", {"query": some, "time": end, "stats": "all"}, ""),
        ("query", {}, "text"),
        ("query", {"query": "sum(", "time": end}, "text"),
        ("query", {"query": "nothing(x)", "time": end}, "text"),
        ("query", {"query": "rate(x)", "time": end}, "text"),
        ("query", {"query": "1", "time": "soon"}, "text"),
        ("query", {"query": "1", "time": end, "timeout": "soon"}, "text"),
        ("query", {"query": "requests_total * on (job) healthy", "time": end}, ""),
        ("query", {"query": 'x{a=~"("}', "time": end}, ""),
    ]
    ranges = [
        ("query_range", {"query": some, **wide}, "exact"),
        ("query_range", {"query": "vector(time())", **span, "step": "2m30s"}, "exact"),
        ("POST query_range", {"query": "sum(healthy)", **wide, "step": "37.5"}, "exact"),
        ("query_range", {"query": "nothing", **wide}, "exact"),
        ("query_range", {"query": some, "end": end, "step": 60}, "text"),
        ("query_range", {"query": some, "start": end, "step": 60}, "text"),
        ("query_range", {"query": some, **span}, "text"),
        ("query_range", {"query": some, **span, "step": "often"}, "text"),
        ("query_range", {"query": some, **span, "step": 0}, "text"),
        ("query_range", {"query": some, **span, "step": "0.01"}, "text"),
        ("query_range", {"query": some, "start": end, "end": end - 1, "step": 60}, "text"),
        ("query_range", {"query": some + "[1m]", **wide}, "text"),
        ("query_range", {"query": "", **wide}, "text"),
    ]
    series = [
        ("series", {"match[]": some, **span}, "exact"),
        ("POST series", {"match[]": ["odd", 'healthy{job="api"}'], **span}, "exact"),
        ("series", {"match[]": "nothing"}, "exact"),
        ("series", {"match[]": "odd", "start": "1", "end": "2"}, "exact"),
        ("series", {"match[]": "odd", "start": "2", "end": "1"}, "exact"),
        ("labels", {"start": "2", "end": "1"}, "exact"),
        ("series", {}, "text"),
        ("series", {"match[]": "{}"}, "text"),
        ("series", {"match[]": "a{"}, "text"),
        ("series", {"match[]": "a[1m]"}, ""),
        ("series", {"match[]": "odd", "start": "soon"}, "text"),
        ("series", {"match[]": "odd", "end": "soon"}, "text"),
        ("labels", {"match[]": "{job=~\"api|auth\"}", **span}, "exact"),
        ("POST labels", {"match[]": "odd"}, "exact"),
        ("labels", {"match[]": "{}"}, "text"),
        ("labels", {"match[]": "a{"}, "text"),
        ("labels", {"start": "soon"}, "text"),
        ("label/job/values", {"match[]": "healthy", **span}, "exact"),
        ("label/zone/values", {"match[]": ['healthy{zone="z1"}', "odd"]}, "exact"),
        ("label/nothing/values", {}, "exact"),
        ("label/job/values", {"match[]": "{}"}, "text"),
        ("label/job/values", {"match[]": "a{"}, "text"),
        ("query_exemplars", {"query": "seen_total", **span}, "exact"),
        ("POST query_exemplars", {"query": "rate(seen_total[5m])", **span}, "exact"),
        ("query_exemplars", {"query": "nothing"}, "exact"),
        ("query_exemplars", {"query": ")"}, ""),
        ("query_exemplars", {"query": "seen_total", "start": 2, "end": 1}, "text"),
    ]
    targets = [
        ("targets", {}, "map labels discoveredLabels droppedTargetCounts"),
        ("targets", {"state": "active"}, "map labels discoveredLabels droppedTargetCounts"),
        ("targets", {"state": "Dropped"}, "map labels discoveredLabels droppedTargetCounts"),
        ("targets", {"state": "tired"}, "map labels discoveredLabels droppedTargetCounts"),
        ("targets/metadata", {}, "map target"),
        ("targets/metadata", {"match_target": '{job="shop"}', "metric": "till"}, "exact"),
        ("targets/metadata", {"metric": "nothing"}, "text"),
        ("targets/metadata", {"match_target": "a{"}, "text"),
        ("targets/metadata", {"limit": "x"}, "text"),
        ("targets/metadata", {"match_target": '{job="shop"}', "limit": 1}, "map target"),
        ("metadata", {"metric": "till"}, "exact"),
        ("metadata", {"limit": 1}, "map data"),
        ("metadata", {"metric": "nothing"}, "exact"),
        ("metadata", {"limit": "x"}, "text"),
        ("scrape_pools", {}, "exact"),
    ]
    server = [
        ("rules", {}, "exact"), ("rules", {"type": "alert"}, "exact"),
        ("rules", {"type": "wish"}, "text"), ("alerts", {}, "exact"),
        ("alertmanagers", {}, "exact"), ("status/config", {}, ""),
        ("status/flags", {}, "map data"), ("status/runtimeinfo", {}, ""),
        ("status/buildinfo", {}, ""), ("status/tsdb", {}, ""),
        ("status/walreplay", {}, ""), ("format_query", {"query": "sum(a)by(b)"}, "exact"),
        ("format_query", {"query": "sum("}, "text"),
        ("nothing", {}, "status"), ("/-/healthy", {}, "status"), ("/-/ready", {}, "status"),
        ("/federate", {"match[]": ["temperature", 'latency_seconds_bucket{job="api"}']}, "exact"),
        ("/federate", {"match[]": "a{"}, "status"),
        ("POST admin/tsdb/delete_series", {}, "text"),
        ("POST admin/tsdb/delete_series", {"match[]": "a{"}, "text"),
        ("POST admin/tsdb/delete_series", {"match[]": "odd", "start": "soon"}, "text"),
        ("PUT admin/tsdb/delete_series", {"match[]": "odd"}, "status"),
        ("query", {"query": "odd", "time": end}, "exact"),
        ("POST admin/tsdb/clean_tombstones", {}, "status"),
        ("POST admin/tsdb/snapshot", {"skip_head": "maybe"}, "text"),
        ("POST admin/tsdb/snapshot", {}, ""),
    ]
    return instant + ranges + series + targets + server
