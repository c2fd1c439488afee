# SPDX-License-Identifier: Apache-2.0
"""Messages for the protocol tests: cheap ones that end in a receipt whatever the handlers do."""
import subprocess
import uuid

OWNERS = ["MA0000410", "MA0000066", "MA0000111", "MA0000234"]
STAGE = ('<ck:CKStageMessage xmlns:ck="urn:kouan:checkpoint:1" guid="{guid}" version="1.0"><ck:Head>'
         '<ck:senderId>{partner}</ck:senderId></ck:Head></ck:CKStageMessage>')


def unsigned(n, partner, owners=OWNERS):
    """n messages without signature: [(guid, key, payload)]; each is answered SIG_MISSING, once."""
    return [(g, owners[i % len(owners)], STAGE.format(guid=g, partner=partner))
            for i in range(n) for g in [str(uuid.uuid4()).upper()]]


def publish(box, topic, messages, headers=()):
    """Acknowledged when this returns; murmur2 as the engine demands; one process, order kept."""
    args = ["kcat", "-b", box.brokers, "-P", "-t", f"{box.name}.{topic}", "-K", "\t", "-D", "\n",
            "-X", "partitioner=murmur2_random", "-X", "enable.idempotence=true", "-X",
            "message.max.bytes=20000000"]
    for header in headers:
        args += ["-H", header]
    text = "".join(f"{key}\t{payload}\n" for _, key, payload in messages)
    subprocess.run(args, input=text, text=True, check=True, capture_output=True)
