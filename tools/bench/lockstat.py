# SPDX-License-Identifier: GPL-2.0-only
"""Reads what a kernel with CONFIG_LOCK_STAT says of classes of locks."""

import bisect
import re
from collections import Counter
from dataclasses import dataclass, field

# A class, or the readers or writers of one, and what was counted: twelve columns, times with
# a point. Points of contention, by caller, stand between classes and have fewer.
COLUMNS = r"(\d+) +(\d+)" + r" +[\d.]+" * 4 + r" +(\d+) +(\d+)" + r" +[\d.]+" * 4
CLASS = re.compile(r" *(\S.*?)(?:-[RW])?: +" + COLUMNS + r" *$")
# As long as a name may be in that table, without what tells classes of one name apart.
NAME_LENGTH = 37
SUFFIXED = re.compile(r"(.*?)(#\d+)?(/\d+)?$")
# Keys lie in a module's data, where each object has a symbol; some are inside a lock.
OBJECT_BYTES = 4096


@dataclass
class Statistics:
    """What was counted while @calls were made, by class; readers count as writers do."""
    calls: int = 0
    acquired: Counter = field(default_factory=Counter)
    contended: Counter = field(default_factory=Counter)

    def add(self, other):
        """Adds what was counted at another time."""
        self.calls += other.calls
        self.acquired.update(other.acquired)
        self.contended.update(other.contended)


def parse(text):
    """/proc/lock_stat behind a line with the number of calls, as the benchmark keeps them."""
    first, _, table = text.partition("\n")
    word, _, calls = first.partition(" ")
    if word != "calls" or not table.startswith("lock_stat version 0.4\n"):
        raise ValueError(f"no statistics of locks: {text[:80]!r}")
    found = Statistics(calls=int(calls))
    for line in table.splitlines():
        match = CLASS.match(line)
        if match:
            found.contended[match[1]] += int(match[3])
            found.acquired[match[1]] += int(match[5])
    if not found.acquired.total():
        raise ValueError("the kernel counts no locks")
    return found


def shown(name):
    """What /proc/lock_stat makes of the name that /proc/lockdep has for a class."""
    base, version, subclass = SUFFIXED.match(name).groups()
    room = NAME_LENGTH - 2 * bool(version) - 2 * bool(subclass)
    return base[:room] + (version or "")[:2] + (subclass or "")[:2]


def modules(lockdep, kallsyms):
    """Class, as /proc/lock_stat calls it -> module in whose data the class is declared. Takes
    /proc/lockdep of a kernel that proves nothing and prints addresses (no_hash_pointers), and
    the lines of modules of /proc/kallsyms."""
    symbols = sorted((int(word[0], 16), word[3].strip("[]"))
                     for word in map(str.split, kallsyms.splitlines()) if len(word) == 4)
    starts = [address for address, _ in symbols]
    found = {}
    for line in lockdep.splitlines():
        match = re.match(r"([0-9a-f]{16}): (.+)$", line)
        index = bisect.bisect_right(starts, int(match[1], 16)) - 1 if match else -1
        if index >= 0 and int(match[1], 16) - starts[index] < OBJECT_BYTES:
            found[shown(match[2])] = symbols[index][1]
    return found
