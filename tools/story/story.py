#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The story: real clients talk through a Binder driver, told and checked.

Runs inside the virtual machine. Usage: story.py [--ktap] MODULE, where MODULE says
what is loaded. Everything but the service manager is unmodified libgbinder: its
command line tools, and its Python binding, which service.py, client.py and this
program use. Without --ktap it prints a story, with it test results.
"""

import os
import pwd
import random
import string
import subprocess
import sys
import time

import gbinder

from common import CALLBACK_INTERFACE, CALLED, CALL_BACK, ECHO, FILES, HANG, INTERFACE, NAME, \
    NOTE, NOTES, PATIENCE, WHO, Names, run_loop, say, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
DEVICE = "/dev/binder"
OTHER_DEVICE = "/dev/vndbinder"
CONFIG = "/etc/gbinder.conf"
BIG = 60 * 1024             # characters, two bytes each in a parcel
SEQUENTIAL = 300
PROCESSES, PARALLEL = 6, 50
DEAD_OBJECT = 2             # libgbinder's status for BR_DEAD_REPLY
API_LEVELS = (28, 29, 30, 31, 34, 35, 36)


class Process:
    """A program of the story; its output is read line by line."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        **options)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.pid = self.process.pid
        self.output = b""

    def line(self):
        """The next line of output; our own events are handled meanwhile."""
        end = time.monotonic() + PATIENCE
        while b"\n" not in self.output:
            over = self.process.poll() is not None
            self.output += self.process.stdout.read() or b""
            assert b"\n" in self.output or not over and time.monotonic() < end, \
                f"{' '.join(self.process.args)} says nothing more"
            if not run_loop(block=False):
                time.sleep(0.002)
        line, _, self.output = self.output.partition(b"\n")
        return line.decode()

    def say(self, line):
        """A line for its standard input."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def end(self, hard=False):
        """Ends it; returns its exit code."""
        if self.process.poll() is None:
            if hard:
                self.process.kill()
            else:
                self.process.terminate()
        return self.process.wait(PATIENCE)


def tool(*command):
    """Output of a program that must end by itself."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE, check=False)
    return done.stdout.strip()


def start_manager(device=DEVICE, *options):
    """A service manager that is ready."""
    manager = Process("binder-servicemanager", *options, device)
    assert manager.line() == f"ready {device}"
    return manager


def start_service(device=DEVICE, name=NAME, **options):
    """A service process; what it says about its registration is up to the caller."""
    return Process("python3", os.path.join(HERE, "service.py"), device, name, **options)


class Story:
    """What the chapters share, and the figures."""

    def __init__(self):
        self.manager = None         # process
        self.service = None         # process
        self.names = None           # our connection to the service manager
        self.remote = None
        self.client = None
        self.other_manager = None
        self.bridge = None
        self.calls = 0
        self.bytes = 0
        self.figures = []

    def look_up(self):
        """Gets hold of the service by name."""
        self.remote, status = self.names.get_service_sync(NAME)
        assert self.remote is not None, f"{NAME} not found, status {status}"
        self.client = gbinder.Client(self.remote, INTERFACE)

    def call(self, code, *texts):
        """A call with strings; returns the answer."""
        request = self.client.new_request()
        for text in texts:
            request.append_string16(text)
            self.bytes += 2 * len(text)
        reply, status = self.client.transact_sync_reply(code, request)
        assert status == 0, f"the call ended with status {status}"
        self.calls += 1
        return reply

    def echo(self, text):
        """A call that must return what it was given."""
        answer = self.call(ECHO, text).read_string16()
        self.bytes += 2 * len(answer)
        assert answer == text, f"sent {len(text)} characters, got {len(answer)} others"

    # --- the chapters: a docstring to tell first, lines to tell while it happens ---

    def ch_manager(self):
        """A service manager takes the place every process can reach."""
        self.manager = start_manager()
        self.names = Names(DEVICE)
        wait_for(self.names.is_present, "the service manager")
        assert tool("binder-list", "-d", DEVICE) == ""
        yield "binder-list finds it, and no service yet"
        second = subprocess.run(["binder-servicemanager", DEVICE], capture_output=True,
                                text=True, timeout=PATIENCE, check=False)
        assert second.returncode == 1 and "already" in second.stderr, second
        yield "a second one is turned away: there can be only one"

    def ch_wait(self):
        """A client waits for a name; a service in another process registers it."""
        seen = []
        handler = self.names.add_registration_handler(NAME, seen.append)
        assert self.names.get_service_sync(NAME)[0] is None
        run_loop(block=False)
        assert not seen
        yield f"the client waits for {NAME}"
        self.service = start_service()
        assert self.service.line() == "registered 0"
        yield f"the service (pid {self.service.pid}) registers it"
        wait_for(lambda: seen, "the announcement")
        assert seen[0] == NAME.encode(), seen
        yield "the client is told"
        self.names.remove_handler(handler)

    def ch_look_up(self):
        """Names are listed and looked up, objects pinged."""
        assert tool("binder-list", "-d", DEVICE) == NAME
        assert self.names.list_sync() == [NAME]
        yield f"binder-list says: {NAME}"
        answer = tool("binder-ping", "-d", DEVICE, NAME)
        assert answer == "OK", answer
        yield f"binder-ping {NAME} says: OK"
        answer = tool("binder-ping", "-d", DEVICE, "story.nothing")
        assert "not found" in answer, answer
        self.look_up()

    def ch_call(self):
        """The service is called."""
        answer = tool("binder-call", "-a", "-d", DEVICE, NAME, str(ECHO), '"Hello, binder!"u',
                      "reply", "s16")
        assert "Hello, binder!" in answer, answer
        yield f"binder-call echoes: {answer}"
        self.echo("Hello from Python")
        pid, uid = self.call(WHO).read_string16().split()
        assert (int(pid), int(uid)) == (os.getpid(), os.geteuid())
        yield f"the service knows who called: pid {pid}, uid {uid}"

    def ch_big(self):
        """Parcels of 120 KB go there and back unharmed."""
        letters = string.ascii_letters + string.digits
        for size in (1, 1000, BIG // 2, BIG, BIG - 1):
            self.echo("".join(random.choices(letters, k=size)))
        yield "5 sizes, up to 120 KB each way, came back as they went"

    def ch_many(self):
        """Calls in a row, then from several processes at once."""
        began = time.monotonic()
        for number in range(SEQUENTIAL):
            self.echo(f"number {number}")
        rate = SEQUENTIAL / (time.monotonic() - began)
        yield f"{SEQUENTIAL} calls one after the other, all right"
        self.figures.append(f"{rate:.0f} calls per second in a row, Python to Python")
        clients = [Process("python3", os.path.join(HERE, "client.py"), DEVICE, NAME, str(PARALLEL))
                   for _ in range(PROCESSES)]
        for client in clients:
            assert client.line() == "ready"
        began = time.monotonic()
        for client in clients:
            client.say("go")
        right = [int(client.line()) for client in clients]
        rate = PROCESSES * PARALLEL / (time.monotonic() - began)
        assert right == [PARALLEL] * PROCESSES, right
        for client in clients:
            client.end()
        self.calls += PROCESSES * PARALLEL
        yield f"{PROCESSES} processes with {PARALLEL} calls each at once, all right"
        self.figures.append(f"{rate:.0f} calls per second from {PROCESSES} processes")

    def ch_oneway(self):
        """Calls without an answer keep their order."""
        for number in range(100):
            request = self.client.new_request()
            request.append_int32(number)
            assert self.client.transact_sync_oneway(NOTE, request) == 0
        self.calls += 100
        notes = []
        # A call that waits may overtake those that do not.
        end = time.monotonic() + PATIENCE
        while len(notes) < 100 and time.monotonic() < end:
            notes += [int(note) for note in self.call(NOTES).read_string16().split()]
        assert notes == list(range(100)), notes
        yield "100 oneway calls arrived, each once and in the order they were made"

    def ch_files(self):
        """File descriptors travel with a call and with its answer."""
        before = len(os.listdir("/proc/self/fd"))
        there, here = os.pipe()
        request = self.client.new_request()
        request.init_writer().append_fd(here)
        os.close(here)
        reply, status = self.client.transact_sync_reply(FILES, request)
        assert status == 0, status
        self.calls += 1
        given = reply.init_reader().read_dup_fd()
        words = os.read(there, 100).decode(), os.read(given, 100).decode()
        assert words == ("written by the service", "read from the service"), words
        yield f"through the client's pipe: “{words[0]}”; through the service's: “{words[1]}”"
        os.close(given)
        os.close(there)
        del reply, request
        after = len(os.listdir("/proc/self/fd"))
        assert after == before, f"{before} descriptors open before, {after} after"

    def ch_nested(self):
        """A service calls back into its caller, which is still waiting."""
        heard, answers = [], []

        def called(request, code, _flags):
            assert code == CALLED
            heard.append(request.read_string16())
            reply = back.new_reply()
            reply.append_string16("here I am")
            return reply, 0

        back = self.names.new_local_object(CALLBACK_INTERFACE, called)
        request = self.client.new_request()
        request.append_local_object(back)
        self.client.transact(CALL_BACK, 0, request,
                             lambda reply, status: answers.append((status, reply.read_string16())),
                             lambda: None)
        wait_for(lambda: answers, "the answer")
        assert heard == ["are you there"] and answers == [(0, "here I am")], (heard, answers)
        self.calls += 2
        yield f"service: “{heard[0]}?” client: “{answers[0][1]}”"

    def ch_user(self):
        """A name cannot be taken from its user by another."""
        os.chmod(DEVICE, 0o666)
        nobody = pwd.getpwnam("nobody").pw_uid
        thief = start_service(user=nobody)
        status = int(thief.line().split()[1])
        thief.end(hard=True)
        assert status < 0, status
        other = start_service(name="story.other", user=nobody)
        assert other.line() == "registered 0"
        assert self.names.list_sync() == [NAME, "story.other"]
        self.echo("still the old one")
        yield f"user nobody may not have {NAME} (status {status}), but story.other"
        other.end(hard=True)

    def ch_death(self):
        """A service is killed; who asked is told, and its name is free."""
        deaths, ends = [], []
        self.remote.add_death_handler(lambda: deaths.append(1))
        self.client.transact(HANG, 0, self.client.new_request(),
                             lambda reply, status: ends.append((reply.init_reader(), status)),
                             lambda: None)
        assert self.service.line() == "hanging"
        yield "a client makes a call that takes for ever"
        self.service.end(hard=True)
        yield f"kill -9 {self.service.pid}"
        wait_for(lambda: ends, "the call to end")
        assert ends == [(None, DEAD_OBJECT)], ends
        yield "the call ends: dead object"
        wait_for(lambda: deaths, "the death notice")
        assert deaths == [1] and self.remote.is_dead()
        yield "the client gets the death notice, once"
        wait_for(lambda: self.names.list_sync() == [], "the name to go")
        yield "the service manager has dropped the name"
        self.service = start_service()
        assert self.service.line() == "registered 0"
        self.look_up()
        self.echo("a new life")
        yield f"a new service (pid {self.service.pid}) takes the name and answers"

    def ch_restart(self):
        """The service manager is killed and started again."""
        self.manager.end(hard=True)
        assert self.service.line() == "manager gone"
        wait_for(lambda: not self.names.is_present(), "the manager to be gone")
        yield "all clients notice that it is gone"
        self.echo("we know each other")
        yield "who knows each other keeps talking"
        self.manager = start_manager()
        assert self.service.line() == "manager back"
        assert self.service.line() == "registered 0"
        wait_for(self.names.is_present, "the manager to be back")
        wait_for(lambda: self.names.list_sync() == [NAME], "the name to be back")
        yield "it is back, and the service has registered again by itself"

    def ch_bridge(self):
        """binder-bridge carries calls from one device to another."""
        self.other_manager = start_manager(OTHER_DEVICE)
        assert tool("binder-list", "-d", OTHER_DEVICE) == ""
        self.bridge = Process("binder-bridge", "-q", "-s", "story.bridged", OTHER_DEVICE, DEVICE,
                              NAME)
        names = Names(OTHER_DEVICE)
        wait_for(lambda: names.list_sync() == ["story.bridged"], "the bridged name")
        yield f"{OTHER_DEVICE} now knows story.bridged"
        answer = tool("binder-call", "-a", "-d", OTHER_DEVICE, "story.bridged", str(ECHO),
                      '"over the bridge"u', "reply", "s16")
        assert "over the bridge" in answer, answer
        remote, _ = names.get_service_sync("story.bridged")
        client = gbinder.Client(remote, INTERFACE)
        for number in range(20):
            request = client.new_request()
            request.append_string16(f"bridged {number}")
            reply, status = client.transact_sync_reply(ECHO, request)
            assert status == 0 and reply.read_string16() == f"bridged {number}"
        self.calls += 21
        yield "21 calls went over the bridge and back"
        self.bridge.end()
        self.other_manager.end()

    def ch_levels(self):
        """The service manager speaks as that of any Android from 9 to 16."""
        self.service.end(hard=True)
        for level in API_LEVELS:
            with open(CONFIG, "w", encoding="ascii") as file:
                file.write(f"[General]\nApiLevel={level}\n")
            manager = start_manager(OTHER_DEVICE, "--api", str(level))
            service = start_service(OTHER_DEVICE)
            answers = service.line(), tool("binder-list", "-d", OTHER_DEVICE), \
                tool("binder-call", "-a", "-d", OTHER_DEVICE, NAME, str(ECHO), '"hello"u',
                     "reply", "s16")
            assert answers == ("registered 0", NAME, '"hello"U'), f"level {level}: {answers}"
            service.end(hard=True)
            manager.end()
        os.unlink(CONFIG)
        self.calls += len(API_LEVELS)
        yield "a service is added, listed, found and called at API levels " + \
            ", ".join(str(level) for level in API_LEVELS)

    def ch_end(self):
        """Everybody leaves."""
        self.client = self.remote = None
        code = self.manager.end()
        assert code == 0, f"the service manager ended with {code}"
        yield "the service manager stops when asked to"


def chapters(story):
    """The chapters in order, as (name, what they are about, function)."""
    for name, function in vars(Story).items():
        if name.startswith("ch_"):
            yield name[3:], function.__doc__, getattr(story, name)


def driver(module):
    """What carries the calls, in words."""
    words = f"Linux {os.uname().release}, {module}"
    try:
        with open("/sys/module/binder_linux/version", encoding="ascii") as file:
            return f"{words} {file.read().strip()}"
    except FileNotFoundError:
        return words


def tell(module):
    """Prints the story; returns whether it ended well."""
    story = Story()
    say(driver(module) + "\n")
    for number, (_, about, function) in enumerate(chapters(story), 1):
        say(f"{number:2}. {about}")
        try:
            for line in function():
                say(f"      {line}")
        except Exception as error:          # pylint: disable=broad-except
            say(f"      FAILED: {type(error).__name__}: {error}")
            return False
    say("\nFigures")
    say(f"      {story.calls} calls, {story.bytes // 1024} KB of text, none lost or changed")
    for figure in story.figures:
        say(f"      {figure}")
    return True


def check(module):
    """Prints test results; returns whether all are good."""
    story = Story()
    todo = list(chapters(story))
    say(f"KTAP version 1\n# {driver(module)}\n1..{len(todo)}")
    failed = False
    for number, (name, _, function) in enumerate(todo, 1):
        # What follows a failed chapter would only repeat its failure.
        bad = failed
        try:
            for line in [] if failed else function():
                say(f"# {line}")
        except Exception as error:          # pylint: disable=broad-except
            say(f"# {type(error).__name__}: {error}")
            bad = failed = True
        say(f"{'not ok' if bad else 'ok'} {number} story.{name}")
    return not failed


def main(arguments):
    """Runs the story the way it is asked for."""
    run = tell
    if arguments[0] == "--ktap":
        run = check
        arguments = arguments[1:]
    return 0 if run(arguments[0]) else 1


sys.exit(main(sys.argv[1:]))
