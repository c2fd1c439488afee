# SPDX-License-Identifier: Apache-2.0
"""The judge of a chaos run.  It compares four things that were written independently of each other: the
ledger of the senders, what the reader saw while everything died, what it sees afterwards, and the tables.

Findings are sentences; none means: nothing lost, nothing doubled, nothing out of order, nothing from nowhere.
"""
import collections
import os
import subprocess

import chain
import judge

FIELDS = ("topic part off kid answers guid type chaos technical final ori key sm3 made seen").split()
Record = collections.namedtuple("Record", FIELDS)
Sent = collections.namedtuple("Sent", "guid key kind part off ms")
Row = collections.namedtuple("Row", "topic part off idx dest kid sm3 verdict")
EXPECTED = {"good": {"OK"}, "poison": {"DATA_ERROR"}}
PARKED = "DATA_ERROR"


def record(line):
    r = Record(*line.rstrip("\n").split("\t"))
    return r._replace(part=int(r.part), off=int(r.off), made=int(r.made), seen=int(r.seen))


def records(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return [record(line) for line in file if line.endswith("\n")]


def ledger(path):
    with open(path) as file:
        rows = [Sent(*line.rstrip("\n").split("\t")) for line in file]
    return [r._replace(part=int(r.part), off=int(r.off), ms=int(r.ms)) for r in rows]


def place_of(kid):
    """(topic, partition, offset, index) of the input an output belongs to"""
    topic, part, off, idx = kid.rsplit("-", 3)
    return topic, int(part), int(off), int(idx)


class Live:
    """Follows the reader's file while the run goes on: what is wrong already needs no end of the run."""

    def __init__(self, path, prefix):
        self.path, self.prefix, self.at = path, prefix, 0
        self.kids, self.last, self.answered = set(), {}, set()
        self.visible = collections.defaultdict(list)  # partition -> [(made, seen)]
        self.findings = []

    def look(self):
        try:
            file = open(self.path, "rb")
        except FileNotFoundError:
            return self.findings
        with file:
            file.seek(self.at)
            data = file.read()
        end = data.rfind(b"\n") + 1
        self.at += end
        for line in data[:end].decode(errors="replace").splitlines():
            r = record(line)
            if ".in." not in r.topic and not r.topic.endswith(".journal"):
                self._output(r)
        return self.findings

    def _output(self, r):
        if r.kid == "-":
            self.findings.append(f"{r.topic}/{r.part}@{r.off}: an output without kid")
            return
        topic, part, off, idx = place_of(r.kid)
        if r.kid in self.kids:
            self.findings.append(f"{r.kid}: doubled on {r.topic}/{r.part}@{r.off}")
        self.kids.add(r.kid)
        way = (r.topic, r.part, topic, part)
        if self.last.get(way, (-1, -1)) >= (off, idx):
            self.findings.append(f"{r.kid}: out of order, after {self.last[way]} on {r.topic}/{r.part}")
        self.last[way] = max(self.last.get(way, (-1, -1)), (off, idx))
        if topic == f"{self.prefix}.in.checkpoint" and idx == 1:
            self.answered.add((part, off))
            self.visible[part].append((r.made, r.seen))

    def takeover(self, died_ms, part):
        """From a death to the first receipt of that partition made after it, in seconds."""
        for made, seen in self.visible[part]:
            if made > died_ms:
                return (seen - died_ms) / 1000
        return None


class Judge:
    def __init__(self, box, sent, final):
        self.box, self.sent = box, sent
        self.prefix = box.name
        self.inputs = {(r.topic, r.part, r.off): r for r in final if ".in." in r.topic}
        self.outputs = [r for r in final if ".in." not in r.topic and not r.topic.endswith(".journal")]
        self.rows = self._rows()
        self.verdicts = {(r.topic, r.part, r.off): r.verdict for r in self.rows if r.idx == 0}

    def _rows(self):
        text = self.box.psql(
            "SELECT concat_ws('|', t.name, m.part, m.off, m.idx, coalesce(d.name, ''), coalesce(m.header->>'kid', ''),"
            " encode(m.digest, 'hex'), coalesce(m.verdict, '')) FROM message m JOIN topic t ON t.id = m.topic"
            " LEFT JOIN topic d ON d.id = m.dest")
        rows = [Row(*line.split("|")) for line in text.splitlines()]
        return [r._replace(part=int(r.part), off=int(r.off), idx=int(r.idx)) for r in rows]

    def acknowledged(self):
        """What the broker acknowledged is in its log, and was processed."""
        found = []
        for s in self.sent:
            at = (f"{self.prefix}.in.checkpoint", s.part, s.off)
            if s.off < 0:
                continue
            if at not in self.inputs or self.inputs[at].guid != s.guid:
                found.append(f"{s.guid}: acknowledged at {s.part}@{s.off}, not there: the broker lost it")
            elif at not in self.verdicts:
                found.append(f"{s.guid}: lost, acknowledged at {s.part}@{s.off} and not processed")
        return found

    def archive(self):
        """Rows of both directions are exactly the committed records, byte for byte (by digest)."""
        found = []
        want = collections.Counter((r.topic, r.part, r.off, r.sm3) for r in self.inputs.values())
        have = collections.Counter((r.topic, r.part, r.off, r.sm3) for r in self.rows if r.idx == 0)
        found += [f"in the input, not in the archive: {x}" for x in want - have]
        found += [f"in the archive, not in the input: {x}" for x in have - want]
        want = collections.Counter((r.dest, r.kid, r.sm3) for r in self.rows if r.idx > 0 and r.dest)
        have = collections.Counter((r.topic, r.kid, r.sm3) for r in self.outputs)
        found += [f"lost: archived, not on its topic: {x}" for x in want - have]
        for x, n in (have - want).items():
            found.append(f"doubled: {n} more on its topic than archived: {x}" if x in want
                         else f"on a topic, not archived: {x}")
        return found

    def kids(self):
        """Each kid once; each message answered by index 1 and on without a hole."""
        found, indexes = [], collections.defaultdict(list)
        for kid, n in collections.Counter(r.kid for r in self.outputs).items():
            if n != 1:
                found.append(f"doubled: {kid} stands there {n} times")
            topic, part, off, idx = place_of(kid)
            indexes[topic, part, off].append(idx)
        for at, r in self.inputs.items():
            have = sorted(indexes.pop(at, []))
            if r.chaos != "-" and (not have or have != list(range(1, len(have) + 1))):
                found.append(f"{at} ({r.chaos}): answers {have}, expected 1 and on")
        found += [f"{at}: answers from nowhere: {have}" for at, have in indexes.items()]
        return found

    def receipts(self):
        """Exactly one final receipt an id: a repeat gets the same bytes again, whatever died in between."""
        found, answers = [], {r.kid: r for r in self.outputs}
        by_guid = collections.defaultdict(list)
        for at in sorted(self.inputs):
            if self.inputs[at].chaos in ("good", "repeat", "poison"):
                by_guid[self.inputs[at].guid].append(at)
        for guid, places in by_guid.items():
            # Three deaths on one message park it; unread, it has no id yet, and a repeat is the first then.
            read = [at for at in places if self.verdicts.get(at) != PARKED]
            given = [answers.get("-".join(map(str, (*at, 1)))) for at in read]
            if None in given:
                continue  # told by kids()
            if len({r.sm3 for r in given}) > 1:
                found.append(f"{guid}: {len(given)} receipts differ: {[r.kid for r in given]}")
            for at, r in zip(read, given):
                if r.technical != "1" or r.ori != guid or r.final != "1" and len(read) == len(places):
                    found.append(f"{guid}: {r.kid} is no final receipt for it")
            verdicts = [self.verdicts.get(at) for at in read]
            if verdicts and len(read) == len(places) and (verdicts[0] != "OK" or set(verdicts[1:]) - {"REPEAT"}):
                found.append(f"{guid}: verdicts {verdicts}, expected OK once, then REPEAT")
        return found

    def verdicts_fit(self):
        found = []
        for at, r in self.inputs.items():
            verdict = self.verdicts.get(at, "")
            if r.chaos in EXPECTED and verdict not in EXPECTED[r.chaos] | {PARKED, "REPEAT"}:
                found.append(f"{at}: {r.chaos} got {verdict}")
            if r.chaos in ("tampered", "garbage", "stranger") and verdict in ("OK", "REPEAT", ""):
                found.append(f"{at}: {r.chaos} got {verdict or 'nothing'}")
        return found

    def parked(self):
        """Innocent messages that died three times with their process."""
        return sum(r.chaos not in ("-", "poison") and self.verdicts.get(at) == PARKED for at, r in self.inputs.items())

    def order(self):
        """For each enterprise the receipts stand in the order of its messages, in one partition a topic."""
        found, last, where = [], {}, collections.defaultdict(set)
        for r in sorted(self.outputs, key=lambda r: (r.topic, r.part, r.off)):
            topic, part, off, idx = place_of(r.kid)
            way = (r.topic, r.part, topic, part)
            if last.get(way, (-1, -1)) >= (off, idx):
                found.append(f"out of order: {r.kid} after {last[way]} on {r.topic}/{r.part}")
            last[way] = (off, idx)
            where[r.topic, r.key].add(r.part)
        return found + [f"key {key} in partitions {parts}" for key, parts in where.items() if len(parts) > 1]

    def positions(self, control):
        """P and K are one behind the last data record, everywhere."""
        ends = {}
        for topic, part, off in self.inputs:
            ends[topic, part] = max(ends.get((topic, part), 0), off + 1)
        found, p_of = [], {}
        for line in self.box.psql("SELECT concat_ws('|', t.name, p.part, p.next_off, coalesce(p.owner, ''))"
                                  " FROM position p JOIN topic t ON t.id = p.topic").splitlines():
            topic, part, off, owner = line.split("|")
            p_of[topic, int(part)] = int(off)
            if owner:
                found.append(f"{topic}/{part}: still owned by {owner} after an ordinary end")
        found += [f"{at}: position {p_of.get(at)}, last record {end - 1}" for at, end in ends.items()
                  if p_of.get(at) != end]
        k_of = committed(self.box)
        found += [f"{at}: K is {k_of.get(at)}, P is {p_of[at]}" for at in ends
                  if not control and k_of.get(at) != p_of.get(at)]
        return found

    def tables(self):
        found = judge.tables(self.box)
        for what, sql in (
            ("serial given twice", "SELECT body->>'tripNo' FROM record WHERE kind = 'checkpoint' GROUP BY 1"
                                   " HAVING count(*) > 1"),
            ("accepted without inbox row",
             "SELECT m.topic || '/' || m.part || '@' || m.off FROM message m LEFT JOIN inbox i ON i.topic = m.topic"
             " AND i.part = m.part AND i.off = m.off WHERE m.idx = 0 AND m.verdict = 'OK' AND i.off IS NULL"
             " AND coalesce(m.header->>'type', '') <> 'TrustSwitch'"),
            ("record whose last writer has no archive row",
             "SELECT r.kind || ' ' || r.key FROM record r LEFT JOIN message m ON m.topic = r.topic AND m.part = r.part"
             " AND m.off = r.off AND m.idx = 0 WHERE m.off IS NULL"),
        ):
            found += [f"{what}: {row}" for row in self.box.psql(sql).splitlines()]
        return found

    def evidence(self):
        """The hash chain, recomputed from the tables by its description; and by the tool."""
        found = [f"chain: {text}" for text in chain.check(self.box)]
        done = self.box.kouan("evidence", "chain", check=False)
        return found + ([f"kouan evidence chain: {done.stdout}{done.stderr}"] if done.returncode != 0 else [])

    def of_records(self):
        return self.acknowledged() + self.kids() + self.archive() + self.receipts() + self.order() + self.verdicts_fit()

    def all(self, control=False):
        return self.of_records() + self.positions(control) + self.tables() + self.evidence()


def blind_spots(box, sent, final):
    """The judge judged: each of these mistakes, made in a copy of what was read, must be found."""
    good = {(r.topic, r.part, r.off, 1) for r in final if r.chaos == "good"}
    outs = [i for i, r in enumerate(final) if ".out." in r.topic and r.final == "1" and place_of(r.kid) in good]
    one = outs[len(outs) // 2]
    r = final[one]
    way = [i for i in outs if final[i][:2] == r[:2] and place_of(final[i].kid)[:2] == place_of(r.kid)[:2]]
    a, b = way[0], way[-1]
    swapped = list(final)
    swapped[a], swapped[b] = final[a]._replace(off=final[b].off), final[b]._replace(off=final[a].off)
    told = next(i for i, x in enumerate(final) if x.chaos == "good")
    cases = {
        "a receipt lost": final[:one] + final[one + 1:],
        "a receipt doubled": final + [r._replace(off=r.off + 1000000)],
        "a receipt with other bytes": final[:one] + [r._replace(sm3="0" * 64)] + final[one + 1:],
        "a receipt from nowhere": final + [r._replace(off=r.off + 1000000, kid=f"{box.name}.in.checkpoint-0-99999999-1")],
        "receipts out of order": swapped if a != b else [],
        "a receipt that is not final": final[:one] + [r._replace(final="0")] + final[one + 1:],
        "a message lost": final[:told] + final[told + 1:],
        "a message from nowhere": final + [final[told]._replace(off=99999999)],
    }
    return [f"the judge does not see {what}" for what, changed in cases.items()
            if not Judge(box, sent, changed).of_records()]


def in_topics(box):
    return [f"{box.name}.in.{t}" for t in ("checkpoint", "customs", "internal")]


def read_args(box):
    names = in_topics(box) + [f"{box.name}.{t}" for t in [*box.out_topics(), "customs.out", "dead", "journal"]]
    return ["--brokers", os.environ["KOUAN_BROKERS"], "--topics", ",".join(names)]


def committed(box):
    done = subprocess.run([box.bin / "kouan-chaos-read", "committed", "--brokers", os.environ["KOUAN_BROKERS"],
                           "--topics", ",".join(in_topics(box)), "--group", box.name], capture_output=True, text=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return {(t, int(p)): int(off) for t, p, off in rows}


def same(live, final):
    """What was seen while it happened is what is there afterwards: a committed record stays, where it is."""
    seen = {(r.topic, r.part, r.off): r.sm3 for r in live}
    there = {(r.topic, r.part, r.off): r.sm3 for r in final}
    return [f"seen while running, not there afterwards: {at}" for at in seen if seen[at] != there.get(at)] \
        + [f"there afterwards, not seen while running: {at}" for at in there if at not in seen]
