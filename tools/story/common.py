# SPDX-License-Identifier: GPL-2.0-only
"""What the programs of the story share: names, call codes, an event loop."""

import ctypes
import os
import time

import gbinder

NAME = "story.echo"
INTERFACE = "story.IEcho"
CALLBACK_INTERFACE = "story.ICallback"

# Calls of the service, and of the callback object (CALLED).
ECHO, FILES, CALL_BACK, NOTE, NOTES, WHO, HANG = range(1, 8)
CALLED = 1

# A hang detector, not a measurement: nothing in the story takes this long.
PATIENCE = 30

_GLIB = ctypes.CDLL("libglib-2.0.so.0")


# libgbinder logs to standard output; what we have to say there is ours alone.
_OUT = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def say(*words):
    """Prints a line to standard output."""
    print(*words, file=_OUT, flush=True)


class Names(gbinder.ServiceManager):
    """A connection to a service manager. Only a subclass has room for the handler
    that add_registration_handler() of python3-gbinder 1.3.1 wants to store."""


def run_loop(block=True):
    """Handles what waits in GLib's event loop, which libgbinder works in."""
    return _GLIB.g_main_context_iteration(None, block)


def wait_for(condition, what):
    """Runs the event loop until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE} s in vain for {what}")
        if not run_loop(block=False):
            time.sleep(0.002)


def value(pair):
    """The value out of what a reader returns: (read well, value)."""
    good, result = pair
    assert good, "the parcel ends too early"
    return result
