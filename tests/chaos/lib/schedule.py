# SPDX-License-Identifier: Apache-2.0
"""What goes wrong when: a pure function of the seed, so that a run can be repeated.

A schedule is a list of (seconds, action, target, argument).  Faults come in rounds with some calm behind
each: without calm no lane would ever get its partitions, and nothing would be at stake.
"""
import collections
import random

Event = collections.namedtuple("Event", "at action target argument")

ENGINES = "abc"
KILL_POINTS = ["take.fenced", "take.read", "settle.gathered", "settle.decided", "settle.written",
               "settle.commit_sent", "settle.committed", "relay.begun", "relay.produced", "relay.offsets",
               "relay.commit_sent", "relay.committed", "single.suspect"]
STOP_POINTS = ["settle.gathered", "settle.decided", "settle.written", "settle.committed", "relay.produced",
               "relay.offsets", "relay.committed"]
# Beyond the transaction's time-out (10 s), aborts, new producers, and slow steps.
SICK = ["relay.produced:sleep11500:2", "relay.offsets:sleep11500:1", "settle.decided:sleep8000:2",
        "relay.abort:error:1,relay.abort:error:2", "relay.recycle:error:0", "relay.recycle:kill:2",
        "relay.abort:kill:3", "settle.written:sleep11000:2", "settle.committed:sleep2000:1",
        "take.read:error:1", "take.read:error:1,relay.produced:kill:1"]
ROUNDS = [("one", 14), ("two", 16), ("all", 12), ("points", 22), ("database", 10), ("broker", 9), ("crowd", 9),
          ("freeze", 5), ("zombie", 7), ("cut", 5), ("mute", 7), ("hold", 4), ("slow", 3), ("backends", 4),
          ("roll", 3), ("scale", 4), ("sick", 6), ("reload", 2), ("takeover", 9)]


class Maker:
    def __init__(self, seed, brokers):
        self.rand, self.brokers, self.events = random.Random(seed), brokers, []

    def add(self, at, action, target="", argument=""):
        self.events.append(Event(round(at, 2), action, target, argument))

    def fault(self):
        return f"{self.rand.choice(KILL_POINTS)}:kill:{self.rand.choice((1, 1, 1, 2, 3))}"

    def engine(self):
        return self.rand.choice(ENGINES)

    def broker(self):
        return f"kafka{self.rand.randint(1, self.brokers)}"

    def server(self):
        return self.rand.choice(["pg", self.broker()])

    def kill(self, at, who, armed=0.5):
        """argument: seconds until it comes back, and what it is armed with then"""
        fault = self.fault() if self.rand.random() < armed else ""
        self.add(at, "kill", who, f"{self.rand.uniform(0.1, 1.5):.2f} {fault}".strip())

    # --- rounds: each returns the calm it needs ---

    def one(self, t):
        self.kill(t, self.engine())
        return 4, 9

    def two(self, t):
        for who in self.rand.sample(ENGINES, 2):
            self.kill(t + self.rand.uniform(0, 1), who)
        return 4, 9

    def all(self, t):
        for who in ENGINES:
            self.kill(t + self.rand.uniform(0, 0.3), who, 0.7)
        return 5, 9

    def points(self, t):
        for who in self.rand.sample(ENGINES, self.rand.randint(1, 3)):
            self.kill(t + self.rand.uniform(0, 0.5), who, 1.0)
        return 5, 9

    def database(self, t):
        self.add(t, "immediate", "pg", f"{self.rand.uniform(0, 3):.2f}")
        return 3, 6

    def broker_dies(self, t):
        self.add(t, "immediate", self.broker(), f"{self.rand.uniform(0, 2):.2f}")
        return 7, 11

    def crowd(self, t):
        """Everything on one machine loses its power."""
        self.add(t, "immediate", "pg", f"{self.rand.uniform(0, 2):.2f}")
        if self.rand.random() < 0.5:
            self.add(t, "immediate", self.broker(), f"{self.rand.uniform(0, 1):.2f}")
        for who in self.rand.sample(ENGINES, self.rand.randint(1, 3)):
            self.kill(t + self.rand.uniform(-0.1, 0.1), who)
        return 8, 12

    def freeze(self, t):
        seconds = self.rand.uniform(7.5, 11)
        self.add(t, "freeze", self.engine(), f"{seconds:.2f}")
        return seconds + 1, seconds + 4

    def zombie(self, t):
        point = self.rand.choice(STOP_POINTS)
        self.add(t, "kill", self.engine(), f"0.10 {point}:stop:{self.rand.randint(1, 3)}")
        return 10, 14

    def cut(self, t):
        self.add(t, "cut", self.server())
        return 1, 4

    def mute(self, t):
        where = self.server()
        self.add(t, "mute", where)
        self.add(t + self.rand.uniform(0.1, 2.5), "pass", where)
        return 3, 7

    def hold(self, t):
        where, seconds = self.server(), self.rand.uniform(2, 8)
        self.add(t, "hold", where)
        self.add(t + seconds, "pass", where)
        return seconds + 2, seconds + 5

    def slow(self, t):
        where = self.server()
        self.add(t, "delay", where, str(self.rand.randint(50, 700)))
        self.add(t + self.rand.uniform(2, 5), "pass", where)
        return 6, 8

    def takeover(self, t):
        """Trouble on the network just while others take what a dead engine held."""
        self.kill(t, self.engine(), 0.3)
        at, where = t + self.rand.uniform(0.2, 8), self.server()
        if self.rand.random() < 0.5:
            return self.storm(t, t + self.rand.uniform(5, 7), where)
        for _ in range(self.rand.randint(1, 3)):
            how = self.rand.choice(["cut", "mute", "hold"])
            self.add(at, how, where)
            at += self.rand.uniform(0.1, 1.5)
            self.add(at, "pass", where)
            at += self.rand.uniform(0, 1)
        return at - t + 2, at - t + 5

    def storm(self, t, at, where):
        """No connection lives long enough for all that a take asks."""
        for _ in range(self.rand.randint(10, 40)):
            self.add(at, "cut", where)
            at += self.rand.uniform(0.01, 0.12)
        return at - t + 3, at - t + 6

    def backends(self, t):
        self.add(t, "backends", "pg")
        return 1, 3

    def roll(self, t):
        for i, who in enumerate(ENGINES):
            self.add(t + i * 1.5, "term", who, "0.20")
        return 7, 10

    def scale(self, t):
        one = self.engine()
        for who in ENGINES:
            if who != one:
                self.add(t, "term", who, f"{self.rand.uniform(5, 8):.2f}")
        return 10, 14

    def sick(self, t):
        self.add(t, "kill", self.engine(), f"0.10 {self.rand.choice(SICK)}")
        return 5, 13

    def reload(self, t):
        self.add(t, "reload", self.engine())
        return 1, 3

    def make(self, seconds, only):
        t = 3.0
        names, weights = zip(*[r for r in ROUNDS if not only or r[0] in only])
        while True:
            name = self.rand.choices(names, weights)[0]
            low, high = getattr(self, "broker_dies" if name == "broker" else name)(t)
            t += self.rand.uniform(low, high)
            if t >= seconds - 3:
                return sorted(e for e in self.events if 0 <= e.at < seconds)


def make(seed, seconds, brokers=1, only=()):
    return Maker(seed, brokers).make(seconds, only)


def control(seed, seconds):
    """One engine after the other dies between sending and remembering."""
    rand, events, t = random.Random(seed), [], 3.0
    while t < seconds - 2:
        events.append(Event(round(t, 2), "kill", rand.choice(ENGINES),
                            f"0.10 {rand.choice(['relay.produced', 'relay.offsets'])}:kill:{rand.randint(1, 3)}"))
        t += rand.uniform(2, 4)
    return events
