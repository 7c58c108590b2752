# SPDX-License-Identifier: GPL-2.0-only
"""The measured data, and what the text of the report asks of it."""

import json
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(TOP, "Documentation/copy-once")
SIZES = {"64": 64, "4K": 4 << 10, "16K": 16 << 10, "64K": 64 << 10, "256K": 256 << 10,
         "1000K": 1000 << 10}
# Between the two sizes of large messages.
PAGES = (1000 - 64) // 4
# What shows whether pages come one by one or in blocks.
PAGE_BENCHMARKS = ("rt.64K.*", "rt.1000K.*", "reclaim.*", "teardown.page*", "memory.area")
OURS, IN_TREE, OTHERS = "ours", "in-tree", "others"
WAYS = {
    "pipe": "pipe", "stream": "Unix stream", "seqpacket": "Unix seqpacket", "mq": "POSIX queue",
    "vm_readv": "process_vm_readv", "shm2": "shared memory, 2 copies", "shm1": "shared memory, 1 copy",
    "eventfd": "the same, eventfd", "dbus": "D-Bus",
}
BINDERS = {OURS: "Binder, this driver", IN_TREE: "Binder, in-tree"}


class Kernel:
    """What was measured on one kernel."""

    def __init__(self, name):
        with open(os.path.join(DATA, name + ".json"), encoding="ascii") as file:
            data = json.load(file)
        self.release = data["kernel"]
        self.about = data
        self.benchmarks = data["benchmarks"]
        self.goals = data["goals"]

    def get(self, who, benchmark, what="median"):
        """A median, or None where there is none."""
        found = self.benchmarks.get(who, {}).get(benchmark)
        return found and found[what]

    def call(self, way, size, state="warm", what="median"):
        """What a call takes through a mechanism or a driver."""
        if way in BINDERS:
            return self.get(way, f"rt.{size}.{state}", what)
        return self.get(OTHERS, f"ipc.{size}.{way}", what)

    def page(self, way, state="warm"):
        """What each further page of a large message takes."""
        return (self.call(way, "1000K", state) - self.call(way, "64K", state)) / PAGES

    def crossing(self, way, other, state="warm"):
        """The payload from which on @way takes less than @other, straight between sizes that were
        measured; 0 if it always does, None if it never does."""
        before = None
        for name, size in SIZES.items():
            mine, its = self.call(way, name, state), self.call(other, name)
            if mine is None or its is None:
                continue
            ahead = its - mine
            if before is None and ahead >= 0:
                return 0
            if ahead >= 0 > before[1]:
                return before[0] + (size - before[0]) * before[1] / (before[1] - ahead)
            before = (size, ahead)
        return None


def optional(kind, name):
    """Data that need not be there, or None."""
    return kind(name) if os.path.exists(os.path.join(DATA, name + ".json")) else None


def measured(kernel, benchmark):
    """The kernel's data if they have that of both drivers, or None."""
    return kernel if all(kernel.get(who, benchmark) for who in BINDERS) else None


def section(found, text, how):
    """A sentence and what it is about, if there are data."""
    return f"{text.format(found)}\n\n{how(found)}" if found else ""


def bytes_text(size):
    """A size as one says it."""
    if size is None:
        return "never"
    if size < 64:
        return "always"
    return f"{size:.0f} B" if size < 1024 else f"{size / 1024:.0f} KiB"


def sizes_text(size):
    """From which size on, as part of a sentence."""
    if size is None:
        return "at no size"
    return "from " + bytes_text(size) + " on" if size else "at every size"


def number(value):
    """Three digits or so, thousands apart."""
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def thousands(value):
    """Thousands, with a digit behind the point."""
    return "-" if value is None else f"{value / 1000:,.1f}"


def table(head, rows):
    """A table in Markdown: the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def calls_table(kernel):
    """A call by mechanism and payload."""
    ways = {**BINDERS, **WAYS}
    return table(["thousands of instructions a call", *SIZES],
                 [[ways[way], *(thousands(kernel.call(way, size)) for size in SIZES)] for way in ways])


def pages_table(kernel):
    """What a page more takes, by mechanism."""
    rows = [[f"{name}: buffer in use before", number(kernel.page(way))] for way, name in BINDERS.items()]
    rows += [[f"{name}: after reclaim", number(kernel.page(way, "cold"))] for way, name in BINDERS.items()]
    rows += [[f"{name}: never used before", number(kernel.page(way, "first"))]
             for way, name in BINDERS.items()]
    rows += [[name, number(kernel.page(way))] for way, name in WAYS.items()]
    return table(["", "instructions a page of 4 KiB"], rows)


def crossings_table(kernel):
    """From which payload on a Binder call is the cheaper one."""
    rows = []
    for way, name in WAYS.items():
        rows.append([name, *(bytes_text(kernel.crossing(who, way)) for who in BINDERS)])
    return table(["cheaper than", *BINDERS.values()], rows)


def states_table(kernel):
    """The three states of the receiver's buffer."""
    rows = []
    for state, text in (("warm", "in use before"), ("cold", "reclaimed"), ("first", "never used")):
        for size in ("64", "4K", "64K", "1000K"):
            mine, its = (kernel.get(who, f"rt.{size}.{state}") for who in (OURS, IN_TREE))
            if mine:
                rows.append([f"{size}, {text}", number(mine), number(its), f"{mine / its:.2f}"])
    return table(["payload, pages of the buffer", "this driver", "in-tree", "ratio"], rows)


def blocks_table(kernel, single):
    """Pages one by one and in blocks."""
    def slope(found, who, long, short, count):
        pair = [found.get(who, name) for name in (long, short)]
        return (pair[0] - pair[1]) / count if all(pair) else None

    rows = []
    for text, long, short, count in (
            ("in use before", "rt.1000K.warm", "rt.64K.warm", PAGES),
            ("filled after reclaim", "rt.1000K.cold", "rt.64K.cold", PAGES),
            ("filled for the first time", "rt.1000K.first", "rt.64K.first", PAGES),
            ("taken back", "reclaim.1000K", "reclaim.64K", PAGES),
            ("given back when the file is closed", "teardown.page250", "teardown.page10", 240)):
        rows.append([text, *(number(slope(found, who, long, short, count)) for found, who in (
            (kernel, OURS), (single, OURS), (kernel, IN_TREE)))])
    return table(["instructions a page", "this driver, blocks of 16", "this driver, `folio_order=0`", "in-tree"], rows)


def areas_table(kernel, single):
    """What areas keep, with blocks and without."""
    rows = []
    for text, name in (("once it has seen 300 calls of the mix", "memory.area.idle"),
                       ("after reclaim, with a message of 64 B in use", "memory.area.held")):
        rows.append([text, *(number(found.get(who, name) / 1024) for found, who in (
            (kernel, OURS), (single, OURS), (kernel, IN_TREE)))])
    return table(["KiB an area keeps", "this driver, blocks of 16", "this driver, `folio_order=0`", "in-tree"], rows)


def native_table(native):
    """Time on a real processor: the best, and the median."""
    rows = []
    for way, name in WAYS.items():
        rows.append([name, *(f"{thousands(native.call(way, size, what='min'))} ({thousands(native.call(way, size))})"
                             if native.call(way, size) else "-" for size in SIZES)])
    return table(["microseconds a call: best (median)", *SIZES], rows)


def scaling_table(kernel):
    """Time a call takes with several clients."""
    rows = []
    for name, text in (("load.clients.1", "1 client"), ("load.clients.2", "2 clients"),
                       ("load.clients.4", "4 clients"), ("load.clients.8", "8 clients"),
                       ("load.pairs.4", "4 clients, a service each")):
        mine, its = (kernel.get(who, name) for who in (OURS, IN_TREE))
        if mine and its:
            rows.append([text, thousands(mine), thousands(its), f"{its / mine:.2f}"])
    return table(["microseconds a call", "this driver", "in-tree", "times as many calls"], rows)


def latency_table(kernel):
    """Percentiles with and without somebody at the receiver's address space."""
    rows = []
    for what, text in (("warm", "call of 64 B, warm"), ("cold", "oneway message of 4 KiB on a new page")):
        for state, how in (("quiet", "receiver quiet"), ("mapping", "receiver maps and unmaps")):
            for who, name in BINDERS.items():
                rows.append([f"{text}; {how}; {name.removeprefix('Binder, ')}",
                             *(thousands(kernel.get(who, f"load.{what}.{state}.{p}"))
                               for p in ("p50", "p90", "p99", "max"))])
    return table(["microseconds", "half are below", "90 %", "99 %", "longest"], rows)


def memory_table(kernel):
    """Memory of the kernel's that things take."""
    rows = []
    for text, how in (
            ("a process that has the device open, mapped 1 MiB and got one answer",
             lambda who: kernel.get(who, "memory.open.objects") - kernel.get(who, "memory.open.file")),
            ("... the same with the page of its buffer, page tables and the file",
             lambda who: kernel.get(who, "memory.open.all")),
            ("a queued oneway message of 64 B", lambda who: kernel.get(who, "memory.queued")),
            ("an object that one other process holds", lambda who: kernel.get(who, "memory.node"))):
        try:
            mine, its = how(OURS), how(IN_TREE)
            rows.append([text, number(mine), number(its), f"{mine / its:.2f}"])
        except TypeError:
            continue        # not measured
    return table(["bytes", "this driver", "in-tree", "ratio"], rows)


def goals_table(*kernels):
    """All goals, with the verdict on each kernel."""
    head, rows = ["goal", "figure"], []
    for kernel in kernels:
        head += [f"{kernel.release.split('+')[0]}: this driver", "in-tree", "ratio", "goal", ""]
    for goal in kernels[0].goals:
        line = [goal["goal"], goal["what"].replace("... ", "")]
        for kernel in kernels:
            row = next((row for row in kernel.goals
                        if (row["goal"], row["what"]) == (goal["goal"], goal["what"])), None)
            if not row:
                line += ["-"] * 5       # not measured there
                continue
            sign = {"least": "≥ ", "ratio": "ratio "}.get(row["kind"], "≤ ")
            limit = row.get("limit")
            line += [number(row["ours"]["median"]), number(row["in-tree"]["median"]),
                     f"{row['ratio']:.2f}" if row.get("ratio") else "-",
                     "-" if limit is None else sign + (f"{limit:.2f}" if row["kind"] == "ratio" else number(limit)),
                     {True: "met", False: "**missed**"}.get(row.get("met"), "-")]
        rows.append(line)
    return table(head, rows)


def missed(kernel):
    """The goals that are not met."""
    return ", ".join(dict.fromkeys(row["goal"] for row in kernel.goals if row.get("met") is False)) or "none"


class Profile:
    """Where instructions are."""

    def __init__(self, name):
        with open(os.path.join(DATA, name + ".json"), encoding="ascii") as file:
            self.data = json.load(file)

    def only(self):
        """The one benchmark in it, by driver."""
        return next(value for key, value in self.data.items() if isinstance(value, dict))

    def table(self, unit, least):
        """Groups of functions, side by side; small ones together."""
        drivers = self.only()
        groups = drivers[IN_TREE]["groups"]
        rows, rest = [], [0, 0]
        for name in sorted(groups.keys() | drivers[OURS]["groups"].keys(),
                           key=lambda name: -groups.get(name, 0)):
            pair = [drivers[who]["groups"].get(name, 0) for who in (OURS, IN_TREE)]
            if max(pair) >= least and name != "other":
                rows.append([name, *map(number, pair)])
            else:
                rest = [rest[i] + pair[i] for i in (0, 1)]
        rows.append(["the rest", *map(number, rest)])
        rows.append(["in all", *(number(sum(drivers[who]["groups"].values())) for who in (OURS, IN_TREE))])
        return table([unit, "this driver", "in-tree"], rows)

    def locks(self):
        """Locks and atomic instructions of a call."""
        drivers = self.only()
        return table(["a call of 64 B", "this driver", "in-tree"],
                     [[text, *(number(drivers[who][what]) for who in (OURS, IN_TREE))] for text, what in (
                         ("locks taken and given back, scheduler included", "locks"),
                         ("atomic instructions, scheduler included", "atomics"),
                         ("of these in the driver's own code", "atomics in driver"))])
