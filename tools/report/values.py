# SPDX-License-Identifier: GPL-2.0-only
"""The measured data, and what the text of the report asks of it."""

import itertools
import json
import math
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(TOP, "Documentation/copy-once")
SIZES = {"64": 64, "4K": 4 << 10, "16K": 16 << 10, "64K": 64 << 10, "256K": 256 << 10,
         "1000K": 1000 << 10}
# Between the two sizes of large messages.
PAGES = (1000 - 64) // 4
# What shows whether pages come one by one or in blocks.
PAGE_BENCHMARKS = ("rt.64K.*", "rt.1000K.*", "reclaim.*", "teardown.page*", "memory.area", "memory.large")
# Of blocks, besides the usual one.
ORDERS = range(4)
PAGE_FIGURES = {"warm": "large warm payload, a page", "cold": "after reclaim, a page",
                "first": "first touch, a page"}
# Percent by which medians differ from one start of the machine to another (tools/bench/README.md).
REPEATS = {"P12": 0.7, "P16": 3, "P5": 1.5, "P8": 1.5, "P11": 2, "P13": 6.5, "P14": 3.5}
REPEATS_USUALLY = 0.3
OURS, IN_TREE, OTHERS = "ours", "in-tree", "others"
WAYS = {
    "pipe": "pipe", "stream": "Unix stream", "seqpacket": "Unix seqpacket", "mq": "POSIX queue",
    "vm_readv": "process_vm_readv", "shm2": "shared memory, 2 copies",
    "shm1": "shared memory, 1 copy", "eventfd": "the same, eventfd", "dbus": "D-Bus",
}
BINDERS = {OURS: "Binder, this driver", IN_TREE: "Binder, in-tree"}

# What is less than this apart is the same.
ALIKE = 0.03
# Where the middle half of the samples is wider than this part of their median, a time is noise.
NOISE_PERCENT = 10


class Kernel:
    """What was measured on one kernel."""

    def __init__(self, name):
        data = load(name)
        self.release = data["kernel"]
        self.about = data
        self.benchmarks = data["benchmarks"]
        self.goals = data["goals"]

    def maker(self):
        """Whose processor it was, where that matters."""
        return self.about["processor"].split()[0].split("(")[0]

    def get(self, who, benchmark, what="median"):
        """A median, or None where there is none."""
        found = self.benchmarks.get(who, {}).get(benchmark)
        return found and found[what]

    def call(self, way, size, state="warm", what="median"):
        """What a call takes through a mechanism or a driver."""
        if way in BINDERS:
            return self.get(way, f"rt.{size}.{state}", what)
        return self.get(OTHERS, f"ipc.{size}.{way}", what)

    def figure(self, what, who=OURS):
        """The median of one that goals are about, or None where there is none."""
        return next((row[who]["median"] for row in self.goals
                     if what == row["what"] and who in row), None)

    def page(self, way, state="warm"):
        """What each further page of a large message takes."""
        if way in BINDERS and state in PAGE_FIGURES:
            return self.figure(PAGE_FIGURES[state], way)
        return (self.call(way, "1000K", state) - self.call(way, "64K", state)) / PAGES

    def idle_threads(self, way):
        """What a call of 64 bytes takes more when two threads of the service are idle, or None."""
        return self.figure("2 more idle threads", way)

    def crossing(self, way, other, more=0):
        """The payload from which on a warm call through @way, with @more added, takes less than
        @other, straight between sizes that were measured; 0 if it always does, None if it never
        does."""
        before = None
        for name, size in SIZES.items():
            mine, its = self.call(way, name), self.call(other, name)
            if mine is None or its is None:
                continue
            ahead = its - mine - more
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


def load(name):
    """Data as they are."""
    with open(os.path.join(DATA, name + ".json"), encoding="ascii") as file:
        return json.load(file)


def sources_text(kernels, profiles):
    """Which state of this driver the figures are of, or that they are of several."""
    found = {row.get("sources", "none") for kernel in kernels if kernel
             for row in kernel.benchmarks[OURS].values()}
    found |= {profile.data.get("sources", "none") for profile in profiles if profile}
    return listed(sorted(found), "none")


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


def versus(mine, its):
    """How one figure compares to another, as part of a sentence: a few percent turn no word."""
    if abs(mine - its) <= ALIKE * its:
        return "about as much as"
    return "more than" if mine > its else "less than"


def listed(words, none):
    """Words as part of a sentence."""
    words = list(words)
    return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else (words or [none])[0]


def table(head, rows):
    """A table in Markdown: the first column is text, the others are numbers."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def calls_table(kernel):
    """A call by mechanism and payload."""
    rows = [[name, *(thousands(kernel.call(way, size)) for size in SIZES)]
            for way, name in BINDERS.items()]
    rows += [[f"{name}, with two idle threads",
              *(thousands(kernel.get(way, f"rt.{size}.pool2")) for size in SIZES)]
             for way, name in BINDERS.items() if kernel.idle_threads(way)]
    rows += [[name, *(thousands(kernel.call(way, size)) for size in SIZES)]
             for way, name in WAYS.items()]
    return table(["thousands of instructions a call", *SIZES], rows)


def idle_text(kernel):
    """What a call takes with idle threads, as part of a sentence."""
    mine, its = (kernel.get(who, "rt.64.pool2") for who in (OURS, IN_TREE))
    socket = kernel.call("seqpacket", "64")
    return (f"{thousands(mine)} thousand ({thousands(its)} in-tree) on {kernel.release}, "
            f"{versus(mine, socket)} a seqpacket socket's {thousands(socket)}")


def spread_text(kernel):
    """How wide the middle half of the samples of calls is, as part of a sentence."""
    found = [(about["spread_percent"], name) for who in (OURS, IN_TREE, OTHERS)
             for name, about in kernel.benchmarks[who].items() if name.startswith(("rt.", "ipc."))]
    narrow = sum(1 for spread, _ in found if spread <= 1)
    return (f"at most 1 % of the median in {narrow} of the {len(found)} benchmarks of calls, "
            "{:.1f} % in the worst (`{}`)".format(*max(found)))


def pages_table(kernel):
    """What a page more takes, by mechanism."""
    rows = [[f"{name}: {text}", number(kernel.page(way, state))] for state, text in (
        ("warm", "buffer in use before"), ("cold", "after reclaim"), ("first", "never used before"))
            for way, name in BINDERS.items()]
    rows += [[name, number(kernel.page(way))] for way, name in WAYS.items()]
    return table(["", "instructions a page of 4 KiB"], rows)


def bent_text(kernel):
    """Whose cost is not straight in the payload, as part of a sentence."""
    found = []
    for way, name in {**BINDERS, **WAYS}.items():
        low, middle, high = (kernel.call(way, size) for size in ("64K", "256K", "1000K"))
        off = abs(low + (high - low) * (256 - 64) / (1000 - 64) - middle) / middle
        if off > 0.05:
            found.append(f"{name} by {100 * off:.0f} %")
    return listed(found, "none by more than 5 %")


def crossings_table(kernel):
    """From which payload on a Binder call is the cheaper one."""
    head, more = ["cheaper than"], []
    for way, name in BINDERS.items():
        head.append(name)
        more.append((way, 0))
    for way, name in BINDERS.items():
        if kernel.idle_threads(way):
            head.append(f"{name}, with two idle threads")
            more.append((way, kernel.idle_threads(way)))
    return table(head, [
        [name, *(bytes_text(kernel.crossing(who, way, added)) for who, added in more)]
        for way, name in WAYS.items()])


def states_table(kernel):
    """The three states of the receiver's buffer."""
    rows = []
    for state, text in (("warm", "in use before"), ("cold", "reclaimed"), ("first", "never used")):
        for size in ("64", "4K", "64K", "1000K"):
            mine, its = (kernel.get(who, f"rt.{size}.{state}") for who in (OURS, IN_TREE))
            if mine:
                rows.append([f"{size}, {text}", number(mine), number(its), f"{mine / its:.2f}"])
    return table(["payload, pages of the buffer", "this driver", "in-tree", "ratio"], rows)


def blocks_table(kernel, orders, split):
    """Pages one by one, in blocks, and in blocks that were split at once."""
    return table(
        ["instructions a page", *("1 page" if order == 0 else f"blocks of {1 << order}"
                                  for order in ORDERS), "blocks of 16", "16, split at once", "in-tree"],
        [[text, *(number(how(found, who)) for found, who in (
            *((found, OURS) for found in orders), (kernel, OURS), (split, OURS), (kernel, IN_TREE)))]
         for text, how in (
                ("in use before", lambda found, who: found.page(who)),
                ("filled after reclaim", lambda found, who: found.page(who, "cold")),
                ("the same while single pages are all that is free",
                 lambda found, who: found.page(who, "fragmented")),
                ("filled for the first time", lambda found, who: found.page(who, "first")),
                ("taken back", lambda found, who: found.figure("reclaim, a page", who)),
                ("given back when the file is closed",
                 lambda found, who: found.figure("teardown, a page", who)))])


def singly(single):
    """What goals about pages come to without blocks."""
    figures = [number(single.figure(what, OURS)) for what in (
        "large warm payload, a page", "after reclaim, a page", "first touch, a page", "teardown, a page")]
    return ("P3, P4 and the page of P13 are with blocks, as the driver comes, so they hold for messages of "
            "64 KiB and more,\nwhere blocks are to be had. Single pages take {} (P3), {} and {} (P4), and {} "
            "each when the file is closed (P13), on {}.".format(*figures, single.release.split("+")[0]))


def areas_table(kernels, single):
    """What areas keep, with blocks and without, and between which values samples lie."""
    def cell(found, who, name):
        low, median, high = (number(found.get(who, name, what) / 1024)
                             for what in ("min", "median", "max"))
        return f"{median} ({low} to {high})"

    columns = [("this driver, `folio_order=0`", single, OURS)]
    for kernel in kernels:
        of = "" if kernel is kernels[0] else f"{kernel.release.split('-')[0]}: "
        columns += [(of + "this driver, blocks of 16", kernel, OURS), (of + "in-tree", kernel, IN_TREE)]
    return table(["KiB an area keeps", *(head for head, *_ in columns)], [
        [text, *(cell(found, who, name) for _, found, who in columns)]
        for text, name in (("once it has seen 300 calls of the mix", "memory.area.idle"),
                           ("after reclaim, with a message of 64 B in use", "memory.area.held"),
                           ("once it has seen a call of 256 KiB", "memory.large.idle"),
                           ("after reclaim, with a message of 64 B in use", "memory.large.held"))])


def middle_half(about):
    """About where half of the samples are: the median, and the width of that half around it."""
    return [about["median"] * (1 + side * about["spread_percent"] / 200) for side in (-1, 1)]


def apart(one, other):
    """Do the middle halves of two have nothing in common?"""
    (low, high), (its_low, its_high) = middle_half(one), middle_half(other)
    return high < its_low or its_high < low


def times_table(kernel, rows):
    """Times of both drivers: (benchmark, text)."""
    lines = []
    for name, text in rows:
        mine, its = (kernel.benchmarks[who][name] for who in (OURS, IN_TREE))
        lines.append([text, *(cell for about in (mine, its) for cell in (
            thousands(about["median"]), f"{about['spread_percent']:.0f} %")),
                      f"{its['median'] / mine['median']:.2f}", "" if apart(mine, its) else "noise"])
    return table(["microseconds", "this driver", "spread", "in-tree", "spread",
                  "in-tree by this driver", ""], lines)


def scaling_table(kernel):
    """Time a call takes with several clients."""
    return times_table(kernel, (
        ("load.clients.1", "1 client"), ("load.clients.2", "2 clients"),
        ("load.clients.4", "4 clients"), ("load.clients.8", "8 clients"),
        ("load.pairs.4", "4 clients, a service each"),
        ("load.wakers.4", "4 pairs of processes that wake each other by futex, with no driver")))


def floor_text(kernel):
    """What the time of a call is beside that of processes that only wake each other."""
    floor = sum(kernel.get(who, "load.wakers.4") for who in BINDERS) / 2
    calls = [kernel.get(who, "load.pairs.4") for who in BINDERS]
    return ("The last row is a yardstick: processes that do nothing but wake each other, with four system "
            f"calls to the three of a call. It is {number(floor / calls[0])} of a call through this driver, "
            f"{number(floor / calls[1])} of one through the in-tree driver. What is above it takes "
            f"{number((calls[0] - floor) / (calls[1] - floor))} of the in-tree driver's time, as far as so "
            "wide a spread allows to say.")


def latency_table(kernel):
    """Percentiles with and without somebody at the receiver's address space."""
    return times_table(kernel, [
        (f"load.{what}.{state}.{part}", f"{text}; {how}; {share}")
        for what, text in (("warm", "call of 64 B, warm"), ("cold", "call of 4 KiB, new page that is looked at"),
                           ("send", "oneway 4 KiB, new page, sender only"))
        for state, how in (("quiet", "receiver quiet"), ("mapping", "receiver maps and unmaps"))
        for part, share in (("p50", "half"), ("p90", "90 %"), ("p99", "99 %"), ("max", "longest"))])


def noisy(native, way, size):
    """Is that time noise: because of its samples, or since a longer message took less?"""
    name = f"ipc.{size}.{way}"
    about = native.benchmarks[OTHERS][name]
    longer = [native.benchmarks[OTHERS].get(f"ipc.{other}.{way}") for other in SIZES
              if SIZES[other] > SIZES[size]]
    return about["spread_percent"] > NOISE_PERCENT or any(
        other[what] < (1 - ALIKE) * about[what]
        for other in longer if other for what in ("min", "median"))


def native_table(native):
    """Time on a real processor: the best, the median and the spread."""
    def cell(way, size):
        about = native.benchmarks[OTHERS].get(f"ipc.{size}.{way}")
        return about and (f"{'~' if noisy(native, way, size) else ''}{thousands(about['min'])} "
                          f"({thousands(about['median'])}; {about['spread_percent']:.0f} %)")

    return table(["microseconds a call: best (median; spread)", *SIZES],
                 [[name, *(cell(way, size) or "-" for size in SIZES)]
                  for way, name in WAYS.items()])


def in_copies(kernel, way, size):
    """A call in units of one over shared memory with one copy: instructions, or best time."""
    counted = kernel.benchmarks[OTHERS][f"ipc.{size}.shm1"]["unit"] == "instructions"
    what = "median" if counted else "min"
    took = kernel.call(way, size, what=what)
    return took and took / kernel.call("shm1", size, what=what)


def units_table(kernel, *natives):
    """Instructions, and time on each of these processors, beside each other."""
    rows, sizes = [], ("64", "64K", "1000K")
    for way, name in WAYS.items():
        row = [name]
        for size in sizes:
            row.append(number(in_copies(kernel, way, size)))
            for native in natives:
                time = in_copies(native, way, size)
                row.append(("~" if time and noisy(native, way, size) else "") + number(time))
        rows.append(row)
    units = ["instructions", *(f"time, {native.maker()}" for native in natives)]
    return table(["shared memory, 1 copy = 1",
                  *(f"{size}: {unit}" for size in sizes for unit in units)], rows)


def turned_table(kernel, native):
    """Pairs of mechanisms of which one takes fewer instructions and the other less time, further
    apart than those two that do the same to the payload."""
    rows = []
    for size in ("64K", "256K", "1000K"):
        alike = in_copies(native, "eventfd", size)
        alike = max(alike, 1 / alike)
        ways = [way for way in WAYS if native.call(way, size) and not noisy(native, way, size)]
        for fewer, sooner in itertools.permutations(ways, 2):
            counts = [in_copies(kernel, way, size) for way in (fewer, sooner)]
            times = [in_copies(native, way, size) for way in (fewer, sooner)]
            if counts[0] < (1 - ALIKE) * counts[1] and times[0] > (1 + ALIKE) * alike * times[1]:
                rows.append([f"{size}: {WAYS[fewer]}", WAYS[sooner],
                             *("{} : {}".format(*map(number, pair)) for pair in (counts, times))])
    if not rows:
        return "No two of them change places further apart than the yardstick; noise is left out."
    return ("These pairs change places, and are further apart in time than the yardstick; noise is left out:\n\n" +
            table(["fewer instructions", "less time", "instructions", "time"], rows))


def memory_table(kernel):
    """Memory of the kernel's that things take."""
    rows = []
    for text, how in (
            ("a process that has the device open, mapped 1 MiB and got one answer",
             lambda who: kernel.figure("bytes an open", who)),
            ("... the same with what any open file and its mapping take",
             lambda who: kernel.get(who, "memory.open.objects")),
            ("... the same with the page of its buffer and page tables, too",
             lambda who: kernel.get(who, "memory.open.all")),
            ("a queued oneway message of 64 B", lambda who: kernel.get(who, "memory.queued")),
            ("an object that one other process holds", lambda who: kernel.get(who, "memory.node"))):
        mine, its = how(OURS), how(IN_TREE)
        if mine and its:
            rows.append([text, number(mine), number(its), f"{mine / its:.2f}"])
    return table(["bytes", "this driver", "in-tree", "ratio"], rows)


def same_goal(kernel, goal):
    """The row of that goal on another kernel, or None."""
    return next((row for row in kernel.goals
                 if (row["goal"], row["what"]) == (goal["goal"], goal["what"])), None)


def limit_text(row, first):
    """What a row is held to, and whether that is something else than on the first kernel."""
    if row.get("limit") is None:
        return "-"
    limit = f"ratio ≤ {row['limit']:.2f}" if row["kind"] == "ratio" else \
        ("≥ " if row["kind"] == "least" else "≤ ") + number(row["limit"])
    return limit + (" (no ratio)" if row["kind"] != first["kind"] else "")


def verdict(row):
    """Met or missed, and whether that may be the other way round next time: samples lie on both
    sides of the limit, or it is nearer to the median than medians repeat."""
    if row.get("met") is None:
        return "-"
    low, high = middle_half(row[OURS])
    median = row[OURS]["median"]
    if row["kind"] == "ratio":
        its_low, its_high = middle_half(row[IN_TREE])
        low, high = low / its_high, high / its_low if its_low > 0 else math.inf
        median = row["ratio"]
    away = median * REPEATS.get(row["goal"], REPEATS_USUALLY) / 100
    low, high = min(low, median - away), max(high, median + away)
    return ("met" if row["met"] else "**missed**") + (" ?" if low <= row["limit"] <= high else "")


def goals_table(*kernels):
    """All goals, with the verdict on each kernel."""
    head, rows = ["goal", "figure"], []
    for kernel in kernels:
        head += [f"{kernel.release.split('+')[0]}: this driver", "in-tree", "ratio", "limit", ""]
    for goal in kernels[0].goals:
        line = [goal["goal"], goal["what"].replace("... ", "")]
        for kernel in kernels:
            row = same_goal(kernel, goal)
            line += ["-"] * 5 if not row else [     # not measured there
                number(row["ours"]["median"]), number(row["in-tree"]["median"]),
                f"{row['ratio']:.2f}" if row.get("ratio") else "-",
                limit_text(row, goal), verdict(row)]
        rows.append(line)
    return table(head, rows)


def missed(kernel):
    """The goals that are not met."""
    return listed(dict.fromkeys(row["goal"] for row in kernel.goals if row.get("met") is False),
                  "none")


def by_old_ratio(first, kernel):
    """Those met on a kernel that would miss the ratio they are held to on the first one."""
    return listed((f"{row['goal']} ({row['ratio']:.2f} for {goal['limit']:.2f})"
                   for goal in first.goals for row in [same_goal(kernel, goal)]
                   if row and goal["kind"] == "ratio" != row["kind"] and row["met"] and
                   row["ratio"] > goal["limit"]), "none")


class Profile:
    """Where instructions are."""

    def __init__(self, name):
        self.data = load(name)

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
        rows.append(["in all", *(number(sum(drivers[who]["groups"].values()))
                                 for who in (OURS, IN_TREE))])
        return table([unit, "this driver", "in-tree"], rows)

    def locks(self):
        """Locks and atomic instructions of a call."""
        drivers = self.only()
        return table(["a call of 64 B", "this driver", "in-tree"],
                     [[text, *(number(drivers[who][what]) for who in (OURS, IN_TREE))]
                      for text, what in (
                          ("locks taken and given back, scheduler included", "locks"),
                          ("atomic instructions, scheduler included", "atomics"),
                          ("of these in the driver's own code", "atomics in driver"))])
