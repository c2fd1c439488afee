# SPDX-License-Identifier: Apache-2.0
"""Where things are: the demo's folder, its configuration, its keys, the programs."""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
DIR = ROOT / "var" / "demo"
BIN = ROOT / "build" / "release" / "bin"
CONFIG = DIR / "kouan.ini"
ENGINE_ID = "KOUAN00000000001"
PREFIX = "kouan"
PARTITIONS = 6

# What the simulated intranet does, one of these by the message's guid: ten approvals, a return, a refusal.
APPROVE = [{"ack": "accepted", "delay_ms": 200}, {"code": "10", "text": "审批通过", "delay_ms": 500}]
RETURN = [{"ack": "accepted", "delay_ms": 200}, {"code": "20", "text": "车辆重量与地磅不符，退单", "delay_ms": 500}]
REFUSE = [{"ack": "refused", "text": "内网暂不接收", "delay_ms": 200}]
CUSTOMS = [APPROVE] * 10 + [RETURN, REFUSE]


def fail(text):
    print(f"demo: {text}", file=sys.stderr)
    sys.exit(1)


def run(args, check=True, **more):
    done = subprocess.run([str(a) for a in args], capture_output=True, **more)
    if check and done.returncode != 0:
        fail(f"{' '.join(map(str, args[:4]))} …: exit {done.returncode}\n"
             f"{(done.stdout + done.stderr).decode(errors='replace')[-2000:]}")
    return done


def brokers():
    return os.environ["KOUAN_BROKERS"]


def psql(sql):
    done = run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d",
                os.environ["KOUAN_PG"], "-c", sql], text=False)
    return [line.split("\t") for line in done.stdout.decode().splitlines()]


def write_config():
    """The file a person would write; relative paths count from its folder."""
    groups = {
        "engine": {"instance": "demo", "secret_file": "secret.hex", "codes": ROOT / "config/codes",
                   "schemas": ROOT / "schemas/xsd", "sql": ROOT / "schemas/sql", "partners": "partners"},
        "postgres": {"conninfo": os.environ["KOUAN_PG"]},
        "kafka": {"brokers": brokers(), "prefix": PREFIX, "group": "kouan", "partitions": PARTITIONS},
        "sign": {f"{alg}_{what}": f"engine/{family}.{ending}"
                 for alg, family in (("ecdsa", "p256"), ("rsa", "rsa"), ("sm2", "sm2"))
                 for what, ending in (("key", "key"), ("cert", "pem"))},
    }
    CONFIG.write_text("".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) + "\n"
                              for name, keys in groups.items()))
    (DIR / "customs.json").write_text(json.dumps(CUSTOMS, ensure_ascii=False))
    secret = DIR / "secret.hex"
    secret.touch(mode=0o600)
    secret.write_text(os.urandom(32).hex() + "\n")


class Keys:
    """pki.json: who there is and where the keys lie."""

    def __init__(self):
        index = json.loads((DIR / "pki.json").read_text())
        self.partners = {p["id"]: p for p in index["partners"]}
        self.portals = [p for p in index["partners"] if p["kind"] == "portal"]
        self.enterprises = [p for p in index["partners"] if p["kind"] == "enterprise"]
        self.customs = self.partners["CUSTOMS"]
        self.cards = index["cards"]
        self.operators = [c for c in index["cards"] if c["class"] == "operator"]
        self.legal = [c for c in index["cards"] if c["class"] == "legal"]
        self.bad = index["bad"]
        # Enterprise n of the partners is that of the cards 2n and 2n+1.
        for n, one in enumerate(self.enterprises):
            one["orgcode"] = self.cards[(2 * n) % len(self.cards)]["orgcode"]
