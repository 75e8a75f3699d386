# SPDX-License-Identifier: ISC
"""Programs that answer, started and stopped by the tests."""
import random
import signal
import socket
import subprocess
import time


def free_port():
    """A port that nobody has, TCP or UDP, for servers that cannot take 0.

    Below those that the kernel gives to clients: any test's client could take
    one of these before the server does.
    """
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as stream, \
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            try:
                stream.bind(("127.0.0.1", port))
                datagram.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_for_port(port, process, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nobody listens on {port}")


def stop(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
