#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""One of several clients that call at the same time.

Usage: client.py DEVICE NAME CALLS. Says "ready", waits for a line on standard
input, calls, checks every answer and says how many were right.
"""

import os
import sys

import gbinder

from common import ECHO, INTERFACE, say


def main(device, name, calls):
    """Looks the service up and calls it."""
    manager = gbinder.ServiceManager(device)
    remote, _ = manager.get_service_sync(name)
    client = gbinder.Client(remote, INTERFACE)
    say("ready")
    sys.stdin.readline()
    right = 0
    for number in range(calls):
        text = f"call {number} of process {os.getpid()}"
        request = client.new_request()
        request.append_string16(text)
        reply, status = client.transact_sync_reply(ECHO, request)
        right += status == 0 and reply.read_string16() == text
    say(right)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
