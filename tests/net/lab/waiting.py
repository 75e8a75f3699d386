# SPDX-License-Identifier: ISC
"""Waiting, always bounded."""

import time


class WaitTimeout(AssertionError):
    """What was waited for did not come in time."""


def wait_until(condition, timeout=5.0, what="the condition", every=0.01,
               alive=None):
    """Calls `condition` until it returns something true, and returns that.

    `what` names the thing waited for: text, or a function called only on
    failure that tells what was seen instead. `alive` is called at every turn
    and may raise when waiting has become pointless.
    """
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if alive:
            alive()
        if time.monotonic() > deadline:
            seen = what() if callable(what) else what
            raise WaitTimeout(f"not within {timeout:g} s: {seen}")
        time.sleep(every)


def stays(condition, duration=0.5, what="the condition", every=0.02):
    """Asserts that `condition` is true now and all through `duration`."""
    deadline = time.monotonic() + duration
    while True:
        if not condition():
            seen = what() if callable(what) else what
            raise AssertionError(f"did not stay so: {seen}")
        if time.monotonic() > deadline:
            return
        time.sleep(every)
