# SPDX-License-Identifier: ISC
"""Tidies up behind a laboratory that was killed.

Programs that change their user lose PR_SET_PDEATHSIG, so they would outlive
it. A child waits at a pipe: it reads what there is to tidy, and the end of
the pipe is the end of the laboratory.
"""

import os
import shutil
import signal
import time


def namespaces():
    """(pid, inode of its network namespace) of every process."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            yield int(entry), os.stat(f"/proc/{entry}/ns/net").st_ino
        except OSError:
            continue  # it ended meanwhile, or is not ours


def kill_all(inodes):
    """Kills every process in these namespaces; True when none is left."""
    left = [pid for pid, inode in namespaces() if inode in inodes]
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return not left


class Keeper:
    def __init__(self, directory):
        reader, self._pipe = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(self._pipe)
                os.setsid()  # a Ctrl-C is for the laboratory
                _wait(reader, directory)
            finally:
                os._exit(0)
        os.close(reader)

    def guard(self, inode):
        os.write(self._pipe, f"{inode}\n".encode())

    def dismiss(self):
        os.write(self._pipe, b"done\n")
        os.close(self._pipe)
        os.waitpid(self._pid, 0)


def _wait(reader, directory):
    said = b""
    while piece := os.read(reader, 4096):
        said += piece
    words = said.decode().split()
    if words and words[-1] == "done":
        return
    inodes = {int(word) for word in words}
    deadline = time.monotonic() + 5
    while inodes and not kill_all(inodes) and time.monotonic() < deadline:
        time.sleep(0.02)
    shutil.rmtree(directory, ignore_errors=True)
