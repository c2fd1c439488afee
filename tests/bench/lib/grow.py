# SPDX-License-Identifier: Apache-2.0
"""What becomes dearer, and what must not: size of a message, number of records, lanes, keys, allocators."""
import argparse
import json
import sys

import pair
import rig
import runs
import show
from rig import say

SIZES = (2500, 4500, 16384, 65536, 262144, 1000000, 4000000)
RECORDS = (0, 10000, 100000, 1000000)
ALLOCATORS = {"glibc": "", "mimalloc": "libmimalloc.so.2", "jemalloc": "libjemalloc.so.2"}
BIG = {"msg": {"msg.max_bytes": 5000000}, "xml": {"xml.max_elements": 400000}}

# What the engine's own statements would have written, in bulk: made of a real document of this run.
# Each has its record, its line in history, its id in the inbox; the archive is not what is asked for a key.
PREFILL = """
INSERT INTO record (kind, key, owner, state, version, body, topic, part, off)
SELECT r.kind, '1999' || lpad(g::text, 14, '0'), r.owner, r.state, 1,
       r.body || jsonb_build_object('tripNo', '1999' || lpad(g::text, 18, '0')), r.topic, r.part, -g
  FROM (SELECT * FROM record WHERE kind = 'checkpoint' ORDER BY key LIMIT 1) AS r, generate_series({a}, {b}) AS g;
INSERT INTO history (topic, part, seq, off, kind, key, version, state_from, state_to, event, "row", actor, at, chain)
SELECT h.topic, h.part, -g, -g, h.kind, '1999' || lpad(g::text, 14, '0'), 1, h.state_from, h.state_to, h.event, h."row",
       h.actor, h.at, h.chain
  FROM (SELECT * FROM history WHERE kind = 'checkpoint' ORDER BY key LIMIT 1) AS h, generate_series({a}, {b}) AS g;
INSERT INTO inbox (sender, msgid, digest, day, topic, part, off)
SELECT i.sender, upper(md5(g::text)::uuid::text), i.digest, i.day, i.topic, i.part, -g
  FROM (SELECT * FROM inbox ORDER BY sender, msgid LIMIT 1) AS i, generate_series({a}, {b}) AS g;
"""


def _row(name, row):
    line = {"name": name} | {k: row[k] for k in ("messages", "per_second", "r_us", "engine_us", "postgres_us",
                                                 "broker_us", "max_rss_kb", "batches")}
    say(show.grown(line))
    return line


def sizes(o, stack):
    """An installation of its own: limits are raised for it."""
    rows = []
    raised = argparse.Namespace(**vars(o) | {"set": [*o.set, *(f"{k}={v}" for keys in BIG.values() for k, v in keys.items())]})
    with pair.box_of(raised, pair.here(raised), "benchsize") as box:
        runs.warm(box)
        say(show.GROWN)
        for i, size in enumerate(SIZES):
            n = max(12, min(1500 if o.quick else 4000, (12_000_000 if o.quick else 80_000_000) // size))
            rows.append(_row(f"{size} bytes", runs.backlog(box, stack, n, 200 + i, size)) | {"bytes": size})
    return rows


def _prefill(box, have, want):
    for table in ("record", "history", "inbox"):
        if have == 0 and box.psql(f"SELECT count(*) FROM {table}") == "0":
            sys.exit(f"bench: nothing in {table} to multiply")
    step = 100000
    for a in range(have + 1, want + 1, step):
        box.psql(PREFILL.format(a=a, b=min(a + step - 1, want)))
    box.psql("VACUUM ANALYZE record, history, inbox")


def _scans(box):
    """Sequential scans of the large tables since the statistics began: a plan that grows shows here."""
    return int(box.psql("SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('record', 'history', 'inbox')"))


def records(o, box, stack, most):
    rows, have = [], 0
    n = 3000 if o.quick else 10000
    say(show.GROWN)
    for i, want in enumerate(sorted({w for w in RECORDS if w < most} | {most})):
        _prefill(box, have, want)
        have = want
        before = _scans(box)
        row = _row(f"{want} records beside", runs.backlog(box, stack, n, 300 + i)) | {"records": want}
        row["scans"] = _scans(box) - before
        if row["scans"] > 0:
            say(f"  {row['scans']} sequential scans of record, history or inbox: a plan is wrong")
        rows.append(row)
    return rows


def _variants(o):
    """name, options that differ, environment"""
    base = [("RSA in, ECDSA receipts", {"partner": "rsa"}, {}), ("P-256 in, RSA receipts", {"receipts": "rsa-sha256"}, {}),
            ("SM2 both ways", {"partner": "sm2", "receipts": "sm2-sm3"}, {}), ("2 lanes", {"lanes": 2}, {}),
            ("archive dictionaries", {"dictionary": True}, {})]
    if o.full:
        base += [("SM2 in, ECDSA receipts", {"partner": "sm2"}, {}), ("P-256 in, SM2 receipts", {"receipts": "sm2-sm3"}, {}),
                 ("cards in a shell, half 申报", {"shell": True, "declare": 50}, {}),
                 ("eport: our own verify", {}, {})]  # TO ADD: the same over xmlsec, once a partner's entry can ask for it
        base += [(f"allocator {name}", {}, {"LD_PRELOAD": lib} if lib else {}) for name, lib in ALLOCATORS.items() if rig.loads(lib)]
    return base


def matrix(o, stack):
    rows = []
    say(show.GROWN)
    for i, (name, changed, env) in enumerate(_variants(o)):
        varied = argparse.Namespace(**vars(o) | changed)
        side = pair.here(varied)
        side.env |= env
        with pair.box_of(varied, side, f"bench{chr(97 + i)}") as box:
            runs.warm(box)
            rows.append(_row(name, runs.backlog(box, stack, 3000 if o.quick else 10000, 400)))
    return rows
