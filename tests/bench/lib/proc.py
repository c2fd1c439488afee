# SPDX-License-Identifier: Apache-2.0
"""CPU and memory of processes, from /proc."""
import os

TICK_US = 1_000_000 // os.sysconf("SC_CLK_TCK")


def _stat(pid):
    with open(f"/proc/{pid}/stat", "rb") as file:
        fields = file.read().rsplit(b") ", 1)[1].split()
    # after the name: state ppid .. utime(11) stime(12) cutime(13) cstime(14)
    return int(fields[1]), [int(f) for f in fields[11:15]]


def cpu_us(pid):
    """Of one process: user and system."""
    return sum(_stat(pid)[1][:2]) * TICK_US


def tree_cpu_us(pid):
    """Of a parent that reaps its children (the postmaster): itself, the dead and the living ones."""
    total = sum(_stat(pid)[1])
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            parent, times = _stat(entry)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == pid:
            total += sum(times)
    return total * TICK_US


def rss_kb(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
