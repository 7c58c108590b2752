#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Waydroid finds, names, opens and binds the devices of our module; prints KTAP.

Runs in the virtual machine. Waydroid is Debian's, unmodified; steps.py calls it. The
container it starts has a service manager of ours in place of an Android.
"""

import configparser
import contextlib
import glob
import json
import os
import pwd
import stat
import subprocess
import sys
import time

import gbinder

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = "/var/lib/waydroid"
BINDERFS = "/dev/binderfs"
MODULE = "/sys/module/binder_linux"
PATIENCE = 30

STEPS = subprocess.Popen([sys.executable, os.path.join(HERE, "steps.py")], text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)

NODES = ("binder", "vndbinder", "hwbinder")
ANBOX = tuple("anbox-" + name for name in NODES)


def run(*command, **options):
    """Output of a command that has to succeed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=2 * PATIENCE, check=False, **options)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}"
    return done.stdout


def step(name):
    """What a step of Waydroid said, and what it logged."""
    STEPS.stdin.write(name + "\n")
    STEPS.stdin.flush()
    code, said, log = json.loads(STEPS.stdout.readline())
    assert code == 0, f"{name}: {log}"
    return said.split(), log


@contextlib.contextmanager
def background(*command, **options):
    """A program that runs meanwhile, and no longer."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               text=True, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


def wait_for(condition, what):
    """Waits until the condition holds."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s in vain for {what}"
        time.sleep(0.01)


def equal(got, wanted):
    """Complains of what is not as wanted."""
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


# --- State of the machine -------------------------------------------------------------

def reset():
    """As after a boot: no module, no mount, no links, no configuration."""
    if os.path.ismount(BINDERFS):
        run("umount", BINDERFS)
    for path in glob.glob("/dev/*"):
        if os.path.islink(path) and os.readlink(path).startswith(BINDERFS + "/"):
            os.unlink(path)
    if os.path.isdir(BINDERFS):
        os.rmdir(BINDERFS)
    if os.path.isdir(MODULE):
        run("rmmod", "binder_linux")
    assert not glob.glob("/dev/*binder*"), glob.glob("/dev/*binder*")
    for path in glob.glob(WORK + "/waydroid.cfg*"):
        os.unlink(path)


def load(*parameters):
    """Loads the module as an administrator would have before."""
    run("modprobe", "binder_linux", *parameters)


def ours():
    """Was it our module that modprobe took?"""
    assert "/updates/" in run("modinfo", "-n", "binder_linux")
    with open(MODULE + "/version", encoding="ascii") as file:
        assert file.read().strip()


def configured():
    """The names of the devices in Waydroid's configuration."""
    config = configparser.ConfigParser()
    config.read(WORK + "/waydroid.cfg")
    return tuple(config["waydroid"][name] for name in NODES)


def in_binderfs():
    """What is in the instance."""
    return tuple(sorted(os.listdir(BINDERFS)))


def check_linked(*names):
    """Links in /dev to what is in binderfs."""
    for name in names:
        equal(os.readlink("/dev/" + name), f"{BINDERFS}/{name}")


def check_open_to_all(*names):
    """Devices that everybody may use, and that work."""
    for name in names:
        info = os.stat("/dev/" + name)
        assert stat.S_ISCHR(info.st_mode)
        equal(oct(stat.S_IMODE(info.st_mode)), "0o666")
        check_service_manager(name)


def check_service_manager(name):
    """A service manager and libgbinder's tool on one device, as nobody in particular."""
    nobody = pwd.getpwnam("nobody").pw_uid
    with background("binder-servicemanager", "/dev/" + name, user=nobody) as manager:
        equal(manager.stdout.readline(), f"ready /dev/{name}\n")
        equal(run("binder-list", "-d", "/dev/" + name, user=nobody).strip(), "")
        manager.terminate()
        equal(manager.wait(PATIENCE), 0)


# --- The ways in which Waydroid finds a machine ---------------------------------------------

def test_nothing_loaded():
    """Waydroid loads the module, with quotes in the parameter, and names the devices."""
    reset()
    _, log = step("setup")
    ours()
    assert "Failed to load" not in log, log
    with open(MODULE + "/parameters/devices", encoding="ascii") as file:
        equal(file.read().strip(), ",".join(ANBOX))
    equal(configured(), ANBOX)
    equal(in_binderfs(), tuple(sorted(ANBOX + ("binder-control", "features"))))
    # The names are taken by devices in /dev, the rest is linked.
    check_linked("binder-control", "features")
    for name in ANBOX:
        assert not os.path.islink("/dev/" + name)
    equal(tuple(step("prepare")[0]), ANBOX)
    check_open_to_all(*ANBOX)


def test_devices_in_dev():
    """Devices are there: Waydroid takes them as they are called."""
    reset()
    load()
    step("setup")
    ours()
    equal(configured(), NODES)
    assert not os.path.exists(BINDERFS)
    equal(tuple(step("prepare")[0]), NODES)
    check_open_to_all(*NODES)


def test_only_binderfs():
    """Waydroid mounts the file system and adds the devices it wants."""
    reset()
    load("misc_devices=0", "devices=")
    step("setup")
    equal(configured(), ANBOX)
    equal(in_binderfs(), tuple(sorted(ANBOX + ("binder-control", "features"))))
    check_linked("binder-control", "features", *ANBOX)
    equal(tuple(step("prepare")[0]), ANBOX)
    check_open_to_all(*ANBOX)
    with open("/dev/features/oneway_spam_detection", encoding="ascii") as file:
        equal(file.read(), "1\n")


def test_binderfs_with_default_devices():
    """Waydroid adds its own beside the default ones, links all, and takes the plain names."""
    reset()
    load("misc_devices=0")
    step("setup")
    equal(in_binderfs(), tuple(sorted(ANBOX + NODES + ("binder-control", "features"))))
    check_linked("binder-control", "features", *ANBOX, *NODES)
    equal(configured(), NODES)
    equal(tuple(step("prepare")[0]), NODES)
    check_open_to_all(*NODES)


def test_mounted_at_boot():
    """A mount unit and links were there first: Waydroid has nothing to do."""
    reset()
    load("misc_devices=0")
    os.mkdir(BINDERFS)
    run("mount", "-t", "binder", "binder", BINDERFS)
    for name in NODES:
        os.symlink(f"{BINDERFS}/{name}", "/dev/" + name)
    before = in_binderfs()
    step("setup")
    equal(in_binderfs(), before)
    equal(configured(), NODES)
    equal(tuple(step("prepare")[0]), NODES)
    check_open_to_all(*NODES)


def test_twice():
    """Waydroid does it all again at each start."""
    reset()
    for _ in range(3):
        step("setup")
        equal(configured(), ANBOX)
        equal(tuple(step("prepare")[0]), ANBOX)
    equal(in_binderfs(), tuple(sorted(ANBOX + ("binder-control", "features"))))
    check_open_to_all(*ANBOX)
    reset()


# --- A container ------------------------------------------------------------------------------

def make_rootfs():
    """What stands for an Android: a service manager as the first process."""
    rootfs = WORK + "/rootfs"
    for name in ("bin", "dev", "proc", "sys", "tmp", "var", "run", "mnt_extra", "system"):
        os.makedirs(f"{rootfs}/{name}", exist_ok=True)
    run("cp", HERE + "/busybox", "/usr/bin/binder-servicemanager", rootfs + "/bin/")
    with open(rootfs + "/system/build.prop", "w", encoding="ascii") as file:
        file.write("ro.build.version.sdk=33\n")
    with open(rootfs + "/init", "w", encoding="ascii") as file:
        file.write("#!/bin/busybox sh\n"
                   "for node in vndbinder hwbinder; do /bin/binder-servicemanager /dev/$node & done\n"
                   "exec /bin/binder-servicemanager /dev/binder\n")
    os.chmod(rootfs + "/init", 0o755)


def without_network():
    """There is no network in this machine."""
    path = WORK + "/lxc/waydroid/config"
    with open(path, encoding="ascii") as file:
        lines = [line for line in file if not line.startswith("lxc.net")]
    with open(path, "w", encoding="ascii") as file:
        file.writelines(lines)


def check_container():
    """Starts a container with the devices that were found; Waydroid's service answers."""
    make_rootfs()
    step("configure")
    with open(WORK + "/lxc/waydroid/config_nodes", encoding="ascii") as file:
        entries = file.read()
    names = configured()
    for name, inside in zip(names, NODES):
        assert f"lxc.mount.entry = /dev/{name} dev/{inside} none bind" in entries, entries
    without_network()
    step("start")
    try:
        for name in names:
            wait_for(gbinder.ServiceManager("/dev/" + name).is_present, "the service manager inside")
        with background(sys.executable, os.path.join(HERE, "steps.py"), "serve") as service:
            call_service("/dev/" + names[0])
            equal(service.stdout.readline(), "unlocked 7\n")
    finally:
        step("stop")
    manager = gbinder.ServiceManager("/dev/" + names[0])
    wait_for(lambda: not manager.is_present(), "the service manager to be gone")


def call_service(device):
    """A call to Waydroid's service, by the name it has in the container."""
    manager = gbinder.ServiceManager(device, "aidl3", "aidl3")
    wait_for(lambda: "waydroidusermonitor" in (manager.list_sync() or []), "Waydroid's service")
    remote, _ = manager.get_service_sync("waydroidusermonitor")
    client = gbinder.Client(remote, "lineageos.waydroid.IUserMonitor")
    request = client.new_request()
    request.append_int32(7)
    reply, status = client.transact_sync_reply(1, request)
    equal(status, 0)
    equal(reply.init_reader().read_int32(), (True, 0))


def test_container_with_binderfs():
    """A container with devices of an instance."""
    reset()
    load("misc_devices=0", "devices=")
    step("setup")
    step("prepare")
    check_container()


def test_container_with_devices_in_dev():
    """A container with devices that Waydroid had made."""
    reset()
    step("setup")
    step("prepare")
    check_container()


def test_all_is_given_back():
    """Nothing keeps the module."""
    reset()
    assert not os.path.exists(MODULE)


def test_stress_ng():
    """stress-ng's stressor of binderfs, for a while."""
    load()
    said = run("stress-ng", "--verify", "--binderfs", "2", "--binderfs-ops", "60", "--timeout", "60")
    assert "passed: 2: binderfs (2)" in said, said
    reset()


def main():
    """Runs all tests."""
    run("mount", "-t", "cgroup2", "cgroup2", "/sys/fs/cgroup")
    with open("/etc/gbinder.conf", "w", encoding="ascii") as file:
        # The service manager that all devices have here is not that of hwbinder.
        file.write("[Protocol]\n/dev/hwbinder = aidl3\n[ServiceManager]\n/dev/hwbinder = aidl3\n")
    os.makedirs("/etc/waydroid-extra/images")
    for name in ("system.img", "vendor.img"):
        with open("/etc/waydroid-extra/images/" + name, "wb"):
            pass
    tests = [(name[5:], function) for name, function in globals().items() if name.startswith("test_")]
    print(f"KTAP version 1\n1..{len(tests)}", flush=True)
    bad = False
    for number, (name, function) in enumerate(tests, 1):
        verdict = "ok"
        try:
            function()
        except Exception as error:          # pylint: disable=broad-except
            print("\n".join("# " + line for line in f"{type(error).__name__}: {error}".splitlines()))
            verdict = "not ok"
            bad = True
        print(f"{verdict} {number} waydroid.{name}", flush=True)
    STEPS.stdin.close()
    STEPS.wait(PATIENCE)
    return bad


sys.exit(main())
