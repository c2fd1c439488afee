# SPDX-License-Identifier: Apache-2.0
"""Two of them, alternately, in one run: the only comparison a noisy machine allows.

The other side of --against is a revision (built in a scratch worktree), a folder of programs, another
allocator (preload:LIB), other options (set:GROUP.KEY=VALUE), or plain: without --dictionary."""
import os
import pathlib
import statistics
import subprocess
import sys

import rig
import runs
from rig import say

SCRATCH = rig.ROOT / "var/bench/against"


class Side:
    """Programs, the sources they belong to, and how they are started."""

    def __init__(self, name, bin_dir, root=rig.ROOT, env=None, overrides=None, load=None):
        self.name, self.bin, self.root = name, pathlib.Path(bin_dir), root
        self.env, self.overrides, self.load = env or {}, overrides or {}, load or {}


def overrides_of(items):
    """GROUP.KEY=VALUE of kouan.ini; keys of [msg] and [xml] carry their group."""
    groups = {}
    for item in items:
        name, _, value = item.partition("=")
        group, dot, key = name.partition(".")
        if not dot or not value:
            sys.exit(f"bench: “{item}” is not GROUP.KEY=VALUE")
        groups.setdefault(group, {})[name if group in ("msg", "xml") else key] = value
    return groups


def here(o):
    return Side("here", os.environ["KOUAN_BIN"], env={"LD_PRELOAD": o.preload} if o.preload else {},
                overrides=overrides_of(o.set))


def _checkout(rev):
    git = ["git", "-C", rig.ROOT]
    done = subprocess.run([*git, "rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}"], text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"bench: --against {rev}: no revision, no folder, no preload:… and no set:…")
    commit = done.stdout.strip()
    tree = SCRATCH / commit[:12]
    if not tree.exists():
        SCRATCH.mkdir(parents=True, exist_ok=True)
        subprocess.run([*git, "worktree", "prune"], check=True)
        subprocess.run([*git, "worktree", "add", "--detach", "--force", tree, commit], check=True, capture_output=True)
    return commit, tree


def other(o):
    what = o.against
    kind, _, value = what.partition(":")
    if kind == "preload":
        return Side(what, os.environ["KOUAN_BIN"], env={"LD_PRELOAD": value}, overrides=overrides_of(o.set))
    if what == "plain":
        return Side(what, os.environ["KOUAN_BIN"], overrides=overrides_of(o.set), load={"dictionary": False})
    if kind == "set":
        return Side(what, os.environ["KOUAN_BIN"], overrides=overrides_of([*o.set, value]))
    if (pathlib.Path(what) / "kouand").exists():
        return Side(what, pathlib.Path(what).resolve(), overrides=overrides_of(o.set))
    commit, tree = _checkout(what)
    say(f"building {commit[:12]} in {tree.relative_to(rig.ROOT)}")
    return Side(f"{what} ({commit[:12]})", rig.build_tree(tree, tree / "build/release"), root=tree,
                overrides=overrides_of(o.set))


def box_of(o, side, name, load=None, lanes=None):
    """An installation of this side."""
    overrides = {group: dict(keys) for group, keys in side.overrides.items()}
    overrides.setdefault("engine", {}).update(codes=side.root / "config/codes", schemas=side.root / "schemas/xsd",
                                              sql=side.root / "schemas/sql")
    return rig.box_class()(name, load or runs.load_of(o, **side.load), bin_dir=side.bin, env=side.env, lanes=lanes or o.lanes,
                           overrides=overrides, pki_args=["--no-bad", "--quiet"])


def _figures(row):
    flat = {"engine": row["engine_us"], **{f"  {name}": us for name, us in row["stages_us"].items()},
            "postgres": row["postgres_us"], "broker": row["broker_us"],
            "engine + postgres": row["engine_us"] + row["postgres_us"]}
    return flat | {"seconds": row["seconds"], "memory (MB)": row["max_rss_kb"] / 1024}


def compare(o, stack, rounds, messages):
    """rows of [name, here, there, median ratio, least, most]; ratio below 1: here is cheaper."""
    mine, its = here(o), other(o)
    seen = {"here": [], "there": []}
    with box_of(o, mine, "bencha") as a, box_of(o, its, "benchb") as b:
        for box in (a, b):
            runs.warm(box)
        for i in range(rounds):
            order = [("here", a), ("there", b)]
            for name, box in order if i % 2 == 0 else order[::-1]:
                row = runs.backlog(box, stack, messages, 1 + i)
                seen[name].append(_figures(row))
                say(f"  round {i + 1} {name:<6} engine {row['engine_us']:>6.1f}  postgres {row['postgres_us']:>6.1f}"
                    f"  broker {row['broker_us']:>6.1f}  R {row['r_us']:>5.1f} us  {row['per_second']:>6.0f}/s")
    rows = []
    for name in seen["here"][0]:
        pairs = [(x[name], y.get(name, 0)) for x, y in zip(seen["here"], seen["there"])]
        ratios = [x / y for x, y in pairs if x > 0 and y > 0] or [0]
        rows.append([name, statistics.median(x for x, _ in pairs), statistics.median(y for _, y in pairs),
                     statistics.median(ratios), min(ratios), max(ratios)])
    return {"other": its.name, "rounds": rounds, "messages": messages, "rows": rows}


def text_of(result):
    lines = [f"here against {result['other']}: {result['rounds']} pairs of {result['messages']} messages, CPU us a message",
             f"{'':<22} {'here':>8} {'there':>8} {'ratio':>7}   {'least':>6} {'most':>6}"]
    lines += [f"{name:<22} {x:>8.1f} {y:>8.1f} {ratio:>7.3f}   {low:>6.3f} {high:>6.3f}"
              for name, x, y, ratio, low, high in result["rows"]]
    return "\n".join(lines)
