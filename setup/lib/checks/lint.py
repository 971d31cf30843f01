"""ruff over Python, pylint-odoo over the add-ons, and the check of their translations."""

import subprocess
import sys

from checks.addons import REPOSITORY


def run(*command):
    """The output lines of a command that found something, else none."""
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    return (done.stdout + done.stderr).strip().splitlines() or [f"exit status {done.returncode}"]


def ruff(paths):
    return run("ruff", "check", "--no-cache", "--output-format=concise", *paths)


def ruff_format(paths):
    return run("ruff", "format", "--no-cache", "--check", "--output-format=concise", *paths)


def pylint_odoo(addon):
    return run("pylint", "--rcfile=.pylintrc", str(addon.path))


def translations(database):
    """Of all add-ons, against a fresh export from a database without demo data."""
    return run(sys.executable, "i18n/check.py", f"--database={database}")


def translations_of(addon):
    """Of one add-on, against the template it brings."""
    place = f"{addon.path.relative_to(REPOSITORY)}/"
    return [line for line in run(sys.executable, "i18n/check.py") if line.startswith(place)]
