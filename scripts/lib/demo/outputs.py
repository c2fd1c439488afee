# SPDX-License-Identifier: Apache-2.0
"""What the engine said: receipts, dead letters, messages to customs, by the input they answer."""
import base64
import json
import threading
import xml.etree.ElementTree as ET

R = "{urn:kouan:receipt:1}"
DXP = "{http://www.chinaport.gov.cn/dxp}"


class Output:
    """One record of an output topic."""

    def __init__(self, record):
        self.topic, self.ts, self.payload = record["topic"], record["ts"], record["payload"] or ""
        # kid: topic-partition-offset-index of the input and the place in its answers
        self.kid = record["headers"].get("kid", "")
        topic, part, offset, index = self.kid.rsplit("-", 3)
        self.input, self.index = (topic, int(part), int(offset)), int(index)
        self.dead = record["headers"].get("type") == "DeadLetter"
        self.receipt = None
        self.letter = json.loads(self.payload) if self.dead else None
        if record["headers"].get("type") == "Receipt":
            self.receipt = Receipt(self.payload)

    @property
    def reply(self):
        """The one technical answer: row 1 of what an input caused."""
        return self.index == 1 and (self.dead or (self.receipt is not None and self.receipt.technical))


class Receipt:
    def __init__(self, text):
        root = ET.fromstring(text)
        if root.tag == DXP + "DxpMsg":
            root = ET.fromstring(base64.b64decode(root.findtext(DXP + "Data")))
        self.root = root
        self.technical = self.get("Head/receiptKind") == "technical"
        self.answers = self.get("Head/oriGuid")
        self.final = self.get("Head/final") == "true"
        self.code, self.text = self.get("resultCode"), self.get("returnInfo")
        self.error = self.get("errorName") or "OK"
        self.rule, self.field, self.detail = self.get("rule"), self.get("field"), self.get("detail")
        self.number = self.get("Keys/dataCenterNo")
        self.state, self.label = self.get("State/code"), self.get("State/label")
        self.errors = [{k: e.findtext(R + k) or "" for k in ("path", "rule", "code", "name", "text", "detail")}
                       for e in root.iterfind(f"{R}Errors/{R}Error")]
        self.trap, self.trap_text = self.get("Trap/name"), self.get("Trap/text")
        finding = root.find(R + "SignatureFinding")
        self.finding = None if finding is None else {k: finding.findtext(R + k) or "" for k in
                                                     ("expected", "found", "algorithm", "keyName")}

    def get(self, path):
        return self.root.findtext("/".join(R + p for p in path.split("/"))) or ""


class Outputs:
    """Fed by the reader's thread, asked by the demo."""

    def __init__(self):
        self.lock = threading.Lock()
        self.kids, self.doubled = set(), []
        self.by_input, self.by_guid, self.business, self.labels = {}, {}, {}, {}
        self.replies = 0
        self.last_ts = 0

    def heard(self, record):
        output = Output(record)
        with self.lock:
            if output.kid in self.kids:
                self.doubled.append(output.kid)
                return
            self.kids.add(output.kid)
            self.by_input.setdefault(output.input, []).append(output)
            self.last_ts = max(self.last_ts, output.ts)
            self.replies += output.reply and output.input[0].endswith("in.checkpoint")
            receipt = output.receipt
            if not receipt:
                return
            if receipt.state:
                self.labels[receipt.state] = receipt.label
            if receipt.technical and output.index == 1:
                self.by_guid.setdefault(receipt.answers, []).append(output)
            elif not receipt.technical:
                self.business.setdefault(receipt.number, []).append(receipt)

    def answered(self, guid):
        with self.lock:
            found = self.by_guid.get(guid)
            return found[0].receipt if found else None

    def states(self):
        """Last known state of each document, by what its customs receipts say."""
        with self.lock:
            return {number: receipts[-1].state for number, receipts in self.business.items()}
