# SPDX-License-Identifier: Apache-2.0
"""Messages as a portal or an enterprise would write them; signing is left to the kouan tool (tool.py)."""
import base64
import dataclasses
import datetime
import hashlib
import random
import uuid
from xml.sax.saxutils import escape

from place import ENGINE_ID

CK = "urn:kouan:checkpoint:1"
DXP = "http://www.chinaport.gov.cn/dxp"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
OPERATIONS = {"CKStageMessage": "暂存", "CKDeclareMessage": "申报", "CKDeleteMessage": "删除",
              "CKViewMessage": "查看", "CKReceiptsMessage": "查看回执", "CKCustomsMessage": "海关回执"}


@dataclasses.dataclass
class Message:
    """One record for the broker, and what must come back."""
    what: str                      # in words
    type: str                      # root element
    guid: str
    sender: str                    # partner that signs the outermost layer
    key: str                       # record key: organisation code
    body: str = ""                 # business message, not signed yet
    card: dict = None              # signs the body inside a shell
    signer: dict = None            # signs body (bare) or shell
    shell: bool = False
    headers: dict = dataclasses.field(default_factory=dict)
    topic: str = "in.checkpoint"
    bytes: bytes = b""
    expect: str = "OK"             # name of the error table
    trap: str = ""                 # the known mistake that the receipt must name
    rules: tuple = ()              # rule ids that must stand in the receipt
    state: str = ""                # state code that must stand in the receipt
    dead: bool = False             # no receipt: nobody is known to send it to
    parked: bool = False           # receipt that is not final, and a dead letter
    same_as: object = None         # a repetition: the very receipt of that message
    late: tuple = ()               # edits of the signed text
    inner_late: tuple = ()         # edits of the signed business message, before the shell
    raw: bytes = None              # these bytes, whatever the rest says
    wrap: object = None            # makes another shell around the business message than usual

    @property
    def alone(self):
        """Must be found again by more than its guid."""
        return bool(self.headers or self.expect != "OK" or self.same_as)


def guid():
    return str(uuid.uuid4()).upper()


def now(shift=0):
    return (datetime.datetime.now(CHINA) + datetime.timedelta(seconds=shift)).strftime(
        "%Y-%m-%dT%H:%M:%S+08:00")


def container(serial, owner="KNZU"):
    """ISO 6346 number with its check digit."""
    text = f"{owner}{serial:06d}"
    # 11, 22 and 33 are left out of the letters' values
    values = {}
    value = 10
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        value += value % 11 == 0
        values[letter] = value
        value += 1
    total = sum((values[c] if c.isalpha() else int(c)) * 2 ** i for i, c in enumerate(text))
    return f"{text}{total % 11 % 10}"


def elements(values):
    return "".join(f"<ck:{k}>{escape(str(v))}</ck:{k}>" for k, v in values.items())


def declaration(values, rows):
    inside = "".join(f"<ck:Row>{elements(row)}</ck:Row>" for row in rows)
    return f"<ck:Declaration>{elements(values)}<ck:Rows>{inside}</ck:Rows></ck:Declaration>"


def sample(n):
    """Header and rows of a good declaration; n picks one of the usual kinds."""
    rng = random.Random(n)
    head = {"customsCode": ("8001", "2201", "2248")[n % 3], "bindMediumType": "VN",
            "bindMediumInfo": f"渝A{rng.randrange(10000, 99999)}", "businessType": "1000000000",
            "transportMode": "4", "ieFlag": "IE"[n % 2], "passType": f"0{n % 4 + 1}",
            "vehicleWeight": rng.randrange(7000, 15000), "trailerWeight": rng.randrange(0, 7000),
            "containerWeight": rng.choice((0, 2200, 3800))}
    row = {"bindObjectType": "C", "bindObjectId": container(100000 + n), "voyageNo": f"HY{n:06d}",
           "businessType": "1000000000"}
    if n % 4 == 1:
        head["transportMode"] = "2"
        row = {"bindObjectType": "B", "bindObjectId": f"BL{n:08d}", "shipName": "长江一号",
               "voyageNo": f"V{n:04d}E", "businessType": "1000000000", "billType": "1",
               "goodsWeight": rng.randrange(1000, 28000)}
    rows = [row]
    if n % 4 == 2:
        rows.append({"bindObjectType": "VC", "bindObjectId": f"5000{n:06d}", "voyageNo": f"HY{n:06d}",
                     "businessType": "0000100000", "containerNo1": container(200000 + n),
                     "containerNo2": container(300000 + n), "lockNos1": f"S{n:05d}|S{n:05d}B"})
    return head, rows


def business(kind, sender, content, card=None, user="demo", id=None, shift=0, head=()):
    """A business message; head: further or other elements of the head."""
    id = id or guid()
    values = {"senderId": sender, "receiverId": ENGINE_ID, "createTime": now(shift), "userName": user}
    if card:
        values["cardNo"] = card["number"]
    values.update(head)
    return id, (f'<ck:{kind} xmlns:ck="{CK}" guid="{id}" version="1.0"><ck:Head>{elements(values)}</ck:Head>'
                f"{content}</ck:{kind}>")


def which(part, number, confirm=None):
    values = {"dataCenterNo": number}
    if confirm:
        values["confirm"] = confirm
    return f"<ck:{part}>{elements(values)}</ck:{part}>"


def by_card(kind, portal, card, content, what="", **more):
    """Signed by the card, carried in a shell the portal signs."""
    fields = {k: more.pop(k) for k in list(more) if k in Message.__dataclass_fields__}
    id, body = business(kind, portal["id"], content, card=card, **more)
    return Message(what or f"{OPERATIONS[kind]}, {portal['id']}, card {card['number']}", kind, id, portal["id"],
                   card["orgcode"], body, card=card, signer=portal, shell=True, **fields)


def by_enterprise(kind, enterprise, content, what="", **more):
    """Bare: signed by the enterprise's own key."""
    fields = {k: more.pop(k) for k in list(more) if k in Message.__dataclass_fields__}
    id, body = business(kind, enterprise["id"], content, **more)
    return Message(what or f"{OPERATIONS[kind]}, {enterprise['id']}", kind, id, enterprise["id"],
                   enterprise["orgcode"], body, signer=enterprise, **fields)


def by_customs(customs, key, number, receipt, code, what, time=None, **fields):
    time = time or datetime.datetime.now(CHINA).strftime("%Y%m%d%H%M%S")
    values = {"dataCenterNo": number, "receiptId": receipt, "code": code, "customsTime": time}
    id, body = business("CKCustomsMessage", customs["id"], f"<ck:Customs>{elements(values)}</ck:Customs>")
    return Message(what, "CKCustomsMessage", id, customs["id"], key, body, signer=customs,
                   topic="in.customs", **fields)


def shell(kind, sender, data, receiver=ENGINE_ID, named=None):
    return (f'<dxp:DxpMsg xmlns:dxp="{DXP}" ver="1.0"><dxp:TransInfo><dxp:CopMsgId>{guid()}</dxp:CopMsgId>'
            f"<dxp:SenderId>{sender}</dxp:SenderId><dxp:ReceiverIds><dxp:ReceiverId>{receiver}</dxp:ReceiverId>"
            f"</dxp:ReceiverIds><dxp:CreatTime>{now()}</dxp:CreatTime><dxp:MsgType>{named or kind}</dxp:MsgType>"
            f"</dxp:TransInfo><dxp:Data>{base64.b64encode(data).decode()}</dxp:Data></dxp:DxpMsg>")


def edit(data, edits):
    """Each edit is (old, new) or a function; one that changes nothing is a mistake of ours."""
    for one in edits:
        after = one(data) if callable(one) else data.replace(one[0].encode(), one[1].encode(), 1)
        if after == data:
            raise ValueError(f"edit changes nothing: {one}")
        data = after
    return data


def short_hash(data):
    return hashlib.sha256(data).hexdigest()[:12]
