# SPDX-License-Identifier: Apache-2.0
"""Reads topics and database after the fact, knows what was published, and says whether all is as it must be."""
import collections
import json

import tool
from outputs import Output
from place import BIN, CONFIG, DIR, PREFIX, Keys, psql, run
from show import cut, paint, pad, say, table, title

BAD = ("bytes", "signature and certificate", "shell, sender, card", "fields", "repetition", "document and its state",
       "customs answers")


class Judge:
    def __init__(self):
        ledger = json.loads((DIR / "ledger.json").read_text())
        self.messages, self.waves, self.life, self.labels = (ledger[k] for k in ("messages", "waves", "life", "labels"))
        self.findings = []
        keys = Keys()
        self.outputs = [Output(r) for r in tool.topics([f"out.{p}" for p in keys.partners] + ["dead"])]
        self.by_input = collections.defaultdict(list)
        for output in self.outputs:
            self.by_input[output.input].append(output)
        self.inputs = {t: tool.coordinates(t) for t in ("in.checkpoint", "in.customs")}
        self.places = {number: (f"{PREFIX}.{t}", part, offset)
                       for t, places in self.inputs.items() for part, offset, number, _ in places if number is not None}
        self.arrived = {(f"{PREFIX}.{t}", part, offset): time for t, places in self.inputs.items()
                        for part, offset, _, time in places}
        self.replies_by_guid = collections.defaultdict(list)
        for output in self.outputs:
            if output.reply and output.receipt:
                self.replies_by_guid[output.receipt.answers].append(output)

    def find(self, text):
        self.findings.append(text)

    # --- exactly one answer ------------------------------------------------------------------------------

    def count_answers(self):
        """Each record of the input topics has one reply, and nothing was said twice or out of nothing."""
        read = 0
        for topic, places in self.inputs.items():
            for part, offset, _, _ in places:
                replies = [o for o in self.by_input.get((f"{PREFIX}.{topic}", part, offset), ()) if o.reply]
                read += 1
                if len(replies) != 1:
                    self.find(f"{topic}/{part} offset {offset}: {len(replies)} answers, expected 1")
        for kid, n in collections.Counter(o.kid for o in self.outputs).items():
            if n != 1:
                self.find(f"{kid}: {n} records, expected 1")
        for output in self.outputs:
            if output.input not in self.arrived:
                self.find(f"{output.kid}: an answer to nothing")
        mine = sum(m["topic"] == "in.checkpoint" for m in self.messages)
        if len(self.inputs["in.checkpoint"]) != mine:
            self.find(f"in.checkpoint holds {len(self.inputs['in.checkpoint'])} records, {mine} were published")
        return read

    def reply_of(self, message):
        """Output that answers it: by its place in the log, else by its guid."""
        if message["alone"]:
            outputs = self.by_input.get(self.places.get(message["n"]), ())
        else:
            outputs = [o for o in self.replies_by_guid.get(message["guid"], ()) if not self.is_alone(o.input)]
        replies = [o for o in outputs if o.reply]
        return replies[0] if len(replies) == 1 else None

    def is_alone(self, place):
        if not hasattr(self, "_alone"):
            self._alone = set(self.places.values())
        return place in self._alone

    # --- what it says ------------------------------------------------------------------------------------

    def check(self, message):
        reply = self.reply_of(message)
        what = message["what"]
        if reply is None:
            return self.find(f"{what} ({message['guid'] or 'no guid'}): not exactly one answer")
        if message["dead"] != reply.dead:
            return self.find(f"{what}: {'a receipt' if message['dead'] else 'a dead letter'}, expected the other")
        error = reply.letter["error"] if reply.dead else reply.receipt.error
        if error != message["expect"]:
            detail = "" if reply.dead else f" ({reply.receipt.detail})"
            return self.find(f"{what}: {error}{detail}, expected {message['expect']}")
        if reply.receipt:
            self.check_receipt(message, reply)

    def check_receipt(self, message, reply):
        what, receipt = message["what"], reply.receipt
        told = {receipt.rule} | {e["rule"] for e in receipt.errors}
        for rule in set(message["rules"]) - told:
            self.find(f"{what}: rule {rule} is not told")
        if message["expect"] == "FIELDS_WRONG":
            for rule in told - set(message["rules"]) - {receipt.rule}:
                self.find(f"{what}: rule {rule} is told, not expected")
        if message["trap"] != receipt.trap:
            self.find(f"{what}: trap “{receipt.trap}” is named, expected “{message['trap']}”")
        if message["state"] and receipt.state != message["state"]:
            self.find(f"{what}: state {receipt.state}, expected {message['state']}")
        letters = [o for o in self.by_input[reply.input] if o.dead]
        if message["parked"] == receipt.final or message["parked"] != bool(letters):
            self.find(f"{what}: receipt final={receipt.final}, {len(letters)} dead letters")
        if message["same_as"] is not None:
            first = self.reply_of(self.messages[message["same_as"]])
            if first is None or first.payload != reply.payload:
                self.find(f"{what}: not the original receipt byte for byte")

    def check_documents(self):
        """What the database says agrees with what customs was told and said."""
        receipts = psql("SELECT key, count(*), count(DISTINCT r->>'receiptId') FROM record, "
                        "jsonb_array_elements(body->'receipts') r WHERE kind = 'checkpoint' GROUP BY key")
        for key, n, different in receipts:
            if n != different:
                self.find(f"document {key}: a customs receipt is recorded twice")
        holes = psql("SELECT kind, key FROM history GROUP BY kind, key HAVING max(version) <> count(*)")
        self.findings += [f"{kind} {key}: history has a hole" for kind, key in holes]

    # --- what a person sees --------------------------------------------------------------------------------

    def show_states(self):
        title("Documents by state")
        rows = psql("SELECT state, count(*) FROM record WHERE kind = 'checkpoint' GROUP BY state ORDER BY state")
        table(("code", "state", "documents"), [(s, self.labels.get(s, ""), n.rjust(9)) for s, n in rows])

    def show_life(self):
        if not self.life:
            return self.find("it did not get as far as the answers of customs")
        title(f"Life of declaration {self.life}")
        done = run([BIN / "kouan", "trace", "--config", CONFIG, self.life], check=False)
        if done.returncode != 0:
            self.find(f"kouan trace {self.life}: exit {done.returncode}")
        for line in (done.stdout + done.stderr).decode().splitlines():
            say("  " + line)

    def show_bad(self):
        title("What was wrong, and what was answered")
        for group in BAD:
            say("  " + paint(group, "dim"))
            for message in sorted((m for m in self.messages if m["group"] == group), key=lambda m: m["order"]):
                self.show_one(message)

    def show_one(self, message):
        reply = self.reply_of(message)
        if reply is None:
            say(f"    {pad(message['what'], 47)}  ?")
            return
        if reply.dead:
            one = reply.letter
            code, name, rule, text, detail = (one["receiptCode"], one["error"], one.get("rule", ""), one["text"],
                                              one.get("detail", ""))
        else:
            r = reply.receipt
            code, name, rule, text, detail = r.code, r.error, r.rule, r.text, r.detail
        where = "dead letter" if reply.dead else "parked" if not reply.receipt.final else ""
        say(f"    {pad(message['what'], 47)}  {code}  {pad(name, 19)}  {pad(rule, 6)}  {self.brief(reply, text)}"
            + (paint(f"  [{where}]", "yellow") if where else ""))
        for line in self.more(reply, detail, text):
            say("      " + paint(cut(line, 150), "dim"))

    @staticmethod
    def brief(reply, text):
        """The trap's sentence is part of the text; here it has a line of its own."""
        r = reply.receipt
        return text.removesuffix(f"：{r.trap_text}") if r and r.trap else text

    def more(self, reply, detail, text):
        r = reply.receipt
        lines = [f"trap {r.trap}: {r.trap_text}"] if r and r.trap else []
        if r and r.finding and r.finding["expected"]:
            lines.append(self.finding(r.finding))
        elif r and r.errors:
            lines.append(f"{len(r.errors)} error{'s' * (len(r.errors) > 1)}: " + ", ".join(f"{e['rule']} {e['name']}" for e in r.errors))
            lines.append("first: " + (r.errors[0]["path"] + "  " + r.errors[0]["detail"]).strip())
        elif (r and r.field) or detail:
            lines.append("  ".join(t for t in ((r.field if r else ""), detail if detail != text else "") if t))
        return [one for one in lines if one]

    @staticmethod
    def finding(f):
        if f["found"]:
            return f"digest: expected {f['expected'][:12]}…, found {f['found'][:12]}… ({f['algorithm']})"
        return f"signature value does not fit SignedInfo, whose digest is {f['expected'][:12]}… ({f['algorithm']})"

    def show_speed(self):
        """By the broker's time of the message and the engine's time of its receipt, one clock here."""
        title("Figures")
        first, later = self.replies(("first",)), self.replies(("second", "third"))
        published, answered = sum(n for n, _ in self.waves), sum(s for _, s in self.waves)
        say(f"  {published} messages published and answered in {answered:.1f} s, {published / answered:.0f} messages/s end to end, "
            "with the start of the programs that publish")
        if first:
            seconds = (max(r.ts for r in first) - min(self.arrived[r.input] for r in first)) / 1000
            say(f"  the {len(first)} good ones of the beginning: {seconds:.2f} s from the first record in the broker to the last "
                f"receipt, {len(first) / seconds:.0f} messages/s, with the first transaction of a new broker")
        if later:
            waits = sorted(r.ts - self.arrived[r.input] for r in later)
            say(f"  later ones had their receipt after {waits[len(waits) // 2]} ms (median), {waits[-1]} ms (longest)")
        say("  all on this one machine; scripts/bench measures speed properly")

    def replies(self, groups):
        return [r for r in (self.reply_of(m) for m in self.messages if m["group"] in groups) if r]

    def report(self):
        read = self.count_answers()
        for message in self.messages:
            self.check(message)
        self.check_documents()
        self.show_states()
        self.show_life()
        self.show_bad()
        self.show_speed()
        title("Check")
        for finding in self.findings[:30]:
            say("  " + paint("wrong: ", "red") + finding)
        if len(self.findings) > 30:
            say(f"  … and {len(self.findings) - 30} more")
        if not self.findings:
            wrong = sum(m["expect"] != "OK" for m in self.messages)
            say("  " + paint("as it must be: ", "green") + f"{read} records read, each answered exactly once; {wrong} bad messages "
                "refused, each for its own reason")
        return 1 if self.findings else 0


def by_hand():
    ledger = DIR / "ledger.json"
    life = (json.loads(ledger.read_text())["life"] if ledger.exists() else "") or "NUMBER"
    config = "--config var/demo/kouan.ini"
    return f"""  export PATH="$PWD/build/release/bin:$PATH"
  eval "$(scripts/dev-stack --name demo env)"

  kouan make --pki var/demo --type CKDeclareMessage > var/demo/one.xml   # signed by a card, in a portal's shell
  kouan submit {config} --wait --follow-ms 2000 var/demo/one.xml   # its receipts, those of customs too
  kouan submit {config} --wait var/demo/one.xml                    # the same again: the original receipt
  kouan make --pki var/demo --type CKStageMessage --set Declaration/vehicleWeight=-1 | kouan submit {config} --wait -
  kouan trace {config} {life}             # the life of a document
  psql "$KOUAN_PG" -c 'SELECT data_center_no, state, bind_medium_info FROM checkpoint_declaration LIMIT 5'
  kcat -b "$KOUAN_BROKERS" -C -e -q -t kouan.dead                  # refusals nobody could be told

  tail -f var/demo/kouand.log                                      # what the engine says"""
