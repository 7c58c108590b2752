#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The service of the story, on unmodified libgbinder.

Usage: service.py DEVICE NAME. Registers NAME, again whenever the service manager
comes back, and says on standard output what happens to it.
"""

import os
import sys
import time

import gbinder

from common import CALLED, CALLBACK_INTERFACE, CALL_BACK, ECHO, FILES, HANG, INTERFACE, \
    NOTE, NOTES, WHO, run_loop, say, value


class Service:
    """One object, and its registration."""

    def __init__(self, device, name):
        self.name = name
        self.notes = []
        self.manager = gbinder.ServiceManager(device)
        self.object = self.manager.new_local_object(INTERFACE, self.serve)
        self.manager.add_presence_handler(self.on_presence)
        self.register()

    def register(self):
        """Asks the service manager for the name."""
        say("registered", self.manager.add_service_sync(self.name, self.object))

    def on_presence(self):
        """The service manager went or came."""
        if self.manager.is_present():
            say("manager back")
            self.register()
        else:
            say("manager gone")

    def serve(self, request, code, _flags):
        """One call."""
        reply = self.object.new_reply()
        reader = request.init_reader()
        if code == ECHO:
            reply.append_string16(reader.read_string16())
        elif code == FILES:
            # Writes into the file it was given and gives one of its own.
            given = reader.read_dup_fd()
            os.write(given, b"written by the service")
            os.close(given)
            own, other = os.pipe()
            os.write(other, b"read from the service")
            os.close(other)
            reply.init_writer().append_fd(own)
            os.close(own)
        elif code == CALL_BACK:
            # While the caller still waits, call the object it sent along.
            caller = gbinder.Client(reader.read_object(), CALLBACK_INTERFACE)
            call = caller.new_request()
            call.append_string16("are you there")
            answer, status = caller.transact_sync_reply(CALLED, call)
            assert status == 0, status
            reply.append_string16(answer.read_string16())
        elif code == NOTE:
            self.notes.append(value(reader.read_int32()))
        elif code == NOTES:
            reply.append_string16(" ".join(str(note) for note in self.notes))
            self.notes = []
        elif code == HANG:
            say("hanging")
            time.sleep(3600)
        elif code == WHO:
            reply.append_string16(f"{request.sender_pid()} {request.sender_euid()}")
        return reply, 0


SERVICE = Service(sys.argv[1], sys.argv[2])
while True:
    run_loop()
