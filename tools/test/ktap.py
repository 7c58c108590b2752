#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reads nested KTAP: counts results, shows failures, applies a list of differences.

As a program: passes KTAP on. The exit code is 1 if a test failed, or if there is none.
With a file of differences it is that of a run on the in-tree driver. A test listed there
has to fail (XFAIL); if it passes, that is a failure.
A line "name [when WORD]: reason" counts in runs with --when WORD only; fixture.* is
each test of a fixture.
Usage: ktap.py [--differences FILE [--when WORD] [--all-seen]] < KTAP > KTAP
       ktap.py --below NAME < KTAP > KTAP    the same one level down, and NAME, which sums it up
"""

import argparse
import fnmatch
import re
import sys

RESULT = re.compile(r"^(?P<indent> *)(?P<verdict>not ok|ok)\b *(?P<number>\d+)? *(?:- )?(?P<rest>.*)$")
DIRECTIVE = re.compile(r"#\s*(?P<word>SKIP|TODO|XFAIL)\b", re.IGNORECASE)
HEADER = re.compile(r"^(?P<indent> *)K?TAP version \d+")
DIFFERENCE = re.compile(r"^(?P<name>[\w.]+(?:\.\*)?)(?: \[when (?P<when>\w+)\])?: *(?P<reason>\S.*)$")
PLAN = re.compile(r"^(?P<indent> *)1\.\.(?P<count>\d+)")


class Result:
    """One result line."""

    def __init__(self, match):
        self.depth = len(match["indent"])
        self.passed = match["verdict"] == "ok"
        self.number = match["number"] or ""
        directive = DIRECTIVE.search(match["rest"])
        self.directive = directive["word"].upper() if directive else ""
        self.name = match["rest"].split(" #")[0].strip()
        if match["rest"].startswith("#"):
            # "ok 3 # SKIP name", as older kselftest headers print it.
            self.name = DIRECTIVE.sub("", match["rest"]).strip("# ")
        # TODO and XFAIL announce that a failure is expected.
        if not self.passed and self.directive in ("TODO", "XFAIL"):
            self.passed = True

    @property
    def skipped(self):
        """Was the test left out?"""
        return self.directive == "SKIP"


class Tally:
    """Counts leaf results of a stream fed line by line.

    A result line that follows deeper ones sums them up; it is counted only if
    it failed without any of them failing, as when a program dies.
    """

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []      # (name, lines)
        self.below = {}         # depth -> [results, failures] not yet summed up
        self.plans = {}         # depth -> results planned
        self.context = []

    def feed(self, line):
        """Takes one line; returns its Result if it is one, with .summary set."""
        header = HEADER.match(line)
        if header and not header["indent"]:
            # One stream ends where the next begins.
            self.finish()
            self.below = {}
            self.plans = {}
        plan = PLAN.match(line)
        if plan:
            self.plans[len(plan["indent"])] = int(plan["count"])
        match = RESULT.match(line)
        if not match:
            self.context.append(line)
            return None
        result = Result(match)
        deeper = [depth for depth in self.below if depth > result.depth]
        children = [sum(self.below[depth][i] for depth in deeper) for i in (0, 1)]
        planned = [depth for depth in self.plans if depth > result.depth]
        short = any(self.plans.pop(depth) > self.below.get(depth, [0])[0] for depth in planned)
        for depth in deeper:
            del self.below[depth]
        result.summary = bool(deeper and children[0])
        result.children_failed = children[1]
        own = self.below.setdefault(result.depth, [0, 0])
        own[0] += 1
        if short and not children[1] and result.passed:
            result.passed = False
            self.context.append("# fewer results than planned")
        if not result.passed:
            own[1] += 1
        if result.summary and (result.passed or children[1]):
            pass
        elif result.skipped:
            self.skipped += 1
        elif result.passed:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append((result.name, self.context + [line]))
        self.context = []
        return result

    def finish(self):
        """The end of the stream: what was planned at the top must have come."""
        for depth, planned in self.plans.items():
            seen = self.below.get(depth, [0])[0]
            if seen < planned:
                self.failed += 1
                self.failures.append((f"{planned - seen} of {planned} planned results are missing",
                                      self.context[-60:]))
                break

    @property
    def bad(self):
        """Did a test fail, or was there none?"""
        return bool(self.failed) or not (self.passed or self.skipped)


def read_differences(path, when):
    """The names listed for a run with their reasons."""
    listed = {}
    lines = set()
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.split("#")[0].strip() if line.startswith("#") else line.strip()
            if not line:
                continue
            match = DIFFERENCE.match(line)
            if not match or (match["name"], match["when"]) in lines:
                sys.exit(f"{path}:{number}: want one unique 'name: reason' or 'name [when WORD]: reason'")
            lines.add((match["name"], match["when"]))
            if match["when"] in (None, when):
                listed[match["name"]] = match["reason"].strip()
    return listed


def find_difference(listed, name):
    """The line that a test is listed in, or None."""
    if name in listed:
        return name
    return next((line for line in listed if line.endswith("*") and fnmatch.fnmatchcase(name, line)), None)


def below(name):
    """Passes a stream on one level down and ends it with one result; returns an exit code."""
    tally = Tally()
    for line in sys.stdin:
        tally.feed(line.rstrip("\n"))
        print("  " + line, end="", flush=True)
    tally.finish()
    skipped = f", {tally.skipped} skipped" if tally.skipped else ""
    verdict = "not ok" if tally.failed or not tally.passed else "ok"
    print(f"{verdict} {name} # {tally.passed} passed, {tally.failed} failed{skipped}", flush=True)
    return verdict != "ok"


class Judge:
    """Prints what is passed on, and counts it."""

    def __init__(self):
        self.tally = Tally()

    def say(self, line):
        """One line."""
        print(line, flush=True)
        self.tally.feed(line)

    def verdict(self):
        """The exit code, after the last line."""
        self.tally.finish()
        return int(self.tally.bad)


def main():
    """The filter."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--differences")
    what.add_argument("--below", metavar="NAME", help="one level down, summed up by a result of that name")
    parser.add_argument("--when", metavar="WORD", help="what is special about the run")
    parser.add_argument("--all-seen", action="store_true", help="complain of listed tests that did not run")
    options = parser.parse_args()
    # A dying program may print anything.
    sys.stdin.reconfigure(errors="replace")
    if options.below:
        return below(options.below)
    listed = read_differences(options.differences, options.when) if options.differences else {}
    judge = Judge()
    seen = set()
    tally = Tally()
    unexpected = {}             # depth -> failures that stay failures
    for line in sys.stdin:
        line = line.rstrip("\n")
        result = tally.feed(line)
        if not result:
            judge.say(line)
            continue
        pad = " " * result.depth
        deeper = sum(unexpected.pop(depth) for depth in list(unexpected) if depth > result.depth)
        difference = find_difference(listed, result.name)
        if difference:
            seen.add(difference)
        # A driver without the feature cannot differ in it.
        if difference and not result.skipped:
            if result.passed:
                line = f"{pad}not ok {result.number} {result.name} # listed as a difference, but passes"
            else:
                line = f"{pad}not ok {result.number} {result.name} # XFAIL {listed[difference]}"
            bad = result.passed
        elif result.summary and result.children_failed:
            # The program failed because of its tests: only theirs count.
            bad = bool(deeper)
            if not bad:
                line = f"{pad}ok {result.number} {result.name} # all failures are listed differences"
        else:
            bad = not result.passed
        unexpected[result.depth] = unexpected.get(result.depth, 0) + bad
        judge.say(line)
    if options.all_seen:
        for name in listed:
            if name not in seen:
                judge.say(f"not ok - {name} # listed as a difference, but did not run")
    return judge.verdict()


if __name__ == "__main__":
    sys.exit(main())
