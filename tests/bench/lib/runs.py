# SPDX-License-Identifier: Apache-2.0
"""One installation under load: a backlog worked off, latency at a rate, the floor beside them.

Whatever is lost, doubled or refused ends the bench with exit code 1: figures of a broken run are none."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import proc
import rig

WARM = 1000
ALG_NAME = {"ecdsa-sha256": "ECDSA P-256", "rsa-sha256": "RSA-2048", "sm2-sm3": "SM2"}
STACK_ROW = ("postgres", "broker")


def load_of(o, **more):
    load = {"family": o.partner, "receipts": o.receipts, "enterprises": o.enterprises, "shell": o.shell,
            "declare": o.declare, "bytes": o.bytes, "dictionary": o.dictionary}
    return load | more


def run_floor(o, bin_dir, folder, sizes=False):
    args = [pathlib.Path(bin_dir) / "kouan-bench-floor", "--root", rig.ROOT, "--json", folder / "floor.json",
            "--bytes", str(o.bytes), "--round-ms", "8"] + (["--sizes"] if sizes else [])
    done = subprocess.run(args, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return json.loads((folder / "floor.json").read_text()), done.stdout


def floor_of(rows, load):
    """What the message of this load costs at least: verify and validate, write and sign the receipt."""
    by = {(r["group"].split(",")[0] + (" shell" if "shell" in r["group"] else ""), r["step"]): r["us"] for r in rows}
    rest = "the rest of the way"
    return {"r": rows[0]["us"],
            "verify_validate": by[(load["family"] + (" shell" if load["shell"] else ""), "whole: verify + validate")],
            "receipt": by[(rest, "receipt written")] + by[(rest, f"receipt signed, {ALG_NAME[load['receipts']]}")]}


class Yard:
    """R while the load runs."""

    def __init__(self, bin_dir):
        self.program, self.r = pathlib.Path(bin_dir) / "kouan-bench-floor", 0.0

    def __enter__(self):
        self.process = subprocess.Popen([self.program, "--yard"], stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *what):
        self.process.terminate()
        samples = [float(line) for line in self.process.communicate()[0].split()]
        self.r = statistics.median(samples) if samples else 0.0
        return False


def stack_cpu(stack):
    return {"postgres": proc.tree_cpu_us(stack.pg_pid), "broker": proc.cpu_us(stack.kafka_pid)}


def start_engine(box):
    os.environ.update(box.env)
    try:
        return box.engine()
    finally:
        for key in box.env:
            os.environ.pop(key, None)


def idle_engine(box):
    """An engine that has its partitions and nothing to do."""
    box.fresh_stats()
    engine = start_engine(box)
    box.ready(engine)
    box.wait("engine's first counters", lambda: box.stats(), timeout=30)
    time.sleep(1.1)
    return engine


def engine_us(stats):
    return stats["user_us"] + stats["system_us"]


def warm(box):
    """Fills caches and plans, and tells what starting alone costs."""
    engine = idle_engine(box)
    box.start_us = engine_us(box.stats())
    box.send(WARM, box.dir / "warm.tsv", seed=99)
    box.wait("warm-up", lambda: rig.counter(box.stats(), "outputs") >= WARM, timeout=120)
    box.stop(engine)
    check(box, WARM)
    if box.load["dictionary"]:
        box.kouan("dictionary", "train")


def check(box, sent):
    """Nothing is refused or lost behind the figures' back; sent: messages since the last check."""
    box.sent += sent
    found = verdicts(box)
    dead = sum(1 for _ in box.stream("dead"))
    if found != {"OK": box.sent} or dead:
        sys.exit(f"bench: {box.sent} good messages were sent, the archive has {found}, {dead} dead letters")


def verdicts(box):
    rows = box.psql("SELECT verdict, count(*) FROM message WHERE idx = 0 GROUP BY 1 ORDER BY 2 DESC")
    return {verdict: int(n) for verdict, n in (line.split("|") for line in rows.splitlines())}


def perf_start(folder, stack, engine):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    children = subprocess.run(["pgrep", "-P", str(stack.pg_pid)], capture_output=True, text=True).stdout.split()
    return [subprocess.Popen(["perf", "record", "-q", "-F", "499", "--call-graph", "dwarf,8192", "-o", folder / f"{name}.data", "-p", pids],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name, pids in (("engine", str(engine.pid)), ("postgres", ",".join(children)))]


def read_back(box, n, ledger):
    reader = box.receive(n, ledger, "--all")
    seen = json.loads(reader.communicate()[0].splitlines()[-1])
    if seen["receipts"] != n:
        sys.exit(f"bench: {seen['receipts']} receipts for {n} messages")
    return seen


def backlog(box, stack, n, seed, size=None, perf=None, timeout=1800):
    """n messages lie there; an engine starts and works them off."""
    ledger = box.dir / f"ledger-{seed}.tsv"
    sent = box.send(n, ledger, seed=seed, size=size)
    box.fresh_stats()
    before = stack_cpu(stack)
    engine = start_engine(box)
    profilers = []
    if perf:
        box.wait("first batch", lambda: rig.counter(box.stats(), "messages") > 0, timeout=60)
        profilers = perf_start(perf, stack, engine)
    with Yard(box.bin) as yard:
        box.wait("backlog worked off", lambda: rig.counter(box.stats(), "messages") >= n
                 and rig.counter(box.stats(), "outputs") >= n, timeout=timeout, every=0.1)
    after = stack_cpu(stack)
    rss = {"engine": proc.rss_kb(engine.pid), "broker": proc.rss_kb(stack.kafka_pid)}
    for p in profilers:
        p.terminate()
        p.wait()
    stats = box.stats()
    box.stop(engine)
    seen = read_back(box, n, ledger)
    check(box, n)
    seconds = max(0.001, (seen["last_ms"] - seen["first_ms"]) / 1000)
    row = {"messages": n, "seconds": seconds, "r_us": yard.r, "per_second": n / seconds, "send": sent,
           "batches": rig.counter(stats, "batches"), "rss_kb": rss, "max_rss_kb": stats["max_rss_kb"],
           "engine_us": (engine_us(stats) - box.start_us) / n}
    row |= {f"{name}_us": (after[name] - before[name]) / n for name in STACK_ROW}
    row["stages_us"] = {name: sum(lane["cpu_us"][name] for lane in stats["lanes"]) / n
                        for name in stats["lanes"][0]["cpu_us"]}
    row["stages_us"]["rest"] = row["engine_us"] - sum(us for name, us in row["stages_us"].items() if name != "answer")
    return row


def latency(box, rate, seconds=12):
    n = max(200, min(int(rate * seconds), 20000))
    engine = idle_engine(box)
    # A producer meets each topic of receipts for the first time slowly: that is start, not latency.
    box.send(WARM, box.dir / "warm2.tsv", seed=98)
    box.wait("warm-up", lambda: rig.counter(box.stats(), "outputs") >= WARM, timeout=120)
    time.sleep(1.1)
    ledger = box.dir / "latency.tsv"
    reader = box.receive(n, ledger)
    if reader.stdout.readline().strip() != "ready":
        sys.exit("bench: the reader of receipts did not start")
    box.send(n, ledger, seed=77, rate=rate)
    seen = json.loads(reader.communicate()[0].splitlines()[-1])
    if seen["receipts"] != n:
        sys.exit(f"bench: {seen['receipts']} receipts for {n} messages")
    box.stop(engine)
    check(box, WARM + n)
    return {"rate": rate, "messages": n, **seen}
