#!/usr/bin/env python3
"""Measures what ingest at a steady pace and queries cost each other.

    bench-paced.py --bench DIR --bodies DIR --work DIR [--rate 200000] [--seconds 60] \\
        'perch=command:PERCH serve --no-auth --listen {addr} --data {data},ready=/-/ready'

--bench is the folder of the metrics benchmark, whose load generator, queries and server starter are
used; --bodies is what its generate.py wrote. The server gets the first half of the bodies as fast
as it takes them. Then come three phases, each from an idle server:

    A  ingest at the pace, alone: CPU a sample
    B  the queries alone: the median of each, and the CPU of each
    C  both at once: the medians again, and the CPU a sample when B's CPU of each query is taken off

The queries ask for the last hour of the first half, so that B and C read the same samples. Exit
status 1: a write was refused, CPU a sample rose by more than 1.3, or the geometric mean of the
medians by more than 2.
"""

import argparse
import json
import os
import statistics
import sys
import threading
import time


class Feed:
    """The bodies in the order of time, from several threads that share a pace."""

    def __init__(self, bench, target, bodies, connections=4):
        self.bench = bench
        self.target = target
        with open(os.path.join(bodies, "meta.json")) as file:
            self.meta = json.load(file)
        lanes = self.meta["lanes"]
        self.lanes = [bench.ingest.records(os.path.join(bodies, f"lane-{lane}.bin"))
                      for lane in range(lanes)]
        self.heads = [next(lane, None) for lane in self.lanes]
        self.connections = connections
        self.lock = threading.Lock()
        self.sent = 0
        self.refusals = []
        self.latencies = []

    def run(self, last_step=1 << 30, rate=None, until=None):
        """Sends up to a step, or until `until` answers true; answers samples and seconds."""
        begin, before = time.perf_counter(), self.sent
        self.paced = 0
        threads = [threading.Thread(target=self.work, args=(w, last_step, rate, until, begin))
                   for w in range(self.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return self.sent - before, time.perf_counter() - begin

    def work(self, worker, last_step, rate, until, begin):
        client = self.bench.common.Client(self.target)
        mine = range(worker, len(self.lanes), self.connections)
        while True:
            heads = [lane for lane in mine if self.heads[lane]]
            if not heads or (until and until()):
                return
            lane = min(heads, key=lambda lane: self.heads[lane][0])
            step, count, body = self.heads[lane]
            if step >= last_step:
                return
            if rate:
                with self.lock:
                    due = begin + self.paced / rate
                    self.paced += count
                wait = due - time.perf_counter()
                if wait > 0:
                    time.sleep(wait)
            self.post(client, count, body)
            self.heads[lane] = next(self.lanes[lane], None)

    def post(self, client, count, body):
        start = time.perf_counter()
        status, text = client.send("POST", self.target.write, body, self.bench.ingest.HEADERS)
        with self.lock:
            self.latencies.append(time.perf_counter() - start)
            if status // 100 == 2:
                self.sent += count
            else:
                self.refusals.append(f"HTTP {status}: {text[:200].decode(errors='replace')}")


class Bench:
    def __init__(self, folder):
        sys.path.insert(0, folder)
        import common
        import ingest
        import peers
        import query
        self.common, self.ingest, self.peers, self.query = common, ingest, peers, query
        self.queries = query.load_queries([os.path.join(folder, "queries.yml")])


def ask(bench, target, end, seconds):
    """Goes through the queries for a while; latencies in ms and CPU seconds of each."""
    client = bench.common.Client(target)
    latencies = {entry["id"]: [] for entry in bench.queries}
    cpu = {entry["id"]: [] for entry in bench.queries}
    begin = time.perf_counter()
    while True:
        for entry in bench.queries:
            method, path, body = bench.query.request_of(entry, end, False)
            before, start = bench.common.cpu_seconds(target.pid), time.perf_counter()
            status, text = client.send(method, path, body, bench.common.FORM if body else {})
            if status != 200:
                sys.exit(f"{entry['id']}: HTTP {status}: {text[:300]}")
            latencies[entry["id"]].append((time.perf_counter() - start) * 1e3)
            cpu[entry["id"]].append(bench.common.cpu_seconds(target.pid) - before)
        if time.perf_counter() - begin >= seconds:
            return latencies, cpu


def measure(options, bench, target):
    feed = Feed(bench, target, options.bodies)
    half = feed.meta["steps"] // 2
    count, seconds = feed.run(last_step=half)
    print(f"first half: {count} samples at {count / seconds:,.0f}/s", flush=True)
    bench.common.settle(target.pid)
    clock = bench.common.cpu_seconds
    limit = time.perf_counter() + options.seconds
    before = clock(target.pid)
    count, seconds = feed.run(rate=options.rate, until=lambda: time.perf_counter() > limit)
    alone = (clock(target.pid) - before) / count
    print(f"A: {count} samples at {count / seconds:,.0f}/s, {alone * 1e9:.0f} ns CPU a sample",
          flush=True)
    bench.common.settle(target.pid)
    end = (feed.meta["start_ms"] + half * feed.meta["step_ms"]) // 60_000 * 60
    ask(bench, target, end, 0)
    quiet, quiet_cpu = ask(bench, target, end, options.seconds / 2)
    bench.common.settle(target.pid)

    done = threading.Event()
    totals = []
    noise = bench.common.Noise(target.pid)
    before = clock(target.pid)
    feeder = threading.Thread(
        target=lambda: totals.append(feed.run(rate=options.rate, until=done.is_set)))
    feeder.start()
    busy, _ = ask(bench, target, end, options.seconds)
    done.set()
    feeder.join()
    cpu = clock(target.pid) - before
    of_queries = sum(statistics.median(quiet_cpu[name]) * len(busy[name]) for name in busy)
    count, seconds = totals[0]
    both = (cpu - of_queries) / count
    print(f"C: {count} samples at {count / seconds:,.0f}/s, {cpu:.1f} CPU s, of which "
          f"{of_queries:.1f} s are the queries' by B; {both * 1e9:.0f} ns CPU a sample; other "
          f"processes used {noise.percent():.0f}% of the machine")
    return report(bench, options, feed, alone, both, quiet, busy, count / seconds)


def report(bench, options, feed, alone, both, quiet, busy, rate):
    medians = {name: (statistics.median(quiet[name]), statistics.median(busy[name]))
               for name in quiet}
    print(bench.common.md_table(
        ["query", "alone ms", "with ingest ms", "ratio"],
        [[name, f"{one:.2f}", f"{two:.2f}", f"{two / one:.2f}"]
         for name, (one, two) in medians.items()]))
    one, two = (bench.query.gmean([pair[i] for pair in medians.values()]) for i in (0, 1))
    over = [name for name, (one, two) in medians.items() if two > 2 * one]
    print(f"geometric mean {one:.2f} ms alone, {two:.2f} ms with ingest: {two / one:.2f} "
          f"(bar 2); over 2: {', '.join(over) or 'none'}")
    print(f"CPU a sample {both / alone:.2f} of ingest alone (bar 1.3)")
    slow = sorted(feed.latencies)[int(len(feed.latencies) * .99)] * 1e3
    print(f"{len(feed.refusals)} writes refused {feed.refusals[:2]}; 99% of writes in {slow:.1f} ms")
    kept_pace = rate > 0.95 * options.rate
    if not kept_pace:
        print("the pace was not kept")
    return not feed.refusals and kept_pace and both <= 1.3 * alone and two <= 2 * one


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("--bench", required=True)
    parser.add_argument("--bodies", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--rate", type=float, default=200_000)
    parser.add_argument("--seconds", type=float, default=45)
    options = parser.parse_args()
    bench = Bench(options.bench)
    peer = bench.peers.Peer(options.server, options.work)
    try:
        fine = measure(options, bench, peer.start())
    finally:
        peer.stop()
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
