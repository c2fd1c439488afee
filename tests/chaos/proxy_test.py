#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""proxy_test PROGRAM: each verb of the proxy does to a connection what it says; a chaos run with a proxy that only
passes on would prove little."""
import contextlib
import socket
import subprocess
import sys
import threading
import time

SILENCE_S = 0.4


def echo_server():
    server = socket.create_server(("127.0.0.1", 0))
    got = []

    def serve(client):
        with contextlib.suppress(ConnectionError), client:
            while data := client.recv(4096):
                got.append(data)
                client.sendall(data)

    def accept():
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1], got


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Rig:
    def __init__(self, program):
        target, self.got = echo_server()
        self.port = free_port()
        self.proxy = subprocess.Popen([program, f"x:{self.port}:{target}"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.proxy.stdout.readline() == "ready\n"

    def say(self, text):
        self.proxy.stdin.write(text + "\n")
        time.sleep(0.1)  # the proxy reads it within its 5 ms

    def connect(self):
        s = socket.create_connection(("127.0.0.1", self.port))
        s.settimeout(10)
        return s


def answer(s, text):
    s.sendall(text)
    return s.recv(100)


def silent(s):
    s.settimeout(SILENCE_S)
    try:
        return s.recv(100) is None
    except TimeoutError:
        return True
    finally:
        s.settimeout(10)


def broken(s):
    try:
        return s.recv(100) == b""
    except ConnectionResetError:
        return True


def passes(rig):
    s = rig.connect()
    big = b"x" * 300000
    threading.Thread(target=s.sendall, args=(big,)).start()
    back = b""
    while len(back) < len(big):
        back += s.recv(65536)
    s.shutdown(socket.SHUT_WR)
    return back == big and s.recv(1) == b""


def cuts(rig):
    s = rig.connect()
    fine = answer(s, b"1") == b"1"
    rig.say("cut x")
    return fine and broken(s) and answer(rig.connect(), b"2") == b"2"


def delays(rig):
    s = rig.connect()
    rig.say("delay x 150")
    t0 = time.monotonic()
    late = answer(s, b"1") == b"1" and time.monotonic() - t0 >= 0.3  # there and back
    rig.say("pass x")
    return late and answer(s, b"2") == b"2"


def holds(rig):
    s = rig.connect()
    answer(s, b"0")
    rig.got.clear()
    rig.say("hold x")
    s.sendall(b"1")
    held = silent(s) and not rig.got
    rig.say("pass x")
    return held and s.recv(10) == b"1"


def mutes(rig):
    s = rig.connect()
    answer(s, b"0")
    rig.got.clear()
    rig.say("mute x")
    s.sendall(b"1")
    lost = silent(s) and rig.got == [b"1"]  # said, done, never answered
    rig.say("pass x")
    return lost and broken(s) and answer(rig.connect(), b"2") == b"2"


def refuses(rig):
    bad = subprocess.run([rig.proxy.args[0], "nonsense"], capture_output=True).returncode
    none = subprocess.run([rig.proxy.args[0]], capture_output=True).returncode
    return bad == 2 and none == 2


def main():
    rig = Rig(sys.argv[1])
    failed = 0
    for case in (passes, cuts, delays, holds, mutes, refuses):
        ok = case(rig)
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} - the proxy {case.__name__}", flush=True)
    rig.proxy.stdin.close()
    ended = rig.proxy.wait(10) == 0
    print(f"{'ok' if ended else 'not ok'} - it ends with its input")
    sys.exit(1 if failed or not ended else 0)


if __name__ == "__main__":
    main()
