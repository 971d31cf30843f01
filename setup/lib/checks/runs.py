"""Test runs through pytest and through the host's own runner, counted test by test."""

import dataclasses
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

import databases
from checks.addons import REPOSITORY
from checks.server_log import records
from odoo_server import free_port

ODOO_OPTIONS = ("--odoo-http", "--odoo-log-level=info")
HOOT_TEST = re.compile(r'\[HOOT\] Test "(.+)" (passed|failed)')


@dataclasses.dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    names: list = dataclasses.field(default_factory=list)  # of what failed
    details: list = dataclasses.field(default_factory=list)  # lines that say why


def run_pytest(report, title, paths, log_folder, database=None):
    """Run pytest on paths and count its tests. Returns the log of Odoo.

    With a database the tests are Odoo's own kind; without one they are plain.
    """
    name = re.sub(r"\W+", "_", title)
    junit, odoo_log = log_folder / f"{name}.xml", log_folder / f"{name}.log"
    for path in (junit, odoo_log):
        path.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", "--show-capture=no", "-rs",
        "--durations=10",
        f"--junitxml={junit}", *map(str, paths),
    ]  # fmt: skip
    if database:
        command += [
            *ODOO_OPTIONS,
            f"--odoo-config={os.environ['ODOO_CONF']}",
            f"--odoo-database={database}",
            f"--odoo-extra=logfile={odoo_log}",
            f"--odoo-extra=screenshots={log_folder}",
        ]
    else:
        command += ["-p", "no:odoo"]
    start = time.monotonic()
    done = subprocess.run(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )  # fmt: skip
    (log_folder / f"{name}.out").write_text(done.stdout)
    outcome = count(junit)
    if done.returncode not in (0, 5) and not outcome.failed:  # 5: there are no tests
        outcome.failed, outcome.names = 1, [f"{title}: pytest ended with status {done.returncode}"]
    if outcome.failed:
        outcome.details = _from_failures_on(done.stdout.splitlines())
    outcome.details += [line for line in done.stdout.splitlines() if line.startswith("SKIPPED")]
    report.add_tests(title, outcome, time.monotonic() - start)
    return odoo_log


def _from_failures_on(lines):
    """The part of pytest's output that tells what failed, or its end if there is none."""
    marks = [
        number
        for number, line in enumerate(lines)
        if re.fullmatch(r"=+ (FAILURES|ERRORS) =+", line)
    ]
    end = next((n for n, line in enumerate(lines) if "slowest" in line), len(lines))
    return lines[marks[0] : end] if marks else lines[-40:]


def count(junit):
    outcome = Outcome()
    if not junit.exists():
        return outcome
    for case in ElementTree.parse(junit).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            outcome.failed += 1
            name = f"{case.get('classname')}::{case.get('name')}"
            if name not in outcome.names:  # a test's subtests have its name
                outcome.names.append(name)
        elif case.find("skipped") is not None:
            outcome.skipped += 1
        else:
            outcome.passed += 1
    return outcome


def run_hoot(report, addon, database, log_folder):
    """Run the JavaScript unit tests of an add-on in the browser. Returns the log of Odoo."""
    title = f"browser unit tests of {addon.name}"
    log_path = log_folder / f"hoot_{addon.name}.log"
    log_path.unlink(missing_ok=True)
    start = time.monotonic()
    ended_well = databases.run_odoo(
        database,
        log_path,
        f"--http-port={free_port(8370)}",
        f"--screenshots={log_folder}",
        f"--test-tags=/web:WebSuite.test_unit_desktop[@{addon.name}]",
    )
    log_path.touch()
    results = HOOT_TEST.findall(log_path.read_text())
    outcome = Outcome(passed=sum(result == "passed" for _name, result in results))
    if not ended_well or not outcome.passed:
        outcome.names = [name for name, result in results if result == "failed"] or [title]
        outcome.failed = len(outcome.names)
        outcome.details = [
            line
            for level, _logger, message in records(log_path)
            if level in ("WARNING", "ERROR", "CRITICAL")
            for line in message.splitlines()
        ] or pathlib.Path(f"{log_path}.out").read_text().splitlines()[-40:]
    report.add_tests(title, outcome, time.monotonic() - start)
    return log_path
