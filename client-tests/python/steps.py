"""Runs one step after the other and prints what became of each: the lines that client-tests/run counts."""

import os
import threading


class Steps:
    def __init__(self, client, limit_seconds):
        """After limit_seconds the whole program ends as failed, whatever it waits for."""
        self.client = client
        self.failed = False
        timer = threading.Timer(limit_seconds, self._too_late, [limit_seconds])
        timer.daemon = True
        timer.start()

    def step(self, name, run):
        try:
            run()
            self._print(f"ok {self.client}: {name}")
        except Exception as error:  # whatever it is, the next step runs
            self.failed = True
            what = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            self._print(f"FAILED {self.client}: {name}: {what}{error}".replace("\n", " "))

    def _too_late(self, limit_seconds):
        self._print(f"FAILED {self.client}: not done after {limit_seconds} s")
        os._exit(1)

    @staticmethod
    def _print(line):
        print(line, flush=True)


def expect(what, actual, expected):
    if actual != expected:
        raise AssertionError(f"{what} is {actual!r}, not {expected!r}")


def expect_between(what, actual, least, most):
    if not least <= actual <= most:
        raise AssertionError(f"{what} is {actual}, not {least} to {most}")


def failure_of(error_type, call):
    """The error that a call must end with."""
    try:
        result = call()
    except error_type as error:
        return error
    raise AssertionError(f"a {error_type.__name__} was expected, not {result}")
