# SPDX-License-Identifier: Apache-2.0
"""The world of a chaos run: servers that die, a network that goes bad, engines that come back."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading
import time

import rig

ROOT = rig.ROOT

SESSION_S = 6
LEFT_ON_DOUBT = 75
TRIGGER = """
CREATE FUNCTION chaos_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.body::text LIKE '%BL9999%' THEN RAISE EXCEPTION 'chaos: poison' USING ERRCODE = '22023'; END IF;
    RETURN NEW; END $$;
CREATE TRIGGER chaos_refuses BEFORE INSERT OR UPDATE ON record FOR EACH ROW EXECUTE FUNCTION chaos_refuses()"""


class Stack(rig.Stack):
    """A stack whose brokers are also reached through the proxy."""

    def __init__(self, name, brokers=1, keep=False):
        super().__init__(name, keep)
        self.brokers, self.threads = brokers, []

    def _run(self, *args):
        if args[0] == "up":
            args = (*args, "--front", "--brokers", str(self.brokers))
        return super()._run(*args)

    def pid(self, part):
        return int((pathlib.Path(os.environ["KOUAN_STACK_DIR"]) / f"{part}.pid").read_text().split()[0])

    def immediate(self, part, down_s, events):
        """Dead at once, up again some seconds later; SIGQUIT is PostgreSQL's “immediate”.  False: it was down."""
        pid = self.pid(part)
        try:
            os.kill(pid, signal.SIGQUIT if part == "pg" else signal.SIGKILL)
        except ProcessLookupError:
            return False
        thread = threading.Thread(target=self._back, args=(part, pid, down_s, events), daemon=True)
        thread.start()
        self.threads.append(thread)
        return True

    def _back(self, part, pid, down_s, events):
        time.sleep(down_s)
        until = time.monotonic() + 20
        while alive(pid) and time.monotonic() < until:
            time.sleep(0.05)
        for _ in range(5):  # it may be killed while it starts
            done = self._run("start", part)
            if done.returncode == 0:
                events(f"{part} is back")
                return
        events(f"{part} does not start: {done.stdout}{done.stderr}")

    def all_back(self):
        for thread in self.threads:
            thread.join(120)
        self.threads = [t for t in self.threads if t.is_alive()]
        return not self.threads


def state_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid):
    return state_of(pid) not in ("", "Z")


class Proxy:
    def __init__(self, program, log):
        self.routes = dict(spec.split(":", 1) for spec in os.environ["KOUAN_FRONT"].split())
        self.process = subprocess.Popen([program, *os.environ["KOUAN_FRONT"].split()], text=True, bufsize=1,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        if self.process.stdout.readline() != "ready\n":
            sys.exit("the proxy did not start")

    def port(self, name):
        return self.routes[name].split(":")[0]

    def brokers(self):
        return ",".join(f"127.0.0.1:{self.port(n)}" for n in self.routes if n != "pg")

    def say(self, *words):
        self.process.stdin.write(" ".join(str(w) for w in words) + "\n")

    def heal(self):
        for name in self.routes:
            self.say("pass", name)

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def make_box(name, proxy, enterprises):
    """An installation whose engines see database and brokers through the proxy only."""
    load = {"family": "p256", "receipts": "ecdsa-sha256", "enterprises": enterprises, "shell": True, "declare": 50,
            "bytes": 3300}
    direct = dict(part.split("=", 1) for part in os.environ["KOUAN_PG"].split())

    class Box(rig.box_class()):
        def config(self, instance="a", file="kouan.ini"):
            self.overrides["postgres"] = {"conninfo": f"host=127.0.0.1 port={proxy.port('pg')} dbname={self.name} "
                                          f"user={direct['user']}"}
            self.overrides["kafka"] = {**self.overrides.get("kafka", {}), "brokers": proxy.brokers()}
            return super().config(instance, file)

        def out_topics(self):
            return ["out.BENCHPORTAL"] + [f"out.BENCH{i + 1:02d}" for i in range(enterprises)]

    os.environ["KOUAN_BOXES"] = str(ROOT / "var/chaos")
    box = Box(name, load, pki_args=["--no-bad", "--quiet"])
    box.psql(TRIGGER)
    return box


class Engine:
    """One kouand that is started again whenever it leaves, as systemd would."""

    def __init__(self, box, name, events, control):
        self.box, self.name, self.events, self.control = box, name, events, control
        self.process, self.armed, self.back_at, self.wake_at = None, "", None, None
        self.expected = None  # the return code we have caused
        self.start()

    def start(self, fault=""):
        self.armed, self.back_at, self.expected = fault, None, None
        self.process = self.box.engine(self.name, fault=fault or None, control=self.control)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, down_s, fault):
        self.expected, self.next_fault = -signal.SIGKILL, fault
        self.process.kill()
        self.process.wait()
        self._left(down_s)

    def term(self, down_s):
        self.expected, self.next_fault, self.term_down = 0, "", down_s
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()

    def freeze(self, seconds):
        self.process.send_signal(signal.SIGSTOP)
        self.wake_at = time.monotonic() + seconds

    def wake(self):
        self.wake_at = None
        if self.running():
            self.process.send_signal(signal.SIGCONT)

    def _left(self, down_s):
        self.back_at, self.wake_at = time.monotonic() + down_s, None

    def tick(self, world):
        now = time.monotonic()
        if self.back_at is not None:
            if now >= self.back_at:
                self.start(self.next_fault)
            return
        if self.wake_at is not None and now >= self.wake_at:
            self.wake()
            world.count("woken")
        code = self.process.poll()
        if code is None:
            if self.wake_at is None and self.armed and state_of(self.process.pid) == "T":
                self.events(f"{self.name} stopped itself ({self.armed})")
                world.count("stopped at a point")
                self.wake_at = now + SESSION_S + 2
            return
        self.next_fault, down_s = "", 0.3
        if code == self.expected:
            down_s = getattr(self, "term_down", 0.3)
        elif code == -signal.SIGKILL and ":kill:" in self.armed:
            world.died(self.name, f"at {self.armed}")
        elif code == LEFT_ON_DOUBT:
            self.events(f"{self.name} left on doubt")
            world.count("left on doubt")
            down_s = 1.0
        else:
            world.finding(f"engine {self.name} ended with {code}", self.box.tail(self.process, 12))
            down_s = 1.0
        self._left(down_s)


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
