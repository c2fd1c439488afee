# SPDX-License-Identifier: Apache-2.0
"""What is published, in three waves: what needs nothing before it, what needs numbers, what needs customs."""
import json
import time

import bad
from messages import by_card, by_enterprise, declaration, sample, which
from outputs import Outputs
from place import DIR, Keys, fail
from show import Live, phase, title
from tool import Publisher, Reader, build_all

# staged by card, staged bare, staged by a portal's statement, declared whole
SIZES = {"full": (60, 36, 12, 120), "quick": (12, 6, 3, 24)}
CUSTOMS_SAID = ("S04", "S05", "S06")
CONFIRM = "<ck:Declare><ck:confirm>true</ck:confirm></ck:Declare>"


class Traffic:
    def __init__(self, size):
        self.keys, self.sizes = Keys(), SIZES[size]
        self.outputs, self.publisher = Outputs(), Publisher()
        self.groups = {}    # title -> messages, for the judge
        self.life = ""      # number of a declaration that saw everything
        self.waves = []     # (messages, seconds) from the first record to the last answer
        topics = [f"out.{p}" for p in self.keys.partners] + ["dead"]
        self.reader = Reader(topics, self.outputs.heard)

    # --- making --------------------------------------------------------------------------------------

    def by_turn(self, n):
        """Portals and operators' cards in turn, so that all kinds of keys meet."""
        return self.keys.portals[n % len(self.keys.portals)], self.keys.operators[n // 2 % len(self.keys.operators)]

    def first_wave(self):
        by_cards, bare, stated, whole = self.sizes
        made = [by_card("CKStageMessage", *self.by_turn(n), declaration(*sample(n))) for n in range(by_cards)]
        for n in range(bare):
            enterprise = self.keys.enterprises[n % len(self.keys.enterprises)]
            made.append(by_enterprise("CKStageMessage", enterprise, declaration(*sample(1000 + n))))
        for n in range(stated):
            # No card at all: the portal, trusted with it, states whose document it is.
            card = self.keys.operators[n % len(self.keys.operators)]
            one = by_card("CKStageMessage", self.keys.portals[0], {**card, "number": ""}, declaration(*sample(2000 + n)),
                          "暂存, stated by PORTAL01", head={"orgCode": card["orgcode"]})
            one.card = None
            made.append(one)
        made += [by_card("CKDeclareMessage", *self.by_turn(n), CONFIRM + declaration(*sample(3000 + n))) for n in range(whole)]
        return made

    def second_wave(self):
        """Of what was staged by card: most is declared, some changed, some deleted."""
        made, self.kept = [], []
        staged = [m for m in self.groups["first"] if m.type == "CKStageMessage" and m.card]
        for n, message in enumerate(staged):
            receipt = self.outputs.answered(message.guid)
            if not receipt or not receipt.number:
                continue
            number, portal, card = receipt.number, message.signer, message.card
            if n % 6 == 4:
                made.append(by_card("CKDeleteMessage", portal, card, which("Delete", number, "true")))
            elif n % 6 == 5:
                head, rows = sample(4000 + n)
                made.append(by_card("CKStageMessage", portal, card, declaration({"dataCenterNo": number, **head}, rows),
                                    f"暂存 again, {portal['id']}"))
                self.kept.append((number, card))
            else:
                made.append(by_card("CKDeclareMessage", portal, card, which("Declare", number, "true")))
        return made

    def third_wave(self):
        """Reading, and what must be refused because of where a document stands."""
        states, owners = self.outputs.states(), self.owners()
        approved = [n for n, s in sorted(states.items()) if s == "S05" and n in owners]
        answered = [n for n, s in sorted(states.items()) if s in ("S05", "S06") and n in owners]
        if len(approved) < 2 or not self.kept:
            fail(f"customs approved {len(approved)} documents and {len(self.kept)} are staged; too few to go on")
        made = []
        for n, number in enumerate(answered[:len(answered) // 4 + 1]):
            portal, card = self.keys.portals[n % len(self.keys.portals)], owners[number]
            made.append(by_card("CKViewMessage", portal, card, which("View", number)))
            made.append(by_card("CKReceiptsMessage", portal, card, which("Receipts", number)))
        self.groups["document and its state"] = bad.documents(self.keys, (approved[0], owners[approved[0]]), self.kept[0])
        self.groups["customs answers"] = bad.customs(self.keys, (approved[1], owners[approved[1]]))
        self.life = approved[1]
        return made

    def owners(self):
        """Card that declared each document."""
        found = {}
        for message in self.publisher.sent:
            receipt = self.outputs.answered(message.guid) if message.type == "CKDeclareMessage" else None
            if receipt and receipt.number and receipt.error == "OK":
                found[receipt.number] = message.card
        return found

    # --- sending ---------------------------------------------------------------------------------------

    def send(self, messages, what):
        """Signs, publishes, waits for the last answer."""
        live, begin = Live(), time.monotonic()
        build_all(messages, lambda n: live.update(f"signing {n} of {len(messages)}"))
        live.done()
        phase(f"{what}: {len(messages)} messages signed", time.monotonic() - begin)
        self.reader.wait_ready()
        live, begin = Live(), time.monotonic()
        before, self.published = len(self.publisher.sent), 0

        def tick(n):
            self.published = n
            live.update(self.progress())

        self.publisher.publish(messages, tick)
        mine = self.publisher.sent[before:]
        self.wait(live, self.all_answered, 60 + len(messages) / 5)
        seconds = time.monotonic() - begin
        self.waves.append((len(mine), seconds))
        live.done()
        phase(f"{what}: published, all answered", seconds)

    def progress(self):
        states = list(self.outputs.states().values())
        done = sum(s in CUSTOMS_SAID for s in states)
        return (f"published {len(self.publisher.sent)}, answered {self.outputs.replies}, "
                f"declarations at customs {len(states)}, answered by customs {done}")

    def all_answered(self):
        """Every record of ours on in.checkpoint has its reply; those of customs by their guid."""
        sent = self.publisher.sent
        with_guid = [m for m in sent if m.topic == "in.customs"]
        return self.outputs.replies >= len(sent) - len(with_guid) and all(self.outputs.answered(m.guid) for m in with_guid)

    def wait(self, live, condition, seconds):
        until = time.monotonic() + seconds
        while not condition():
            self.reader.alive()
            if time.monotonic() > until:
                live.done()
                fail(f"not all answered after {seconds:.0f} s: {self.progress()}\n{self.missing()}")
            live.update(self.progress())
            time.sleep(0.1)

    def missing(self):
        lost = [m for m in self.publisher.sent if m.guid and m.expect == "OK" and not self.outputs.answered(m.guid)]
        return "\n".join(f"  no answer: {m.what} {m.guid}" for m in lost[:5])

    def customs_done(self):
        states = self.outputs.states()
        return all(states.get(number) in CUSTOMS_SAID for number in self.owners())

    # --- all of it ---------------------------------------------------------------------------------------

    def run(self):
        title("Messages")
        try:
            self.all_waves()
        finally:
            self.reader.close()
            self.write_ledger()

    def all_waves(self):
        self.groups["first"] = self.first_wave()
        self.send(self.groups["first"], "good ones")
        more = dict(bad.at_once(self.keys))
        self.groups.update(more)
        self.send([m for group in more.values() for m in group], "bad ones")
        self.groups["second"] = self.second_wave()
        self.send(self.groups["second"], "second steps")
        live, begin = Live(), time.monotonic()
        self.wait(live, self.customs_done, 90)
        live.done()
        phase(f"customs answered: {len(self.owners())} declarations", time.monotonic() - begin)
        self.groups["third"] = self.third_wave()
        self.send([m for name in ("third", "document and its state", "customs answers") for m in self.groups[name]],
                  "third steps")

    def write_ledger(self):
        """All the judge gets to know; the rest it reads from topics and database."""
        names = {id(m): n for n, m in enumerate(self.publisher.sent)}
        of = {id(m): (group, n) for group, messages in self.groups.items() for n, m in enumerate(messages)}
        rows = [{"n": names[id(m)], "group": of[id(m)][0], "order": of[id(m)][1], "what": m.what, "type": m.type,
                 "guid": m.guid, "sender": m.sender, "topic": m.topic, "alone": m.alone, "bytes": len(m.bytes),
                 "expect": m.expect, "rules": m.rules, "trap": m.trap,
                 "state": m.state, "dead": m.dead, "parked": m.parked,
                 "same_as": names[id(m.same_as)] if m.same_as else None} for m in self.publisher.sent]
        (DIR / "ledger.json").write_text(json.dumps({"messages": rows, "waves": self.waves, "life": self.life,
                                                     "labels": self.outputs.labels}, ensure_ascii=False))
