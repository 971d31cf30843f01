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


def translations():
    check = REPOSITORY / "i18n" / "check.py"
    return run(sys.executable, str(check)) if check.exists() else []
