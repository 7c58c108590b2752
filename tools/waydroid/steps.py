#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Steps of Waydroid's own code, called as Waydroid calls it.

Usage: steps.py [STEP]. Without one, reads names of steps from standard input and answers each
with a line of JSON: exit code, what it said, what Waydroid logged. Each step runs in a process
of its own, since Waydroid remembers what it has done.
"""

import json
import logging
import os
import sys
import tempfile

sys.path.insert(0, "/usr/lib/waydroid")
sys.argv[1:], STEPS = ["init"], sys.argv[1:]
import tools                            # noqa: E402 pylint: disable=wrong-import-position
from tools import actions, helpers      # noqa: E402 pylint: disable=wrong-import-position
from tools.interfaces import IUserMonitor   # noqa: E402 pylint: disable=wrong-import-position

def say(*words):
    """A line for who called us."""
    print(*words, flush=True)


def arguments():
    """What Waydroid's main() makes before it acts."""
    args = helpers.arguments()
    tools.prep_args(args)
    os.makedirs(args.work, exist_ok=True)
    helpers.logging.init(args)
    logging.getLogger().handlers = [logging.StreamHandler(sys.stderr)]
    return args


def setup(args):
    """The part of "waydroid init" that finds the devices and writes them down."""
    assert actions.initializer.setup_config(args)


def prepare(args):
    """The part of starting a container that sees to the devices."""
    actions.container_manager.prepare_drivers_once(args)
    say(args.BINDER_DRIVER, args.VNDBINDER_DRIVER, args.HWBINDER_DRIVER)


def configure(args):
    """The configuration of the container."""
    helpers.drivers.loadBinderNodes(args)
    args.vendor_type = "MAINLINE"
    helpers.lxc.set_lxc_config(args)
    helpers.protocol.set_aidl_version(args)


def start(args):
    """The container, until it runs."""
    helpers.lxc.start(args)


def stop(args):
    """Its end."""
    helpers.lxc.stop(args)


def serve(args):
    """One of Waydroid's services for the container."""
    IUserMonitor.add_service(args, lambda user: say("unlocked", user),
                             lambda mode, package, user: say("package", mode, package, user))


def in_child(name):
    """Runs a step apart; (exit code, output, log)."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as log:
        pid = os.fork()
        if not pid:
            os.dup2(output.fileno(), 1)
            os.dup2(log.fileno(), 2)
            globals()[name](arguments())
            sys.exit(0)
        _, status = os.waitpid(pid, 0)
        output.seek(0)
        log.seek(0)
        return os.waitstatus_to_exitcode(status), output.read(), log.read()


for step in STEPS:
    globals()[step](arguments())
if not STEPS:
    for line in sys.stdin:
        say(json.dumps(in_child(line.strip())))
