# SPDX-License-Identifier: ISC
"""The file check on a file system that other programs write."""
import os
import time

from verdicts import bad, good


def test_written_and_removed(run, tmp_path):
    path = tmp_path / "state"
    bad(run(kind="file", path=str(path)), "answer", "file does not exist")
    good(run(kind="file", path=str(path), absent=True))
    path.write_text("fresh\n")
    for r in run(kind="file", path=str(path), max_age_ms=60000,
                 equals="fresh", regex="^fr", runs=50):
        good(r)
    os.utime(path, (0, time.time() - 600))
    bad(run(kind="file", path=str(path), max_age_ms=60000), "answer",
        "file was written 10 min")
    path.unlink()
    bad(run(kind="file", path=str(path)), "answer", "file does not exist")


def test_the_loop_does_not_wait(run, tmp_path):
    """What takes long is a timeout, and is begun only once."""
    path = tmp_path / "state"
    path.write_text("a" * 60000)
    first, second = run(kind="file", path=str(path), regex="(a+)+b", runs=2,
                        timeout_ms=100, thread_stays=True)
    bad(first, "timeout", f"{path}: no answer within 100 ms")
    bad(second, "timeout", "the run before still waits for it")
