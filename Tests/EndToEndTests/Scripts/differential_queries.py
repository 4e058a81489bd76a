"""Random PromQL queries whose answers do not depend on the order of equal values."""


class Queries:
    """Queries over the fleet of differential_fleet.py."""

    RANGES = ["45s", "1m", "2m", "5m", "10m", "15m"]
    OVER = ["rate", "increase", "delta", "irate", "idelta", "resets", "changes", "deriv",
            "avg_over_time", "sum_over_time", "min_over_time", "max_over_time",
            "count_over_time", "last_over_time", "present_over_time", "stddev_over_time",
            "stdvar_over_time", "absent_over_time"]
    PLAIN = ["abs", "exp", "ln", "log2", "log10", "sqrt", "sort", "sort_desc", "sin", "cos",
             "tan", "atan", "tanh", "deg", "rad", "timestamp", "absent"]
    # These make a whole step of a last digit, so they are asked of stored samples only.
    STEPS = ["ceil", "floor", "sgn", "round", "minute", "hour", "day_of_week", "day_of_month",
             "days_in_month", "month", "year", "day_of_year"]
    AGGREGATIONS = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"]
    LABELS = ["job", "instance", "zone", "status", "version", "missing"]
    MATCHERS = ['job="api"', 'job!="api"', 'job=~"a.*"', 'job!~"a.+|cart"', 'status=~"5..|404"',
                'instance=~"10.0.0.[12]:80"', 'zone="z1"', 'missing=""', 'status!=""',
                'job=~"api|auth"', 'zone=~".*1"', 'version=~"v(0|2)"']
    METRICS = ["requests_total", "temperature", "memory_bytes", "healthy", "build_info",
               "latency_seconds_bucket", "odd"]

    def __init__(self, rng, now):
        self.rng = rng
        self.now = now

    def pick(self, choices):
        return self.rng.choice(choices)

    def selector(self):
        name = self.pick(self.METRICS)
        count = self.pick([0, 0, 1, 1, 2])
        matchers = ",".join(self.rng.sample(self.MATCHERS, count))
        return name + ("{" + matchers + "}" if matchers else "")

    def modifiers(self):
        roll = self.rng.random()
        if roll < 0.1:
            return " offset " + self.pick(["30s", "1m", "5m", "-2m"])
        if roll < 0.15:
            return f" @ {self.now - self.pick([0, 60, 300, 600])}"
        if roll < 0.18:
            return self.pick([" @ start()", " @ end()"])
        return ""

    def grouping(self, word):
        names = self.rng.sample(self.LABELS, self.rng.randrange(0, 3))
        return f" {word} ({', '.join(names)}) "

    def vector(self, depth):
        roll = self.rng.random()
        if depth <= 0 or roll < 0.2:
            return self.selector() + self.modifiers()
        if roll < 0.5:
            window = f"{self.selector()}[{self.pick(self.RANGES)}]{self.modifiers()}"
            special = self.rng.random()
            if special < 0.05 and "@" not in window:
                return f"predict_linear({window}, {self.pick([60, 3600, -60])})"
            if special < 0.15:
                return f"quantile_over_time({self.pick([0, 0.3, 0.5, 0.99, 1])}, {window})"
            return f"{self.pick(self.OVER)}({window})"
        if roll < 0.56:
            return f"{self.pick(self.PLAIN)}({self.vector(depth - 1)})"
        if roll < 0.62:
            return f"{self.pick(self.STEPS)}({self.selector()}{self.modifiers()})"
        if roll < 0.8:
            return (self.pick(self.AGGREGATIONS) + self.grouping(self.pick(["by", "without"]))
                    + f"({self.vector(depth - 1)})")
        if roll < 0.84:
            return (f"quantile{self.grouping('by')}"
                    f"({self.pick([0.1, 0.5, 0.9])}, {self.vector(depth - 1)})")
        if roll < 0.87:
            return self.special(depth)
        if roll < 0.9:
            return (f'label_replace({self.vector(depth - 1)}, "{self.pick(["job", "new"])}", '
                    f'"$1-x", "{self.pick(self.LABELS)}", "([a-z]+).*")')
        if roll < 0.93:
            return (f"clamp{self.pick(['_min', '_max'])}({self.vector(depth - 1)}, "
                    f"{self.pick([0, 5, -1])})")
        if roll < 0.97:
            operator = self.pick(["+", "-", "*", "/", "^", "==", "!=", ">", "<", ">=", "<="])
            flag = " bool" if operator in ("==", "!=", ">", "<") and self.rng.random() < 0.4 else ""
            scalar = self.pick(["2", "0.5", "-3", "0", "100", "1e6"])
            return f"({self.vector(depth - 1)}) {operator}{flag} {scalar}"
        operator = self.pick(["+", "-", "/", "*", "and", "or", "unless"])
        matching = self.grouping(self.pick(["on", "ignoring"])) if self.rng.random() < 0.5 else " "
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        return f"({left}) {operator}{matching}({right})"

    def special(self, depth):
        """What only this data can be asked."""
        return (f"histogram_quantile({self.pick([0.5, 0.9, 0.99])}, sum by (le, "
                f"{self.pick(['job', 'zone', 'instance'])}) "
                f"(rate(latency_seconds_bucket[{self.pick(self.RANGES)}])))")

    def subquery(self):
        over = self.pick(
            [name for name in self.OVER if name not in ("absent_over_time", "changes", "resets")])
        return f"{over}(({self.vector(1)})[{self.pick(['5m', '10m'])}:1m])"


class NodeQueries(Queries):
    """Queries over what a node exporter says of its machine."""

    LABELS = ["job", "instance", "cpu", "mode", "device", "fstype", "collector", "site", "missing"]
    MATCHERS = ['job="node"', 'cpu="0"', 'cpu!="0"', 'mode="idle"', 'mode!~"idle|iowait"',
                'mode=~"user|system"', 'device="lo"', 'device!="lo"', 'fstype!="tmpfs"',
                'collector=~"cpu|mem.*|file.*"', 'missing=""', 'site="lab"']
    METRICS = ["node_cpu_seconds_total", "node_memory_MemAvailable_bytes",
               "node_memory_MemTotal_bytes", "node_memory_Cached_bytes",
               "node_filesystem_avail_bytes", "node_filesystem_size_bytes",
               "node_network_receive_bytes_total", "node_network_transmit_packets_total",
               "node_load1", "node_load15", "node_context_switches_total", "node_intr_total",
               "node_vmstat_pgfault", "node_schedstat_running_seconds_total",
               "node_scrape_collector_duration_seconds", "node_scrape_collector_success",
               "node_uname_info", "node_procs_running", "process_cpu_seconds_total",
               "go_goroutines", "go_memstats_alloc_bytes_total", "go_gc_duration_seconds"]

    def special(self, depth):
        """What stands on dashboards and in rules of alerts."""
        window = self.pick(self.RANGES)
        return self.pick([
            f'100 - avg by (instance) (rate(node_cpu_seconds_total{{mode="idle"}}[{window}])) * 100',
            f"sum by (mode) (irate(node_cpu_seconds_total[{window}])) / on () group_left () "
            "count(count by (cpu) (node_cpu_seconds_total))",
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
            "node_filesystem_avail_bytes / node_filesystem_size_bytes < 0.9",
            f"rate(node_network_receive_bytes_total[{window}]) * 8",
            f"max by (device) (rate(node_network_transmit_packets_total[{window}]))",
            "node_load1 / on (instance) count by (instance) "
            '(node_cpu_seconds_total{mode="idle"})',
            "node_load15 * on (instance) group_left (nodename, release) node_uname_info",
            '{__name__=~"node_memory_(Mem|Swap)Total_bytes"}',
            'sum by (__name__) ({__name__=~"node_memory_.*", job="node"})',
            'count by (job) ({__name__=~"node_.+"})',
            f'sum without (cpu) (increase(node_cpu_seconds_total{{mode!="idle"}}[{window}])) > 0',
            'label_join(node_filesystem_size_bytes, "where", ":", "fstype", "device")',
            'count_values("value", node_scrape_collector_success)',
            f"avg_over_time(node_load1[{window}]) unless node_load1 > 1e3",
        ])
