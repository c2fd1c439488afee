# SPDX-License-Identifier: Apache-2.0
"""Tables of what was measured."""
import pair

REST = "librdkafka's threads and the rest"


def load(result):
    f, b = result["floor"], result["backlog"]
    r, loaded, least = f["r"], b["r_us"], f["verify_validate"] + f["receipt"]
    lines = [f"\n{'a message':<40} {'CPU us':>9} {'x R':>7} {'x floor':>8}"]

    def row(name, us, yard=loaded):
        lines.append(f"{name:<40} {us:>9.1f} {us / yard:>7.2f} {us * r / yard / least:>8.2f}")

    row("R: RSA-2048 verify, key cached, alone", r, r)
    row("R: the same beside the load", loaded)
    row("floor: verify + validate", f["verify_validate"], r)
    row("floor: write and sign the receipt", f["receipt"], r)
    row("engine", b["engine_us"])
    for name, us in b["stages_us"].items():
        row(f"  {REST if name == 'rest' else name}", us)
    row("PostgreSQL", b["postgres_us"])
    row("broker", b["broker_us"])
    row("engine + PostgreSQL", b["engine_us"] + b["postgres_us"])
    lines.append("rows of the load are divided by R beside the load: a busy core makes everything dearer alike")
    lines.append(f"\n{b['per_second']:.0f} messages/s end to end ({b['messages']} in {b['seconds']:.1f} s, "
                 f"{b['batches']} batches), engine {b['max_rss_kb'] // 1024} MB at most")
    if result.get("latency"):
        v, w = result["latency"]["visible_ms"], result["latency"]["written_ms"]
        lines.append(f"latency at {result['latency']['rate']:.0f}/s, ms from append to receipt read (written): "
                     f"p50 {v['p50']} ({w['p50']})  p90 {v['p90']} ({w['p90']})  p99 {v['p99']} ({w['p99']})  "
                     f"max {v['max']} ({w['max']})")
    lines.append(f"verdicts: {result['verdicts']}")
    return "\n".join(lines)


GROWN = f"{'':<30} {'messages':>8} {'msg/s':>7} {'R us':>6} {'engine':>9} {'x R':>8} {'postgres':>9} {'broker':>9} {'MB':>5}"


def grown(row):
    """One line under GROWN."""
    return (f"{row['name']:<30} {row['messages']:>8} {row['per_second']:>7.0f} {row['r_us']:>6.1f} {row['engine_us']:>9.1f}"
            f" {row['engine_us'] / row['r_us']:>8.2f} {row['postgres_us']:>9.1f} {row['broker_us']:>9.1f}"
            f" {row['max_rss_kb'] // 1024:>5}")


def everything(result):
    v = result["versions"]
    parts = [f"{result['revision']}; Kafka {v['kafka']}, PostgreSQL {v['postgresql']}, librdkafka {v['librdkafka']}, "
             f"{v['openssl']}; {v['cores']} x {v['cpu']}"]
    if "against" in result:
        parts.append(pair.text_of(result["against"]))
    if "backlog" in result:
        parts.append(load(result))
    for name in ("records", "sizes", "matrix"):
        if name in result:
            parts.append("\n".join([f"{name}: CPU us a message", GROWN, *map(grown, result[name])]))
    return "\n\n".join(parts)
