"""Counts what passed and failed, and prints it as it comes."""

import threading
import time


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.failures = []
        self._lock = threading.Lock()

    def say(self, text):
        with self._lock:
            print(text, flush=True)

    def record(self, name, problems=(), seconds=None):
        """One check: passed if it has no problems, which are a list of lines."""
        problems = list(problems)
        took = "" if seconds is None else f"  {seconds:.0f} s"
        with self._lock:
            if problems:
                self.failed += 1
                self.failures.append(name)
                print(f"  FAIL  {name}{took}", flush=True)
                for problem in problems[:60]:
                    print(f"        {problem}", flush=True)
                if len(problems) > 60:
                    print(f"        ... and {len(problems) - 60} more", flush=True)
            else:
                self.passed += 1
                print(f"  ok    {name}{took}", flush=True)

    def check(self, name, function, *args):
        """Run a function that returns its problems; an exception is a problem too."""
        start = time.monotonic()
        try:
            problems = function(*args)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
        self.record(name, problems or (), time.monotonic() - start)

    def add_tests(self, title, outcome, seconds):
        """A run of tests, each of which counts."""
        with self._lock:
            self.passed += outcome.passed
            self.failed += outcome.failed
            self.failures.extend(outcome.names)
            figures = f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped"
            mark = "FAIL" if outcome.failed else "ok  "
            print(f"  {mark}  {title}: {figures}  {seconds:.0f} s", flush=True)
            for line in outcome.details:
                print(f"        {line}", flush=True)

    def close(self):
        """The closing lines; the last one is the plain count."""
        if self.failures:
            print("\nFailed:")
            for name in self.failures:
                print(f"  {name}")
        print(f"\n{self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0
