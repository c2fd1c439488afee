# SPDX-License-Identifier: Apache-2.0
"""The kouan tool and kcat at work: signing, publishing, reading."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import threading

from messages import edit, shell
from place import BIN, DIR, PREFIX, brokers, fail, run

WIRE = ["-X", "message.max.bytes=12582912", "-X", "topic.partitioner=murmur2_random"]

READ = ["-o", "beginning", "-X", "isolation.level=read_committed", "-X", "fetch.message.max.bytes=20000000",
        "-X", "fetch.wait.max.ms=50"]


def sign(data, signer):
    """data with an enveloped signature; also with the bad certificates of the test PKI."""
    return run([BIN / "kouan", "sign", "--key", DIR / signer["key"], "--cert", DIR / signer["cert"],
                "--dialect", signer["algorithm"], "--anyway", "-"], input=data).stdout.rstrip(b"\n")


def build(message):
    """The bytes that go to the broker."""
    if message.raw is not None:
        message.bytes = message.raw
        return message
    data = message.body.encode()
    if message.shell:
        if message.card:
            data = sign(data, message.card)
        data = edit(data, message.inner_late)
        data = (message.wrap(data) if message.wrap else shell(message.type, message.sender, data)).encode()
    message.bytes = edit(sign(data, message.signer), message.late)
    return message


def build_all(messages, tick=lambda n: None):
    """Many at once: each signature is a short process of its own."""
    done = 0
    with concurrent.futures.ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for _ in pool.map(build, [m for m in messages if m.same_as is None]):
            done += 1
            tick(done)
    for message in messages:
        if message.same_as is not None:
            message.bytes = message.same_as.bytes


class Publisher:
    """A record that has to be found again without its guid carries demo=<number> in its headers."""

    def __init__(self):
        self.folder = pathlib.Path(DIR) / "sent"
        self.folder.mkdir(exist_ok=True)
        self.sent = []
        self.lock = threading.Lock()

    def _file(self, message):
        with self.lock:
            number = len(self.sent)
            self.sent.append(message)
        file = self.folder / f"{number:05d}.xml"
        file.write_bytes(message.bytes)
        return number, file

    def _some(self, messages):
        """One kcat, records in this order."""
        files = [self._file(m) for m in messages]
        headers = {}
        if messages[0].alone:
            headers = {**messages[0].headers, "demo": files[0][0]}
        run(["kcat", "-P", "-b", brokers(), "-t", f"{PREFIX}.{messages[0].topic}", "-k", messages[0].key, *WIRE,
             *[w for k, v in headers.items() for w in ("-H", f"{k}={v}")], *[f for _, f in files]])

    def publish(self, messages, tick=lambda n: None):
        """Messages of one key go one after the other, keys side by side."""
        lanes = {}
        for message in messages:
            lanes.setdefault((message.topic, message.key), []).append(message)
        total = [0]

        def lane(some):
            for chunk in chunks(some):
                self._some(chunk)
                with self.lock:
                    total[0] += len(chunk)
                tick(total[0])

        with concurrent.futures.ThreadPoolExecutor(max(1, len(lanes))) as pool:
            for done in [pool.submit(lane, some) for some in lanes.values()]:
                done.result()


def chunks(messages, most=50):
    chunk = []
    for message in messages:
        if chunk and (message.alone or chunk[-1].alone or len(chunk) == most):
            yield chunk
            chunk = []
        chunk.append(message)
    if chunk:
        yield chunk


def kcat_lines(*args):
    """Records of one topic to its end: kcat's JSON, headers as a dict."""
    done = run(["kcat", "-b", brokers(), "-C", "-e", "-q", "-J", *READ, *args])
    return [record(line) for line in done.stdout.decode(errors="replace").splitlines()]


def record(line):
    one = json.loads(line)
    flat = one.get("headers") or []
    one["headers"] = dict(zip(flat[::2], flat[1::2]))
    return one


def topics(names):
    """All records of these topics."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return [r for some in pool.map(lambda name: kcat_lines("-t", f"{PREFIX}.{name}"), names) for r in some]


def coordinates(name):
    """(partition, offset, number of ours or None, broker's time in ms) of each record, without its payload."""
    done = run(["kcat", "-b", brokers(), "-C", "-e", "-q", "-f", "%p\t%o\t%T\t%h\n", *READ, "-t", f"{PREFIX}.{name}"])
    places = []
    for line in done.stdout.decode().splitlines():
        part, offset, time, headers = line.split("\t")
        number = next((int(h[5:]) for h in headers.split(",") if h.startswith("demo=")), None)
        places.append((int(part), int(offset), number, int(time)))
    return places


class Reader:
    """Follows the output topics from their beginning while the demo runs."""

    def __init__(self, topics, heard):
        self.process = subprocess.Popen(
            ["kcat", "-b", brokers(), "-G", "kouan-demo-reader", "-J", "-u", "-X", "auto.offset.reset=earliest",
             "-X", "isolation.level=read_committed", "-X", "enable.auto.commit=false", *[f"{PREFIX}.{t}" for t in topics]],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        self.heard, self.joined = heard, threading.Event()
        for follow in (self._records, self._words):
            threading.Thread(target=follow, daemon=True).start()

    def _records(self):
        for line in self.process.stdout:
            self.heard(record(line))

    def _words(self):
        for line in self.process.stderr:
            if b"rebalanced" in line:
                self.joined.set()

    def wait_ready(self):
        """Joining a group takes seconds, which are not the engine's."""
        if not self.joined.wait(30):
            fail("the reader of the output topics (kcat) does not get its partitions")

    def alive(self):
        if self.process.poll() is not None:
            fail("the reader of the output topics (kcat) ended")

    def close(self):
        self.process.kill()
        self.process.wait()
