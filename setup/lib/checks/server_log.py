"""Warnings and errors in Odoo's log."""

import pathlib
import re

RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ (?P<level>[A-Z]+) \S+ (?P<logger>\S+): (?P<text>.*)"
)
ALLOWED_FILE = pathlib.Path(__file__).with_name("server_log_allowed.txt")


def allowed_patterns():
    """One pattern per line; the comment above it says why."""
    lines = ALLOWED_FILE.read_text().splitlines()
    return [re.compile(line) for line in lines if line.strip() and not line.startswith("#")]


def records(path):
    """(level, logger, text with traceback) of a log file."""
    current = None
    for line in pathlib.Path(path).read_text(errors="replace").splitlines():
        match = RECORD.match(line)
        if match:
            if current:
                yield tuple(current)
            current = [match["level"], match["logger"], match["text"]]
        elif current:
            current[2] += "\n" + line
    if current:
        yield tuple(current)


def complaints(path):
    """Records of level warning and above that the allow-list does not know."""
    allowed = allowed_patterns()
    for level, logger, text in records(path):
        if level in ("WARNING", "ERROR", "CRITICAL") or "Traceback (most recent call last)" in text:
            line = f"{level} {logger}: {text}"
            if not any(pattern.search(line) for pattern in allowed):
                yield line


def install_problems(path):
    """While installing, nothing at all may complain."""
    return [line for text in complaints(path) for line in text.splitlines()]


def test_problems(path, addons):
    """While testing, only our add-ons must be silent: the host's own tests are not ours."""
    ours = "|".join(re.escape(addon.name) for addon in addons)
    if not ours:
        return []
    mentions = re.compile(rf"\b({ours})[./][a-z_]")
    found = [text for text in complaints(path) if mentions.search(text)]
    return [line for text in found for line in text.splitlines()]
