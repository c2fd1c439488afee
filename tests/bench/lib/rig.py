# SPDX-License-Identifier: Apache-2.0
"""What bench and long run share: a release tree, a stack of their own, an installation with senders
made for the load, and the load itself."""
import ctypes
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/e2e/lib"))
BUILD = ROOT / "build/release"
PROGRAMS = ["kouand", "kouan", "kouan-bench-floor", "kouan-bench-load"]


def say(text):
    print(text, flush=True)


def build_tree(source, tree):
    """A release tree: no sanitizers, no fault points.  Returns the folder of its programs."""
    if not (tree / "build.ninja").exists():
        launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        subprocess.run(["cmake", "-S", source, "-B", tree, "-G", "Ninja", *launcher], check=True,
                       stdout=subprocess.DEVNULL)
    done = subprocess.run(["ninja", "-C", tree, "-j2", *PROGRAMS], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout[-4000:] + "\nbuild failed")
    return tree / "bin"


def build():
    """KOUAN_BIN names programs built elsewhere."""
    os.environ["KOUAN_BOXES"] = str(ROOT / "var/bench/boxes")
    os.environ.setdefault("KOUAN_BIN", "")
    if not os.environ["KOUAN_BIN"]:
        os.environ["KOUAN_BIN"] = str(build_tree(ROOT, BUILD))


class Stack:
    """scripts/dev-stack under a name of its own; cleaned at the end unless kept."""

    def __init__(self, name, keep=False):
        self.name, self.keep = name, keep

    def _run(self, *args):
        return subprocess.run([ROOT / "scripts/dev-stack", "--name", self.name, *args], text=True,
                              capture_output=True)

    def __enter__(self):
        done = self._run("up", "--fresh")
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        for line in self._run("env").stdout.splitlines():
            key, value = line.removeprefix("export ").split("=", 1)
            os.environ[key] = value.strip("'")
        self.kafka_pid = int(os.environ["KOUAN_KAFKA1_PID"])
        self.pg_pid = int(os.environ["KOUAN_PG_PID"])
        self.kafka_version = json.loads(self._run("status", "--json").stdout)["kafka"]
        return self

    def __exit__(self, kind, value, trace):
        if not self.keep:
            self._run("clean")
        return False


def box_class():
    """Imported late: the sandbox reads the stack's environment."""
    import sandbox

    class Box(sandbox.Sandbox):
        def __init__(self, name, load, bin_dir=None, env=None, **more):
            self.load, self.env, self.sent, self.start_us = load, env or {}, 0, 0
            os.environ["KOUAN_BIN"] = str(bin_dir or os.environ["KOUAN_BIN"])
            more.setdefault("overrides", {}).setdefault("msg", {})["msg.max_skew_seconds"] = 86400
            more["overrides"].setdefault("engine", {})["log_level"] = "info"
            # Nobody plays customs here: nothing shall be sent to it again.
            more["overrides"].setdefault("handler.checkpoint", {})["intranet.retry"] = 0
            super().__init__(name, **more)
            # Before the clock runs: the first batch of a run should not pay for the archive's days.
            self.psql("SELECT count(message_day(current_date + g)) FROM generate_series(0, 7) AS g")

        def _secret(self):  # called when the PKI is there and nothing has read the partners yet
            super()._secret()
            self.load_run("keys", "--receipts", self.load["receipts"])

        def load_args(self):
            return ["--folder", self.dir, "--family", self.load["family"], "--enterprises",
                    self.load["enterprises"]]

        def load_run(self, verb, *args):
            return sandbox.run([self.bin / "kouan-bench-load", verb, *self.load_args(), *args]).stdout

        def out_topics(self):
            if self.load["shell"]:
                return ["out.BENCHPORTAL"]
            return [f"out.BENCH{i + 1:02d}" for i in range(self.load["enterprises"])]

        def send_args(self, n, ledger, seed=1, rate=0, size=None):
            args = ["--brokers", self.brokers, "--topic", f"{self.name}.in.checkpoint", "--messages", n,
                    "--bytes", size or self.load["bytes"], "--declare", self.load["declare"], "--seed",
                    seed, "--rate", rate, "--ledger", ledger]
            return args + (["--shell"] if self.load["shell"] else [])

        def send(self, n, ledger, **more):
            return json.loads(self.load_run("send", *self.send_args(n, ledger, **more)))

        def receive(self, n, ledger, *args, timeout=120):
            topics = ",".join(f"{self.name}.{t}" for t in self.out_topics())
            return subprocess.Popen(
                [str(a) for a in [self.bin / "kouan-bench-load", "receive", *self.load_args(), "--brokers",
                                  self.brokers, "--topics", topics, "--messages", n, "--ledger", ledger,
                                  "--timeout", timeout, *args]],
                stdout=subprocess.PIPE, text=True)

        def stats(self, instance="a"):
            try:
                return json.loads((self.dir / f"stats-{instance}.json").read_text())
            except (FileNotFoundError, json.JSONDecodeError):
                return None

        def fresh_stats(self, instance="a"):
            (self.dir / f"stats-{instance}.json").unlink(missing_ok=True)

    return Box


def counter(stats, name):
    return sum(lane.get(name, 0) for lane in stats["lanes"]) if stats else 0


def versions(stack):
    pg = subprocess.run(["psql", "-X", "-A", "-t", "-d", os.environ["KOUAN_PG"], "-c", "SHOW server_version"],
                        capture_output=True, text=True).stdout.strip()
    rd = subprocess.run(["pkg-config", "--modversion", "rdkafka"], capture_output=True, text=True).stdout.strip()
    ssl = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout.strip()
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"kafka": stack.kafka_version, "librdkafka": rd, "postgresql": pg, "openssl": ssl,
            "cpu": cpu.group(1) if cpu else "", "cores": os.cpu_count()}


def revision():
    git = ["git", "-C", ROOT]
    head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True).stdout.strip()
    dirty = subprocess.run([*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True).stdout
    return head + (" and changes" if dirty.strip() else "")


def loads(library):
    """Whether LD_PRELOAD would find it; the C library's own is always there."""
    try:
        return not library or ctypes.CDLL(library) is not None
    except OSError:
        return False
