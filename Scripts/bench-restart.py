#!/usr/bin/env python3
"""Kills a server at the end of an ingest and measures how soon it is ready again.

    bench-restart.py --bench DIR --bodies DIR --work DIR [--rounds N] \\
        'perch=command:PERCH serve --no-auth --listen {addr} --data {data},ready=/-/ready'

--bench is the folder of the metrics benchmark, whose load generator and server starter are used;
--bodies is what its generate.py wrote. Each round begins with an empty folder, sends all bodies as
fast as they are taken, and ends the server by SIGKILL right after the last answer. Then it is
started on the same folder. Exit status 1: a sample that was acknowledged is missing, a request was
refused, or the median of the rounds is over --bar seconds.
"""

import argparse
import json
import os
import re
import signal
import statistics
import sys
import urllib.request


def rows_kept(target):
    """Samples that the server says it keeps, stale markers too; None for another server."""
    try:
        with urllib.request.urlopen(target.url + "/metrics", timeout=60) as answer:
            found = re.search(r'^perch_store_rows\{store="series"\} (\S+)$',
                              answer.read().decode(), re.M)
    except OSError:
        return None
    return float(found.group(1)) if found else None


def one_round(number, options, bench):
    common, ingest, peers = bench
    peer = peers.Peer(options.server, options.work)
    try:
        target = peer.start()
        cold = peer.ready_s
        replay = ingest.Replay(target, options.bodies, 2)
        replay.run()
        os.kill(target.pid, signal.SIGKILL)
        peer.proc.wait()
        disk = common.disk_bytes(target.data)
        noise = common.machine_speed()
        target = peer.start(fresh=False)
        ready = peer.ready_s
        cpu = common.cpu_seconds(target.pid)
        memory = common.memory(target.pid)
        sent, kept = sum(replay.sent), rows_kept(target)
        check = ingest.check_counts(target, replay.meta)
        same = kept is None or kept == sent
        print(f"round {number}: ready in {ready:.2f} s (empty folder {cold:.2f} s), "
              f"{cpu:.2f} CPU s, peak {memory['peak']:.0f} MiB, {disk / 1e6:.0f} MB on disk; "
              f"{sent} acknowledged, {kept if kept is None else int(kept)} kept, "
              f"arrival check {check}, {replay.errors} errors, {replay.retries} retries, "
              f"machine {noise:.0f} MB/s", flush=True)
        return ready, same and check == "ok" and not replay.errors
    finally:
        peer.stop()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("--bench", required=True)
    parser.add_argument("--bodies", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bar", type=float, default=1.5)
    options = parser.parse_args()
    sys.path.insert(0, options.bench)
    import common
    import ingest
    import peers
    with open(os.path.join(options.bodies, "meta.json")) as file:
        meta = json.load(file)
    print(f"profile {meta['profile']}: {meta['samples']} samples of {meta['created_series']} series")
    results = [one_round(number + 1, options, (common, ingest, peers))
               for number in range(options.rounds)]
    median = statistics.median(ready for ready, _ in results)
    whole = all(ok for _, ok in results)
    print(f"median {median:.2f} s, bar {options.bar} s; "
          f"{'nothing lost' if whole else 'SAMPLES LOST OR REFUSED'}")
    sys.exit(0 if whole and median <= options.bar else 1)


if __name__ == "__main__":
    main()
