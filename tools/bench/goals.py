# SPDX-License-Identifier: GPL-2.0-only
"""What the driver wants to reach, and how the figures come from samples."""

import statistics
from dataclasses import dataclass
from typing import Callable

PAGES = (1000 - 64) // 4        # between the two sizes of large messages
OBJECTS = 16
OTHERS = "others"               # mechanisms that need no driver, among the drivers' results


def one(name):
    """The samples of a benchmark as they are."""
    return lambda samples: samples[name]


def slope(big, small, count):
    """Difference of two benchmarks by a count: what one page or object adds."""
    return lambda samples: [(b - s) / count for b, s in zip(samples[big], samples[small])]


def by(figure, base):
    """One figure in units of another."""
    return lambda samples: [n / b for n, b in zip(figure(samples), base(samples))]


def relative(name, base):
    """One benchmark in units of another."""
    return by(one(name), one(base))


def added_node(others):
    """What one more node takes where there are others."""
    return slope(f"nodes.{others}", "nodes.none", OBJECTS)


@dataclass
class Goal:
    """A figure. "ratio": ours by the in-tree driver's is at most that; "most" and "least": ours
    itself is; "below": it is not above what another mechanism takes. On another kernel than
    6.12 "most" is that part of what the in-tree driver takes there that it is on 6.12, where
    @in_tree is known, by the figure @base (this one); @newer says otherwise for 7.2, for a
    "ratio" as well. One that is @newer_only is no goal
    on 6.12."""
    number: str
    what: str
    how: Callable
    kind: str
    limit: float
    in_tree: float = None
    newer: float = None
    against: Callable = None
    base: Callable = None
    newer_only: bool = False
    unit: str = "instructions"


GOALS = (
    Goal("P1", "round trip 64 B", one("rt.64.warm"), "ratio", 0.60, newer=17000),
    Goal("P1", "... below Unix seqpacket", one("rt.64.warm"), "below", 1.0,
         against=one("ipc.64.seqpacket")),
    Goal("P2", "round trip, realistic mix", one("rt.mix"), "ratio", 0.61),
    Goal("P3", "large warm payload, a page", slope("rt.1000K.warm", "rt.64K.warm", PAGES),
         "most", 600, 994),
    Goal("P4", "after reclaim, a page", slope("rt.1000K.cold", "rt.64K.cold", PAGES),
         "most", 1650, 2635),
    Goal("P4", "first touch, a page", slope("rt.1000K.first", "rt.64K.first", PAGES),
         "most", 1650, 2635),
    Goal("P5", "reclaim, a page", slope("reclaim.1000K", "reclaim.64K", PAGES), "most", 1250, 2271),
    Goal("P6", "% reclaimed while mapping", one("load.reclaim.share"), "least", 99,
         unit="percent"),
    Goal("P7", "oneway 64 B", one("oneway.64.1"), "most", 6300, 10500),
    Goal("P7", "oneway 64 B, 16 an ioctl", one("oneway.64.16"), "most", 4200, 8300),
    Goal("P8", "oneway 64 B, 5000 queued", one("oneway.64.queued5000"), "most", 5000, newer=5000),
    Goal("P8", "... flat: 5000 by 50 queued", relative("oneway.64.queued5000", "oneway.64.queued50"),
         "most", 1.1, newer=1.1, unit="of 50"),
    Goal("P9", "known node", slope("objects.known", "objects.none", OBJECTS), "most", 600, 1515),
    Goal("P9", "handle to its owner", slope("objects.owner", "objects.none", OBJECTS),
         "most", 700, 2034),
    Goal("P9", "handle of a third party", slope("objects.third", "objects.none", OBJECTS),
         "most", 700, 1797),
    Goal("P9", "new node", slope("objects.new", "objects.none", OBJECTS), "most", 1700, 4148),
    Goal("P10", "file descriptor", slope("objects.fd", "objects.none", OBJECTS), "most", 1017, 1845),
    Goal("P10", "further buffer of 64 B", slope("objects.ptr", "objects.none", OBJECTS),
         "most", 600, 1352),
    Goal("P11", "one more of 10 nodes", added_node(10),
         "most", 2600, 5758),
    Goal("P11", "one more of 50,000 nodes", added_node(50000),
         "most", 2600, 5758, base=added_node(10)),
    Goal("P11", "... flat: 50,000 by 10", by(added_node(50000), added_node(10)),
         "most", 1.1, newer=1.1, unit="of 10"),
    Goal("P12", "death notice", slope("death.5120", "death.1024", 4096), "most", 1200, newer=1200),
    Goal("P12", "first of 50,000 notices", one("death.first50000"), "most", 1e6, newer=0.97e6),
    Goal("P12", "... not later than in-tree", one("death.first50000"), "ratio", 1,
         newer_only=True),
    Goal("P13", "teardown, a reference", slope("teardown.ref4096", "teardown.ref64", 4032),
         "ratio", 0.5),
    Goal("P13", "teardown, a node", slope("teardown.node4096", "teardown.node64", 4032),
         "ratio", 0.5),
    Goal("P13", "teardown, a buffer", slope("teardown.buffer4096", "teardown.buffer64", 4032),
         "ratio", 0.5),
    Goal("P13", "teardown, a page", slope("teardown.page250", "teardown.page10", 240),
         "ratio", 0.5),
    Goal("P14", "bytes an open", slope("memory.open.objects", "memory.open.file", 1),
         "most", 2600, 8057, unit="bytes"),
    Goal("P14", "bytes a queued oneway", one("memory.queued"), "most", 220, 311, unit="bytes"),
    Goal("P14", "bytes a node with a ref", one("memory.node"), "most", 200, 254, unit="bytes"),
    Goal("P15", "8 clients, ns a call", one("load.clients.8"), "ratio", 1 / 1.5,
         unit="nanoseconds"),
    Goal("P15", "4 pairs, ns a call", one("load.pairs.4"), "ratio", 1 / 1.5,
         unit="nanoseconds"),
    Goal("P16", "warm, lock held: p99 ns", one("load.warm.mapping.p99"), "ratio", 1,
         unit="nanoseconds"),
    Goal("P16", "cold, lock held: p99 ns", one("load.cold.mapping.p99"), "ratio", 1,
         unit="nanoseconds"),
    Goal("P16", "send, lock held: p99 ns", one("load.send.mapping.p99"), "ratio", 1,
         unit="nanoseconds"),
    Goal("P16", "send, lock held, by quiet", relative("load.send.mapping.p50", "load.send.quiet.p50"),
         "most", 1.05, newer=1.05, unit="of quiet"),
    Goal("P16", "cold, lock held, by quiet", relative("load.cold.mapping.p50", "load.cold.quiet.p50"),
         "most", 1.05, newer=1.05, unit="of quiet"),
    Goal("P17", "2 more idle threads", slope("rt.64.pool2", "rt.64.warm", 1), "most", 300, newer=300),
    Goal("P17", "8 more idle threads", slope("rt.64.pool8", "rt.64.warm", 1), "most", 300, newer=300),
)


def summary(values):
    """Median and spread (middle half, in percent of the median)."""
    middle = statistics.median(values)
    low, _, high = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
    return {"median": round(middle, 1 if abs(middle) >= 10 else 4), "min": min(values), "max": max(values),
            "spread_percent": round(100 * (high - low) / abs(middle), 2) if middle else 0,
            "count": len(values)}


def is_newer(kernel):
    """Is it one that goals have other limits for?"""
    return not kernel.startswith(("6.12", "6.1."))


def unit(name, counted="instructions"):
    """What samples of a benchmark are; @counted: what time is measured in."""
    if name == "load.reclaim.share":
        return "percent"
    if name.startswith("memory."):
        return "bytes"
    return "nanoseconds" if name.startswith("load.") else counted


def kind_of(goal, kernel):
    """How a goal is looked at on this kernel."""
    return "most" if goal.newer and is_newer(kernel) else goal.kind


def most(goal, samples, kernel):
    """The limit of a goal that is a number, on this kernel."""
    if not is_newer(kernel):
        return goal.limit
    if goal.newer:
        return goal.newer
    try:
        base = (goal.base or goal.how)(samples["in-tree"])
    except KeyError:
        return None
    return round(goal.limit / goal.in_tree * statistics.median(base))


def judge(goal, row, samples, kernel):
    """The limit and whether it is kept; None where nothing can be said."""
    if goal.newer_only and not is_newer(kernel):
        return None, None
    if kind_of(goal, kernel) == "most":
        limit = most(goal, samples, kernel)
        return limit, limit and row["ours"]["median"] <= limit
    if goal.kind == "least":
        return goal.limit, row["ours"]["median"] >= goal.limit
    if goal.kind == "below":
        try:
            limit = statistics.median(goal.against(samples[OTHERS]))
        except KeyError:
            return None, None
        return round(limit), row["ours"]["median"] <= limit
    if "ratio" not in row:
        return goal.limit, None
    return goal.limit, row["ratio"] <= goal.limit


def derive(results, kernel):
    """The figures goals are about, for each driver that has the samples."""
    rows = []
    for goal in GOALS:
        row = {"goal": goal.number, "what": goal.what, "kind": kind_of(goal, kernel),
               "unit": goal.unit}
        for driver, samples in results.items():
            try:
                row[driver] = summary(goal.how(samples))
            except KeyError:
                continue
        if "ours" in row and "in-tree" in row and row["in-tree"]["median"] and goal.kind != "least":
            ratio = row["ours"]["median"] / row["in-tree"]["median"]
            row["ratio"] = round(ratio, 4)
        if "ours" in row:
            row["limit"], row["met"] = judge(goal, row, results, kernel)
        if "ours" in row or "in-tree" in row:
            rows.append(row)
    return rows


def cells(row, drivers):
    """Medians with spread, and the ratio, as text."""
    text = ""
    digits = 3 if row.get("unit", "").startswith("of ") else 1
    for driver in drivers:
        if driver in row:
            text += f" {row[driver]['median']:11.{digits}f} {row[driver]['spread_percent']:5.1f}%"
        else:
            text += f" {'-':>11} {'':6}"
    return text + (f" {row['ratio']:6.3f}" if "ratio" in row else f" {'':6}")


def goal_text(row):
    """The limit of a row and whether it is kept."""
    if row.get("limit") is None:
        return ""
    sign = {"least": ">=", "ratio": "x"}.get(row["kind"], "<=")
    said = {True: "met", False: "MISSED"}.get(row.get("met"), "")
    return f"{sign + ' ' + format(row['limit'], '.3g' if row['limit'] < 2 else '.0f'):>10} {said}"


def report(results, rows):
    """Tables: everything measured on drivers, the other mechanisms, and the goals."""
    drivers = [driver for driver in results if driver != OTHERS]
    head = "".join(f" {driver:>11} {'+-':>6}" for driver in drivers) + f" {'ratio':>6}"
    if any(results[driver] for driver in drivers):
        print(f"{'benchmark':27}{head}")
    names = dict.fromkeys(name for driver in drivers for name in results[driver])
    for name in names:
        row = {driver: summary(results[driver][name]) for driver in drivers if name in results[driver]}
        if len(row) == 2 and row["in-tree"]["median"]:
            row["ratio"] = row["ours"]["median"] / row["in-tree"]["median"]
        print(f"{name:27}{cells(row, drivers)}")
    if results.get(OTHERS):
        print(f"\n{'other mechanisms':27} {'':>11} {'+-':>6}")
        for name, values in results[OTHERS].items():
            print(f"{name:27}{cells({OTHERS: summary(values)}, [OTHERS])}")
    if rows:
        print(f"\n{'':4}{'figure':27}{head} {'goal':>10}")
    for row in rows:
        print(f"{row['goal']:4}{row['what']:27}{cells(row, drivers)} {goal_text(row)}")
    print("\nInstructions, where nothing else is said; load.* are nanoseconds, memory.* bytes. +- is the"
          "\nwidth of the middle half of the samples; ratio is ours by in-tree, and a goal with x is one of"
          " that ratio.")
