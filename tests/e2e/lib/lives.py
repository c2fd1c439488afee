# SPDX-License-Identifier: Apache-2.0
"""A short history with something of everything: a life from staging to approval, repeats, refusals, another
enterprise, a wrong key, nobody's bytes.  For tests of what is kept of it."""
import json
import re
import subprocess

import judge
import load
from sandbox import run


def make(box, *args):
    out = run([box.bin / "kouan", "make", "--pki", box.dir, "--ndjson", *args]).stdout
    return [json.loads(line) for line in out.splitlines()]


def send(box, messages, topic="in.checkpoint"):
    for m in messages:
        load.publish(box, topic, [(m["guid"], m["key"], m["message"])], [f"sender={m['sender']}"])


def customs(box):
    log = open(box.dir / "customs.log", "a")
    process = subprocess.Popen([box.bin / "kouan", "customs", "--config", box.dir / "kouan.ini"],
                               stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    process.instance = "customs"
    box.engines.append(process)
    return process


def number_of(box, guid):
    """Key of the document that the message made."""
    return box.psql("SELECT h.key FROM inbox i JOIN history h ON h.topic = i.topic AND h.part = i.part"
                    f" AND h.off = i.off WHERE i.msgid = '{guid}' LIMIT 1")


def declared(box, timeout=60):
    """A document approved by customs; its number and what was sent."""
    stage = make(box, "--type", "CKStageMessage")[0]
    send(box, [stage])
    number = box.wait("staged", lambda: number_of(box, stage["guid"]), timeout)
    declare = make(box, "--type", "CKDeclareMessage", "--unset", "Declaration", "--set",
                   f"Declare/dataCenterNo={number}")[0]
    send(box, [declare])
    box.wait("approved", lambda: box.psql(
        f"SELECT state FROM record WHERE kind = 'checkpoint' AND key = '{number}'") == "S05", timeout)
    return number, stage, declare


def others(box, number, stage):
    """Messages that leave no document: n of them."""
    other = make(box, "--type", "CKStageMessage", "--guid", stage["guid"], "--set", "Declaration/remark=x")[0]
    view = make(box, "--type", "CKViewMessage", "--bare", "--portal", "ENTE02", "--enterprise", "2", "--set",
                f"View/dataCenterNo={number}")[0]
    bad = make(box, "--type", "CKStageMessage")[0]
    bad["message"] = re.sub(r"<ds:SignatureValue>....", "<ds:SignatureValue>AAAA", bad["message"], count=1)
    late = make(box, "--type", "CKStageMessage", "--skew", "-400")[0]
    send(box, [stage, other, view, bad, late])
    wrong = make(box, "--type", "CKCustomsMessage", "--bare", "--portal", "CUSTOMS", "--set",
                 f"Customs/dataCenterNo={number}", "--set", "Customs/code=41", "--set", "Customs/receiptId=R-STRANGE",
                 "--set", "Customs/customsTime=2099-01-01T00:00:00+08:00")[0]
    load.publish(box, "in.customs", [(wrong["guid"], "MA0000066", wrong["message"])], ["sender=CUSTOMS"])
    load.publish(box, "in.checkpoint", [("", "MA0000410", "no xml at all")], ["traceparent=00-ab-cd-01"])
    return 7


def short_history(box):
    """An engine runs; returns (number, stage, declare) when all is settled and published."""
    number, stage, declare = declared(box)
    before = box.settled()
    extra = others(box, number, stage)
    box.wait("others settled", lambda: box.settled() == before + extra)
    box.wait("published", lambda: len(judge.answers(box.receipts("ENTE02"))) > 0)
    return number, stage, declare


def show(results):
    """Prints (name, ok, detail) rows; the exit code."""
    for name, ok, detail in results:
        print(f"ok - {name}" if ok else f"not ok - {name}\n# {str(detail)[:1500]}")
    bad = sum(not ok for _, ok, _ in results)
    print(f"{len(results) - bad} passed, {bad} failed")
    return 1 if bad else 0
