# SPDX-License-Identifier: Apache-2.0
"""The hash chain recomputed from the tables by docs/EVIDENCE.md alone: knows nothing of the engine's code."""
import hashlib
import json


def sm3(data):
    return hashlib.new("sm3", data).digest()


def field(value):
    if value is None:
        return b"-,"
    data = value if isinstance(value, bytes) else str(value).encode()
    return b"%d:%s," % (len(data), data)


def line(tag, values):
    return tag + b"".join(map(field, values)) + b"\n"


def rows(box, sql):
    text = box.psql(f"SELECT coalesce(json_agg(r), '[]') FROM ({sql}) AS r")
    return json.loads(text)


def entries(box):
    """{(topic, part): [(offset, entry, head as stored)]}"""
    messages = rows(box, """
        SELECT t.name AS topic, m.part, m.off, m.idx, d.name AS dest, encode(m.key, 'hex') AS key, m.header::text AS header,
               encode(m.digest, 'hex') AS sm3, floor(extract(epoch FROM m.at) * 1000)::bigint AS at, m.verdict, m.rules,
               m.trust, m.reads, encode(m.chain, 'hex') AS chain
        FROM message m JOIN topic t ON t.id = m.topic LEFT JOIN topic d ON d.id = m.dest
        ORDER BY m.topic, m.part, m.off, m.idx""")
    history = rows(box, """
        SELECT t.name, h.*, floor(extract(epoch FROM h.at) * 1000)::bigint AS ms
        FROM history h JOIN topic t ON t.id = h.topic ORDER BY h.topic, h.part, h.seq""")
    lines = {}
    for h in history:
        lines.setdefault((h["name"], h["part"], h["off"]), b"")
        lines[h["name"], h["part"], h["off"]] += line(b"H", [
            h["name"], h["part"], h["seq"], h["off"], h["kind"], h["key"], h["version"], h["state_from"], h["state_to"],
            h["event"], h["row"], h["actor"], h["ms"]])
    found = {}
    for m in messages:
        text = line(b"M", [
            m["topic"], m["part"], m["off"], m["idx"], m["dest"], None if m["key"] is None else bytes.fromhex(m["key"]),
            m["header"], m["sm3"], m["at"], m["verdict"], m["rules"], m["trust"],
            None if m["reads"] is None else json.dumps(m["reads"], separators=(",", ":"), ensure_ascii=False)])
        chain = found.setdefault((m["topic"], m["part"]), [])
        if m["idx"] == 0:
            chain.append([m["off"], b"kouan entry 1\n" + text + lines.pop((m["topic"], m["part"], m["off"]), b""),
                          m["chain"]])
        else:
            chain[-1][1] += text
    assert not lines, f"history without a message: {list(lines)[:3]}"
    return found


def link(before, entry):
    return sm3(b"kouan link 1\n" + before + sm3(entry))


def check(box):
    """Sentences; empty: every head is what its rows make."""
    wrong = []
    positions = {(r["topic"], r["part"]): r["chain"] for r in rows(box, """
        SELECT t.name AS topic, p.part, encode(p.chain, 'hex') AS chain FROM position p JOIN topic t ON t.id = p.topic
        WHERE p.last_off IS NOT NULL""")}
    for (topic, part), chain in entries(box).items():
        head = bytes(32)
        for off, entry, stored in chain:
            head = link(head, entry)
            if head.hex() != stored:
                wrong.append(f"{topic}/{part}/{off}: {stored} is stored, {head.hex()} computed")
                head = bytes.fromhex(stored)
        if positions.pop((topic, part), None) != head.hex():
            wrong.append(f"{topic}/{part}: the position has another head")
    return wrong + [f"{p}: no messages" for p in positions]
