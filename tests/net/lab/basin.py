# SPDX-License-Identifier: ISC
"""basind in a namespace, and basin to talk to it."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import textwrap

from .network import LabError
from .rootless import is_rootless
from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]


def build_dir():
    return pathlib.Path(os.environ.get("BASIN_BUILD", ROOT / "build"))


def daemon_path():
    return build_dir() / "src" / "daemon" / "basind"


def cli_path():
    return build_dir() / "src" / "cli" / "basin"


class Basin:
    """A node. `config` is written as an operator would; where the sockets
    and the state lie is added to it."""

    def __init__(self, namespace, config, http=False, options=()):
        self.namespace = namespace
        self.dir = namespace.dir / "basin"
        self.dir.mkdir(exist_ok=True)
        self.dir.chmod(0o777)
        self.path = self.dir / "basin.yaml"
        self.http = http
        self.options = options  # of the command line
        self.process = None
        self.configure(config)

    def configure(self, config):
        """Writes the file; the daemon reads it at start and reload."""
        self.path.write_text(self.text(config))

    def text(self, config):
        plumbing = textwrap.dedent(f"""
            state_directory: {self.dir}/state
            control:
              socket: {self.dir}/basin.sock
              read_only_socket: {self.dir}/basin-ro.sock
            """)
        if not self.http:
            plumbing += "http: off\n"
        return textwrap.dedent(config).strip("\n") + "\n" + plumbing

    def start(self, wait=True, env=None, under=()):
        """`under` are words before the program, such as prlimit(1)'s."""
        state = self.dir / "state"
        state.mkdir(exist_ok=True)
        state.chmod(0o777)
        self.process = self.namespace.popen(
            *under, daemon_path(), "-c", self.path, *self.options,
            *(["--user", "root"] if is_rootless() else []),
            *os.environ.get("BASIN_OPTIONS", "").split(),
            name="basind", env=env)
        if wait:
            wait_until(self.answers, 5, "basind answers",
                       alive=self.process.check)
        return self

    def answers(self):
        try:
            return self.ask("status")
        except (OSError, LabError):
            return None

    def ask(self, command, **arguments):
        """The control protocol itself: one JSON line each way."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(self.dir / "basin.sock"))
            request = {"command": command, "arguments": arguments}
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
        if not answer["ok"]:
            raise LabError(f"{command}: {answer['error']}")
        return answer["result"]

    def command(self, *words, socket="basin.sock", timeout=10):
        """Runs `basin` as a person does; returns (status, output)."""
        with self.namespace:
            done = subprocess.run(
                [str(cli_path()), "--socket", str(self.dir / socket),
                 *map(str, words)],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=timeout, check=False)
        return done.returncode, done.stdout

    def cli(self, *words):
        """Output of a command that must succeed (status is 0 or 1)."""
        status, output = self.command(*words)
        if status > 1:
            raise LabError(f"basin {' '.join(words)}: status {status}\n"
                           f"{output}")
        return output

    def page(self, path):
        """(status, body) of a page of the HTTP server (http=True)."""
        connection = http.client.HTTPConnection("127.0.0.1", 9179, timeout=5)
        connection.sock = self.namespace.socket()
        connection.sock.settimeout(5)
        connection.sock.connect(("127.0.0.1", 9179))
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def metric(self, name):
        """The sum of a metric over its labels."""
        lines = self.page("/metrics")[1].splitlines()
        return sum(float(line.split()[-1]) for line in lines
                   if line.split("{")[0].split()[0] == name)

    def peer(self, name):
        """One entry of `show peers`."""
        return self.ask("show peers", name=name)["peers"][0]

    def peer_error(self, name):
        """Why its last session ended, in words; "" when none did."""
        error = self.peer(name)["last_error"]
        return error["text"] if error else ""

    def generation(self):
        return self.ask("status")["configuration"]["generation"]

    def reload(self, config=None):
        """HUP, as the service manager does it."""
        if config is not None:
            self.configure(config)
        self.process.signal(signal.SIGHUP)

    def terminate(self):
        self.process.signal(signal.SIGTERM)

    def kill(self):
        self.process.kill()

    def helper_pid(self):
        """The root helper: the child of the main process."""
        children = pathlib.Path(
            f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()][0]

    def log(self):
        return self.process.output()
