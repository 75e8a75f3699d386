# SPDX-License-Identifier: ISC
"""Namespaces, links and processes that end with the laboratory."""

import contextlib
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from .keeper import Keeper, kill_all, namespaces
from .waiting import wait_until

CLONE_NEWNET = 0x40000000
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:")
STOP_TIME = 1.5  # seconds all programs together get to end by themselves
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The laboratory itself could not do something."""


def missing_tools():
    """Why no laboratory can be built here, or None."""
    wanted = {"ip": "iproute2", "setpriv": "util-linux",
              "bird": "bird2", "nsd": "nsd"}
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    lacking = [package for tool, package in wanted.items()
               if not shutil.which(tool, path=path)]
    if not os.path.exists("/usr/lib/frr/bgpd"):
        lacking.append("frr")
    if lacking:
        return "packages are missing: " + " ".join(sorted(set(lacking)))
    try:
        with Lab() as lab:
            lab.namespace("probe")
    except (OSError, LabError) as problem:
        return f"no network namespace can be made: {problem}"
    return None


def lives(pid):
    """Whether a process is there; one that only awaits burial is not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextlib.contextmanager
def in_memory(directory, size):
    """A file system of that size, as quick and as small as memory is."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=777",
                    "tmpfs", directory], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", directory], check=True)


def _check(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise LabError(f"{what}: {os.strerror(code)}")


class Process:
    """A program running in a namespace; its output goes to a file."""

    def __init__(self, namespace, argv, name, env=None, stdin=None):
        self.name = f"{namespace.name}/{name}"
        self.argv = [str(word) for word in argv]
        self.log = namespace.dir / f"{name}.out"
        output = open(self.log, "ab")
        with namespace, output:
            # setpriv: it must not outlive a laboratory that is killed.
            self._popen = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *self.argv],
                stdin=stdin or subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True, cwd=namespace.dir,
                env={**os.environ, **(env or {})})
        self.pid = self._popen.pid

    def running(self):
        return self._popen.poll() is None

    def check(self):
        """Raises, with the last words, when the program has ended."""
        if not self.running():
            raise LabError(f"{self.name} has ended with status "
                           f"{self._popen.returncode}:\n{self.output()}")

    def output(self):
        return self.log.read_text(errors="replace")

    def write(self, text):
        """To its standard input, when it was made with one."""
        self._popen.stdin.write(text.encode())
        self._popen.stdin.flush()

    def signal(self, number):
        if self.running():
            self._popen.send_signal(number)

    def kill(self):
        """kill -9 of this process alone, as a crash would be."""
        self.signal(signal.SIGKILL)
        self._popen.wait(5)

    def wait(self, timeout=5):
        """The exit status."""
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} still runs after {timeout} s:\n"
                           f"{self.output()}") from None

    def stop(self, timeout=2):
        """Asks to end, then insists."""
        self.signal(signal.SIGTERM)
        try:
            self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()


class Namespace:
    """A network namespace without a name: a descriptor.

    `with namespace:` moves the calling thread into it, so sockets made and
    programs started there belong to it.
    """

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.dir = lab.dir / name
        self.dir.mkdir()
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        _check(_libc.unshare(CLONE_NEWNET), "a new network namespace")
        self.fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            self._settle()
        finally:
            self.__exit__()

    def _settle(self):
        for key, value in (("ipv6/conf/all/accept_dad", 0),
                           ("ipv6/conf/default/accept_dad", 0),
                           ("ipv6/conf/default/accept_ra", 0),
                           ("ipv6/conf/all/forwarding", 1),
                           ("ipv6/conf/default/disable_ipv6", 0),
                           ("ipv4/ip_forward", 1),
                           ("ipv4/conf/all/rp_filter", 0),
                           ("ipv4/conf/default/rp_filter", 0)):
            self.sysctl(key, value)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

    def __enter__(self):
        _check(_libc.setns(self.fd, CLONE_NEWNET), f"entering {self.name}")
        return self

    def __exit__(self, *_):
        _check(_libc.setns(self._home, CLONE_NEWNET), f"leaving {self.name}")

    @property
    def path(self):
        """What `ip link ... netns` and nsenter(1) take."""
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    @property
    def inode(self):
        return os.fstat(self.fd).st_ino

    @staticmethod
    def sysctl(key, value):
        """Of the namespace this thread is in."""
        with open(f"/proc/sys/net/{key}", "w", encoding="ascii") as file:
            file.write(f"{value}\n")

    def run(self, *argv, check=True, stdin=None, timeout=10):
        """Runs a program to its end and returns what it printed."""
        with self:
            done = subprocess.run(
                [str(word) for word in argv], input=stdin, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                timeout=timeout, check=False)
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {' '.join(map(str, argv))}: status "
                           f"{done.returncode}\n{done.stdout}")
        return done.stdout

    def ip(self, command, check=True):
        """ns.ip("route show"): the words after `ip`."""
        return self.run("ip", *command.split(), check=check)

    def popen(self, *argv, name, env=None, stdin=None):
        """Starts a program that the laboratory ends."""
        process = Process(self, argv, name, env, stdin)
        self.lab.processes.append(process)
        return process

    def socket(self, *args):
        with self:
            return socket.socket(*args)

    def addresses(self, interface="lo"):
        """The addresses on an interface, as text without length."""
        lines = self.ip(f"-o addr show dev {interface}").splitlines()
        return {line.split()[3].split("/")[0] for line in lines}

    def routes(self, *words):
        """Destinations of `ip -4 route` and `ip -6 route` so selected."""
        text = " ".join(words)
        lines = (self.ip(f"-4 route show {text}").splitlines() +
                 self.ip(f"-6 route show {text}").splitlines())
        return {_destination(line.split()) for line in lines if line.strip()}

    def pids(self):
        """All processes in this namespace, ours or not."""
        return [pid for pid, inode in namespaces() if inode == self.inode]


def _destination(words):
    """The prefix of a line of `ip route`, with its length."""
    word = words[1] if words[0] in ("blackhole", "unreachable") else words[0]
    if word == "default" or "/" in word:
        return word
    return word + ("/128" if ":" in word else "/32")


class Link:
    """A veth pair. In each namespace the interface bears the other's name."""

    def __init__(self, number, one, other):
        self.number = number
        self._hosts = {one: 1, other: 2}
        self._interfaces = {one: other.name[:15], other: one.name[:15]}

    def v4(self, namespace):
        return f"10.0.{self.number}.{self._hosts[namespace]}"

    def v6(self, namespace):
        return f"fd00:{self.number:x}::{self._hosts[namespace]}"

    def interface(self, namespace):
        return self._interfaces[namespace]

    def up(self, namespace):
        namespace.ip(f"link set {self.interface(namespace)} up")
        # IPv6 addresses leave with a link that goes down.
        namespace.ip(f"addr replace {self.v6(namespace)}/64 dev "
                     f"{self.interface(namespace)} nodad")

    def down(self, namespace):
        namespace.ip(f"link set {self.interface(namespace)} down")


class Lab:
    """Everything that is made in it ends with it."""

    def __init__(self):
        self.dir = None
        self._keeper = None
        self.processes = []
        self.closers = []  # called at the end, last first
        self.namespaces = []
        self.complaints = []  # of sanitizers, known after close()
        self._links = itertools.count(1)

    def __enter__(self):
        self.dir = pathlib.Path(
            tempfile.mkdtemp(prefix=f"basin-lab-{os.getpid()}-"))
        self.dir.chmod(0o755)
        self._keeper = Keeper(self.dir)
        return self

    def __exit__(self, *_):
        self.close()

    def namespace(self, name):
        namespace = Namespace(self, name)
        self.namespaces.append(namespace)
        self._keeper.guard(namespace.inode)
        return namespace

    def link(self, one, other):
        """Connects two namespaces; both ends get IPv4 and IPv6 addresses."""
        link = Link(next(self._links), one, other)
        subprocess.run(
            ["ip", "link", "add", link.interface(one), "netns", one.path,
             "type", "veth", "peer", "name", link.interface(other),
             "netns", other.path], check=True)
        for end in (one, other):
            name = link.interface(end)
            end.run("ip", "-batch", "-", stdin=(
                f"link set {name} up\n"
                f"addr add {link.v4(end)}/24 dev {name}\n"
                f"addr add {link.v6(end)}/64 dev {name} nodad\n"))
        return link

    def close(self):
        for closer in reversed(self.closers):
            closer()
        for process in reversed(self.processes):
            process.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIME
        for process in reversed(self.processes):
            process.stop(max(0, deadline - time.monotonic()))
        self._kill_strays()
        self.complaints = [process.output() for process in self.processes
                           if SANITIZER.search(process.output())]
        for namespace in self.namespaces:
            os.close(namespace.fd)
            os.close(namespace._home)
        shutil.rmtree(self.dir, ignore_errors=True)
        self._keeper.dismiss()

    def _kill_strays(self):
        """Children of our processes that stayed: by namespace, by pid."""
        ours = {namespace.inode for namespace in self.namespaces}
        if ours:
            wait_until(lambda: kill_all(ours), 5,
                       "processes of the laboratory ended")
