# SPDX-License-Identifier: Apache-2.0
"""The judge of exactly-once: reads topics (read_committed) and tables, knows nothing of the engine.

Findings are sentences; an empty list means: nothing lost, nothing doubled, order kept, archive and
topic agree, history without holes, positions where they must be.
"""
import base64
import collections
import hashlib
import re

GUID = re.compile(r'\bguid="([0-9A-F-]{36})"')
ORI = re.compile(r"<rcp:oriGuid>([^<]*)</rcp:oriGuid>")
FINAL = re.compile(r"<rcp:final>([^<]*)</rcp:final>")
DATA = re.compile(r"<dxp:Data>([^<]*)</dxp:Data>")
KIND = re.compile(r"<rcp:receiptKind>([^<]*)</rcp:receiptKind>")


def sm3(text):
    return hashlib.new("sm3", text.encode()).hexdigest()


def _first(pattern, text):
    found = pattern.search(text)
    return found.group(1) if found else ""


Facts = collections.namedtuple("Facts", "technical guid final sm3")


def _facts(record):
    """What the checks look at in a payload."""
    if "facts" in record:
        return record["facts"]
    text = record["payload"]
    shell = DATA.search(text)
    if shell:  # a receipt in a shell: what it says stands inside, its bytes are the whole
        said = base64.b64decode(shell.group(1)).decode()
        return Facts(_first(KIND, said) == "technical", _first(ORI, said), _first(FINAL, said) == "true", sm3(text))
    return Facts(_first(KIND, text) == "technical", _first(ORI, text), _first(FINAL, text) == "true", sm3(text))


def brief(record):
    """A record without its payload, so that hundreds of thousands fit in memory."""
    return {"topic": record["topic"], "partition": record["partition"], "offset": record["offset"],
            "key": record.get("key"), "headers": {"kid": record["headers"].get("kid", "")},
            "facts": _facts(record)}


def answers(records):
    """Technical receipts by the guid they answer, in topic order."""
    by_guid = collections.defaultdict(list)
    for record in records:
        facts = _facts(record)
        if facts.technical:
            by_guid[facts.guid].append(record)
    return by_guid


def once(ledger, records):
    """ledger: [(guid, key)] as acknowledged by the broker, first sending only."""
    found, by_guid = [], answers(records)
    for guid, _ in ledger:
        n = len(by_guid.get(guid, []))
        if n != 1:
            found.append(f"{guid}: {n} receipts, expected 1")
        elif not _facts(by_guid[guid][0]).final:
            found.append(f"{guid}: receipt is not final")
    known = {guid for guid, _ in ledger}
    found += [f"{guid}: receipt from nowhere" for guid in by_guid if guid not in known]
    return found


def unique_kids(records):
    kids = collections.Counter(r["headers"].get("kid", "") for r in records)
    return [f"kid {kid}: {n} records" for kid, n in kids.items() if n != 1 or not kid]


def ordered(records):
    """Outputs of one input partition never step back in (offset, idx), per output partition."""
    found, last = [], {}
    for r in records:
        topic, part, off, idx = r["headers"]["kid"].rsplit("-", 3)
        place = (r["topic"], r["partition"], topic, part)
        now = (int(off), int(idx))
        if last.get(place, (-1, -1)) >= now:
            found.append(f"{r['headers']['kid']}: after {last[place]}")
        last[place] = now
    return found


def key_order(ledger, records):
    """Receipts of one enterprise come in the order its messages were sent."""
    place = {guid: i for i, (guid, _) in enumerate(ledger)}
    found, last = [], {}
    for r in records:
        facts = _facts(r)
        guid = facts.guid
        if guid not in place or not facts.technical:
            continue
        key = (r["partition"], r.get("key"))
        if place[guid] < last.get(key, -1):
            found.append(f"{guid}: answered after a later message of {r.get('key')}")
        last[key] = place[guid]
    return found


def archive(box, records, topics):
    """Every outgoing archive row is on its topic with the same bytes, and nothing else is."""
    names = ",".join(f"'{box.name}.{t}'" for t in topics)
    rows = box.psql("SELECT t.name || '|' || (m.header->>'kid') || '|' || encode(m.digest, 'hex') "
                    f"FROM message m JOIN topic t ON t.id = m.dest WHERE t.name IN ({names})")
    want = collections.Counter(rows.splitlines() if rows else [])
    have = collections.Counter(f"{r['topic']}|{r['headers'].get('kid')}|{_facts(r).sm3}"
                               for r in records)
    return [f"archived, not on its topic: {row}" for row in want - have] \
        + [f"on a topic, not archived: {row}" for row in have - want]


def tables(box):
    found = []
    for what, sql in (
        ("history with a hole",
         "SELECT kind || ' ' || key FROM history GROUP BY kind, key "
         "HAVING max(version) <> count(*) OR min(version) <> 1"),
        ("record and history disagree",
         "SELECT r.kind || ' ' || r.key FROM record r LEFT JOIN (SELECT kind, key, max(version) v "
         "FROM history GROUP BY kind, key) h USING (kind, key) WHERE h.v IS DISTINCT FROM r.version"),
        ("sequence with a hole",
         "SELECT topic || '/' || part FROM history GROUP BY topic, part "
         "HAVING max(seq) <> count(*)"),
        ("position is not behind the last message",
         "SELECT p.topic || '/' || p.part FROM position p WHERE p.last_off IS NOT NULL AND "
         "(p.next_off <> p.last_off + 1 OR p.last_off <> (SELECT max(off) FROM message m "
         "WHERE m.topic = p.topic AND m.part = p.part AND m.idx = 0))"),
        ("inbox row without its message",
         "SELECT i.sender || ' ' || i.msgid FROM inbox i LEFT JOIN message m ON m.topic = i.topic "
         "AND m.part = i.part AND m.off = i.off AND m.idx = 0 WHERE m.off IS NULL"),
    ):
        found += [f"{what}: {row}" for row in box.psql(sql).splitlines()]
    return found


def all_findings(box, ledger, partners):
    topics = [f"out.{p}" for p in partners] + ["customs.out", "dead"]
    records = [brief(r) for t in topics for r in box.stream(t)]
    receipts = [r for r in records if ".out." in r["topic"] and not r["topic"].endswith("customs.out")]
    return once(ledger, receipts) + unique_kids(records) + ordered(records) \
        + key_order(ledger, receipts) + archive(box, records, topics) + tables(box)
