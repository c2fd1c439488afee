# SPDX-License-Identifier: Apache-2.0
"""Messages that must be refused, one of every kind, each with what must come back.

TO ADD ONE: a line in the function its kind belongs to.  The name of the error is that of the engine's
error table; the judge compares it, the rule ids and the place (receipt, dead letter) with what came.
"""
import base64
import dataclasses
import datetime
import re

import tool
from messages import (CHINA, Message, by_card, by_customs, by_enterprise, container, declaration, edit,
                      guid, sample, shell, which)
from place import DIR
from traps import traps

DOCTYPE = b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'
BOMB = (b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        + b"]><b>&j;</b>")
LONG = "备" * 1001


def good(n=900):
    return declaration(*sample(n))


# --- bytes --------------------------------------------------------------------------------------------

def bytes_that_are_no_message(keys):
    portal, card = keys.portals[0], keys.operators[0]

    def raw(what, data, expect, **more):
        return Message(what, "", "", portal["id"], card["orgcode"], raw=data, expect=expect, **more)

    named = {"headers": {"sender": portal["id"]}}
    whole = by_card("CKStageMessage", portal, card, good(), "DOCTYPE in front of a signed message", expect="XML_DOCTYPE",
                    late=(lambda d: DOCTYPE + d,), **named)
    huge = b"<x>" + b"0123456789" * 1_000_000 + b"</x>"
    deep = b"<a>" * 300 + b"</a>" * 300
    return [
        raw("not XML", b"This is not XML at all.", "XML_MALFORMED", **named),
        raw("not XML, and nobody is named", b"Neither is this.", "XML_MALFORMED", dead=True),
        whole,
        raw("entity bomb (10^9 characters)", BOMB, "XML_DOCTYPE", **named),
        raw("message of 10 MB", huge, "XML_TOO_BIG", **named),
        raw("elements 300 deep", deep, "XML_LIMIT", **named),
        raw("processing instruction", b"<?php echo 1?><x/>", "XML_PI", **named),
        raw("bytes that are no UTF-8", b"<x>\xff\xfe\xfa</x>", "XML_MALFORMED", **named),
    ]


# --- signatures ---------------------------------------------------------------------------------------

def value_of_another_key(message, other):
    """The signature value a different key of the same kind makes over the same bytes."""
    def swap(data):
        foreign = tool.sign(message.body.encode(), other)
        find = re.compile(rb"<ds:SignatureValue>[^<]*</ds:SignatureValue>")
        return find.sub(find.search(foreign).group(0), data, count=1)
    return swap


def sha1(data):
    """What a program of 2013 writes, in form: RSA with SHA-1."""
    data = edit(data, [("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
                       ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")])
    return re.sub(rb"<ds:DigestValue>[^<]*", b"<ds:DigestValue>" + base64.b64encode(bytes(20)), data)


def signatures(keys):
    portal, rsa, card = keys.portals[0], keys.portals[1], keys.operators[0]
    enterprise, other = keys.enterprises[0], keys.enterprises[1]

    def bare(what, expect, **more):
        return by_enterprise("CKStageMessage", enterprise, good(), what, expect=expect, **more)

    wrong = bare("signature value of another key", "SIG_BAD")
    wrong.late = (value_of_another_key(wrong, {**keys.enterprises[2]}),)
    stranger = bare("signed with another enterprise's key", "KEY_NOT_BOUND")
    stranger.signer = other
    unknown = bare("sender nobody knows", "SENDER_UNKNOWN", dead=True)
    unknown.body = unknown.body.replace(enterprise["id"], "NOBODY01", 1)
    inner = by_card("CKStageMessage", portal, card, good(), "card's data changed inside a good shell",
                    expect="DIGEST_MISMATCH", inner_late=(("渝A", "渝B"),))
    messages = [
        bare("no signature", "SIG_MISSING", late=(lambda d: re.sub(rb"<ds:Signature .*</ds:Signature>", b"", d),)),
        bare("a digit changed after signing", "DIGEST_MISMATCH", late=(change_weight,)),
        inner, wrong, stranger, unknown,
        bare("two signatures", "SIG_COUNT", late=(lambda d: re.sub(rb"(<ds:Signature .*</ds:Signature>)", rb"\1\1", d),)),
        by_card("CKStageMessage", rsa, card, good(), "RSA with SHA-1", expect="SIG_ALG_REFUSED", late=(sha1,)),
    ]
    messages += traps(keys, good())
    for bad in keys.bad:
        message = by_card("CKStageMessage", portal, card, good(), f"portal's certificate: {bad['what']}",
                          expect=bad["error"])
        if bad["what"] == "p384":
            message.late = (shows_certificate(bad),)  # a signature no tool of ours makes; the key is judged first
        else:
            message.signer = {**bad, "id": portal["id"]}
        messages.append(message)
    return messages


def shows_certificate(other):
    """The same signature, beside another certificate."""
    pem = (DIR / other["cert"]).read_text()
    der = "".join(line for line in pem.splitlines() if not line.startswith("-")).encode()
    return lambda data: re.sub(rb"(<ds:X509Certificate>)[^<]*", lambda m: m[1] + der, data)


def change_weight(data):
    return re.sub(rb"(<ck:vehicleWeight>)(\d)", lambda m: m[1] + b"%d" % (9 - int(m[2])), data)


# --- shells and binding ---------------------------------------------------------------------------------

def binding(keys):
    portal, card, legal = keys.portals[0], keys.operators[0], keys.legal[0]
    enterprise, other = keys.enterprises[0], keys.enterprises[1]
    stage, declare = "CKStageMessage", "CKDeclareMessage"
    whole = "<ck:Declare><ck:confirm>true</ck:confirm></ck:Declare>" + good()

    def odd(what, expect, kind=stage, content=None, by=card, **more):
        return by_card(kind, portal, by, content or good(), what, expect=expect, **more)

    no_card = odd("申报 without a card's signature", "CARD_REQUIRED", declare, whole)
    no_card.card = None
    moved = odd("record key of another enterprise", "KEY_PARTITION")
    moved.key = other["orgcode"]
    version = by_enterprise(stage, enterprise, good(), "version 2.0", expect="MSG_UNKNOWN_ROOT")
    version.body = version.body.replace('version="1.0"', 'version="2.0"')
    named = odd("shell names another type than it holds", "SHELL_BAD")
    named.wrap = lambda data: shell(stage, portal["id"], data, named=declare)
    away = odd("shell for another receiver", "RECEIVER_UNKNOWN")
    away.wrap = lambda data: shell(stage, portal["id"], data, receiver="ELSEWHERE0000001")
    return [
        version, named, away, moved, no_card,
        by_enterprise(stage, enterprise, good(), "signed head names another sender", head={"senderId": other["id"]},
                      headers={"sender": enterprise["id"]}, expect="SENDER_MISMATCH"),
        odd("organisation code is not the certificate's", "CARD_FACTS", head={"orgCode": other["orgcode"]}, rules=("CM-31",)),
        odd("card number is not the card's", "CARD_MISMATCH", declare, whole, head={"cardNo": "9900000000099"}),
        odd("legal person's card does business", "CARD_CLASS", by=legal),
        odd("申报 not confirmed", "NOT_CONFIRMED", declare, "<ck:Declare/>" + good()),
        odd("made an hour ago", "MSG_TIME", shift=-3600, rules=("SC-06",)),
        by_enterprise("CKCustomsMessage", enterprise,
                      "<ck:Customs><ck:dataCenterNo>202600000000000001</ck:dataCenterNo></ck:Customs>",
                      "an enterprise speaks as customs", expect="MSG_NOT_ALLOWED"),
        odd("element the schema does not know", "XSD_INVALID", stage, good() + "<ck:colour>red</ck:colour>"),
    ]


# --- fields ---------------------------------------------------------------------------------------------

def fields(keys):
    portal, card = keys.portals[0], keys.operators[0]
    head, rows = sample(0)
    full, empty, second = container(555001), "0000100000", container(555002)

    def odd(what, values, lines, rules, kind="CKStageMessage", before=""):
        return by_card(kind, portal, card, before + declaration(values, lines), what, expect="FIELDS_WRONG",
                       rules=tuple(f"CK-{r}" for r in rules.split()))

    def changed(**values):
        order = list(head) + ["remark"]
        merged = {**head, **values}
        return {k: merged[k] for k in order if merged.get(k) is not None}

    row = {"bindObjectType": "C", "bindObjectId": full, "voyageNo": "HY1", "businessType": "1000000000"}
    return [
        odd("header empty", {}, [row], "H03 H09 H11 H12 H13 H15 H16 H17"),
        odd("header full of wrong values",
            changed(customsCode="9999", bindMediumType="XX", bindMediumInfo="长" * 65, businessType="123",
                    transportMode="3", ieFlag="X", passType="09", vehicleWeight="-1", trailerWeight="1,5",
                    containerWeight="12345678901234567", remark=LONG), rows,
            "H03 H09 H10 H11 H12 H13 H14 H15 H16 H17 H18"),
        odd("medium without its type, full-width code", changed(bindMediumType=None, customsCode="８００１"), rows, "H03 H09 H10"),
        odd("rows empty, by sea", changed(transportMode="2"),
            [{}, {"bindObjectType": "B"}, {"bindObjectType": "C", "bindObjectId": full, "shipName": "一号", "voyageNo": "HY1", "businessType": empty}],
            "B02 B03 B04 B05 B06 B07 B08 B09 B10"),
        odd("rows with what must be empty", changed(),
            [{"bindObjectType": "C", "bindObjectId": full, "shipName": "一号", "voyageNo": "HY1", "businessType": "1000000000",
              "billType": "1", "goodsWeight": "5", "lockNos1": "A", "lockNos2": "B"}], "B04 B07 B08 B11 B12"),
        odd("rows full of wrong values", changed(),
            [{"direction": "Z", "bindObjectType": "Q", "voyageNo": "V" * 33, "businessType": "1"},
             {"bindObjectType": "C", "bindObjectId": full[:10] + str(9 - int(full[10])), "voyageNo": "HY1", "businessType": "1000000000",
              "containerNo1": second[:10] + str(9 - int(second[10])), "lockNos1": "a|b|c|d", "remark": LONG},
             {"bindObjectType": "B", "bindObjectId": "BL1", "voyageNo": "HY1", "businessType": "1000000000", "billType": "9",
              "goodsWeight": "0", "containerNo1": second, "containerNo2": second, "lockNos2": "a|a"}],
            "B01 B02 B03 B05 B06 B07 B08 B09 B10 B11 B12 B13"),
        odd("same object twice", changed(), [row, row], "V04"),
        odd("申报 without a row", changed(), [], "B00", kind="CKDeclareMessage",
            before="<ck:Declare><ck:confirm>true</ck:confirm></ck:Declare>"),
    ]


# --- documents: these need some that exist ------------------------------------------------------------------

def repetitions(keys):
    portal, card = keys.portals[0], keys.operators[0]
    first = by_card("CKStageMessage", portal, card, good(901), "sent twice: first time")
    again = dataclasses.replace(first, what="sent twice: same guid, same content", same_as=first)
    other = by_card("CKStageMessage", portal, card, good(902), "same guid, other content", id=first.guid,
                    expect="MSG_ID_REUSED", rules=("MS-02",))
    return [first, again, other]


def documents(keys, approved, staged):
    """approved, staged: (number, card) of documents in that state."""
    portal = keys.portals[0]
    number, card = approved
    other = next(c for c in keys.operators if c["orgcode"] != card["orgcode"])

    def odd(kind, part, what, expect, number, by, confirm="true", **more):
        return by_card(kind, portal, by, which(part, number, confirm), what, expect=expect, **more)

    return [
        odd("CKDeclareMessage", "Declare", "申报 of an approved document", "WRONG_STATE", number, card, rules=("CK-T32",)),
        odd("CKDeleteMessage", "Delete", "删除 of an approved document", "DELETE_STATE", number, card, rules=("CK-T32",)),
        odd("CKViewMessage", "View", "document that does not exist", "NO_DOCUMENT", "202699999999999999", card, None, rules=("CK-05",)),
        odd("CKViewMessage", "View", "document of another enterprise", "NO_DOCUMENT", number, other, None, rules=("CK-05",)),
        odd("CKReceiptsMessage", "Receipts", "receipts before there is one", "NO_RECEIPTS", staged[0], staged[1], None),
    ]


def customs(keys, approved):
    """Answers doubled, out of order, for nobody; the document ends where the first one put it."""
    number, card = approved
    base = datetime.datetime.now(CHINA)
    time = [(base + datetime.timedelta(seconds=s)).strftime("%Y%m%d%H%M%S") for s in (-30, 60, 120)]
    key = card["orgcode"]

    def answer(receipt, code, when, what, **more):
        return by_customs(keys.customs, key, number, receipt, code, what, when, **more)

    done = f"{number}-{guid()[:8]}"
    return [
        answer(done, "40", time[1], "customs concludes (40 已办结)", state="S07"),
        answer(done, "40", time[1], "the same answer doubled", state="S07"),
        answer(f"{done}L", "41", time[2], "late lock (41) of a concluded document", state="S07"),
        answer(f"{done}E", "10", time[0], "earlier answer (10) arrives last", state="S07"),
        answer(done, "43", time[2], "same receipt id, other code", expect="CUSTOMS_STALE", parked=True),
        answer(f"{done}X", "77", time[2], "code nobody knows", expect="CUSTOMS_CODE", parked=True),
        by_customs(keys.customs, key, "202699999999999999", f"{done}N", "10", "answer for an unknown document",
                   expect="CUSTOMS_UNKNOWN_DOC", parked=True),
    ]


def at_once(keys):
    """Everything that needs no document, in groups with a title."""
    return [("bytes", bytes_that_are_no_message(keys)), ("signature and certificate", signatures(keys)),
            ("shell, sender, card", binding(keys)), ("fields", fields(keys)), ("repetition", repetitions(keys))]
