# SPDX-License-Identifier: Apache-2.0
"""A whole installation for one test: own database, own topics, own keys, engines that can be killed.

Used on a running stack (scripts/dev-stack); everything made here carries the sandbox's name and is
removed with it.  Standard library only; kcat is the independent reader, psql the independent look.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PARTITIONS = 6


def fail(text):
    print(f"not ok - {text}")
    sys.exit(1)


def run(args, check=True, **more):
    done = subprocess.run([str(a) for a in args], text=True, capture_output=True, **more)
    if check and done.returncode != 0:
        fail(f"{' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


class Sandbox:
    def __init__(self, name, lanes=1, overrides=None, pki_args=()):
        if "KOUAN_BROKERS" not in os.environ:
            fail("no stack: eval \"$(scripts/dev-stack --name test env)\" first")
        self.name = f"{name}{os.getpid()}"
        self.bin = pathlib.Path(os.environ.get("KOUAN_BIN", ROOT / "build/asan/bin"))
        self.dir = pathlib.Path(os.environ.get("KOUAN_BOXES", ROOT / "var" / "e2e")) / self.name
        self.daemon = self.bin / "kouand"
        self.brokers = os.environ["KOUAN_BROKERS"]
        self.admin = os.environ["KOUAN_PG"]
        self.conninfo = " ".join(p for p in self.admin.split() if not p.startswith("dbname=")) \
            + f" dbname={self.name}"
        self.engines = []
        self.overrides = overrides or {}
        self.lanes = lanes
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        run([self.bin / "kouan", "pki", "--out", self.dir, *pki_args])
        self._secret()
        self.config()
        self.psql(f"CREATE DATABASE {self.name}", conninfo=self.admin)
        self.kouan("migrate")
        self.kouan("provision")

    def _secret(self):
        path = self.dir / "secret.hex"
        path.write_text(os.urandom(32).hex() + "\n")
        path.chmod(0o600)

    def config(self, instance="a", file="kouan.ini"):
        groups = {
            "engine": {"instance": instance, "lanes": self.lanes, "secret_file": "secret.hex",
                       "codes": ROOT / "config/codes", "schemas": ROOT / "schemas/xsd",
                       "sql": ROOT / "schemas/sql", "partners": "partners"},
            "postgres": {"conninfo": self.conninfo},
            "kafka": {"brokers": self.brokers, "prefix": self.name, "group": self.name,
                      "partitions": PARTITIONS},
            "sign": {f"{k}_{w}": f"engine/{f}.{e}" for k, f in
                     (("ecdsa", "p256"), ("rsa", "rsa"), ("sm2", "sm2"))
                     for w, e in (("key", "key"), ("cert", "pem"))},
        }
        for group, keys in self.overrides.items():
            groups.setdefault(group, {}).update(keys)
        text = "".join(f"[{g}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) + "\n"
                       for g, keys in groups.items())
        (self.dir / file).write_text(text)
        return self.dir / file

    # --- programs ---

    def kouan(self, *args, check=True, **more):
        return run([self.bin / "kouan", args[0], "--config", self.dir / "kouan.ini", *args[1:]],
                   check=check, **more)

    def engine(self, instance="a", fault=None, control=False, ahead_ms=0):
        config = self.config(instance, f"kouan-{instance}.ini")
        env = dict(os.environ)
        if fault:
            env["KOUAN_FAULT"] = fault
        if ahead_ms:
            env["KOUAN_CLOCK_AHEAD_MS"] = str(ahead_ms)
        if control:
            env["KOUAN_CONTROL"] = "no-transactions"
        log = open(self.dir / f"engine-{instance}.log", "a")
        start = log.tell()
        process = subprocess.Popen([self.daemon, "--config", config, "--stats",
                                    self.dir / f"stats-{instance}.json"],
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        process.instance = instance
        process.log_start = start
        self.engines.append(process)
        return process

    def ready(self, process, timeout=60):
        """Partitions are taken and what a predecessor left is published."""
        def said():
            with open(self.dir / f"engine-{process.instance}.log") as log:
                log.seek(process.log_start)
                return " ready lane=" in log.read()
        self.wait(f"engine {process.instance} ready", said, timeout)
        return process

    def stop(self, process, number=signal.SIGTERM, timeout=30):
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            fail(f"engine {process.instance} did not stop within {timeout} s\n" + self.tail(process))

    def tail(self, process, lines=25):
        return "\n".join((self.dir / f"engine-{process.instance}.log").read_text().splitlines()[-lines:])

    def wait_death(self, process, timeout=60):
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            fail(f"engine {process.instance} did not die as armed\n" + self.tail(process))

    # --- independent looks ---

    def psql(self, sql, conninfo=None):
        done = run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d",
                    conninfo or self.conninfo, "-c", sql])
        return done.stdout.strip()

    def stream(self, name):
        """Committed records of a topic one by one, as dicts with key, headers, payload, partition,
        offset; in order within each partition.  Never more than one in memory."""
        args = ["kcat", "-b", self.brokers, "-C", "-e", "-q", "-J", "-X", "isolation.level=read_committed",
                "-X", "fetch.message.max.bytes=20000000", "-t", f"{self.name}.{name}", "-o", "beginning"]
        with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as kcat:
            for line in kcat.stdout:
                record = json.loads(line)
                flat = record.get("headers") or []
                record["headers"] = dict(zip(flat[::2], flat[1::2]))
                yield record
            said = kcat.stderr.read()
        if kcat.returncode != 0:
            fail(f"{' '.join(args)}: exit {kcat.returncode}\n{said}")

    def topic(self, name):
        """All committed records of a topic, by partition and offset."""
        return sorted(self.stream(name), key=lambda r: (r["partition"], r["offset"]))

    def receipts(self, partner):
        return self.topic(f"out.{partner}")

    def wait(self, what, condition, timeout=60, every=0.2):
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            value = condition()
            if value:
                return value
            for engine in self.engines:
                if engine.returncode is None and engine.poll() not in (None, 0, -9, 75):
                    fail(f"{what}: engine {engine.instance} ended with {engine.returncode}\n"
                         + self.tail(engine))
            time.sleep(every)
        logs = "\n".join(self.tail(e) for e in self.engines[-2:])
        fail(f"{what}: not within {timeout} s\n{logs}")

    def settled(self):
        """Messages of partners; the engine's own switches are not counted."""
        return int(self.psql("SELECT count(*) FROM message WHERE idx = 0 "
                             "AND coalesce(header->>'type', '') <> 'TrustSwitch'"))

    def behind(self):
        """Partitions that do not go by the newest trust set."""
        return int(self.psql("SELECT count(*) FROM position "
                             "WHERE trust <> (SELECT max(version) FROM trust_set)"))

    def close(self):
        for process in self.engines:
            if process.poll() is None:
                process.kill()
                process.wait()
        if os.environ.get("KOUAN_KEEP"):
            return
        self.psql(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", conninfo=self.admin)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None or os.environ.get("KOUAN_CLEAN"):
            self.close()
        else:
            for process in self.engines:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            print(f"# left for a look: {self.dir}")
        return False
