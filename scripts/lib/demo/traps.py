# SPDX-License-Identifier: Apache-2.0
"""Messages that fall into the traps of the field: signed by OpenSSL over bytes a partner's tool gets wrong.

TO ADD ONE: a line in traps(); name is that of the table in engine/xml/trap.c.
"""
import base64
import re

from messages import by_card, by_enterprise
from place import DIR, run

DS = b"http://www.w3.org/2000/09/xmldsig#"


def numbers(der):
    """r and s of SEQUENCE { INTEGER r, INTEGER s }, 32 bytes each."""
    at, out = 2, b""
    for _ in range(2):
        length = der[at + 1]
        out += int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(32, "big")
        at += 2 + length
    return out


def sign_again(signer, behind=b"", digest="sha256"):
    """Another SignatureValue: over the canonical SignedInfo and what is put behind it, by the openssl tool,
    which knows no SM2 identifier unless it is told one."""
    def edit(data):
        info = re.search(rb"<ds:SignedInfo>.*</ds:SignedInfo>", data, re.S).group(0)
        prefix, ns = re.search(rb'xmlns:(\w+)="([^"]*)"', data).groups()  # the root's only one
        declared = sorted([(prefix, ns), (b"ds", DS)])
        names = b"<ds:SignedInfo" + b"".join(b' xmlns:%s="%s"' % one for one in declared) + b">"
        value = run(["openssl", "dgst", f"-{digest}", "-sign", DIR / signer["key"]],
                    input=info.replace(b"<ds:SignedInfo>", names, 1) + behind).stdout
        if not signer["algorithm"].startswith("rsa"):
            value = numbers(value)
        return re.sub(rb"(<ds:SignatureValue>)[^<]*", lambda m: m[1] + base64.b64encode(value), data)
    return edit


def of_kind(keys, kind):
    return next(s for s in keys.portals if s["algorithm"].startswith(kind))


def traps(keys, content):
    rsa, sm2, one, card = of_kind(keys, "rsa"), of_kind(keys, "sm2"), keys.enterprises[0], keys.operators[0]

    def shell(portal, what, trap, late):
        return by_card("CKStageMessage", portal, card, content, what, expect="SIG_BAD", trap=trap, late=(late,))

    return [
        shell(rsa, "a newline behind SignedInfo signed with it", "info-newline", sign_again(rsa, b"\n")),
        shell(sm2, "SM2 signed with an empty identifier", "sm2-id", sign_again(sm2, digest="sm3")),
        by_enterprise("CKStageMessage", one, content, "a line put before the Signature", expect="DIGEST_MISMATCH",
                      trap="doc-space", late=(lambda d: d.replace(b"<ds:Signature ", b"\n<ds:Signature ", 1),)),
    ]
