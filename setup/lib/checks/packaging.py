"""Every add-on builds as a Python package and is complete when installed from it."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from .addons import find_addons

# Which odoo.addons packages Python finds with the installed wheel on its path.
LOCATE = """
import odoo.addons.{name} as addon
print(list(addon.__path__)[0])
"""


def package_problems(addon):
    with tempfile.TemporaryDirectory(prefix="collection-suite-wheel-") as folder:
        folder = pathlib.Path(folder)
        # The build writes beside the sources, so it gets a copy.
        source = folder / addon.name
        shutil.copytree(
            addon.path,
            source,
            ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "build", "dist"),
        )
        wheel = _build(source, folder / "wheels")
        target = folder / "site"
        _run(
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-index", "--no-deps", "--target", str(target), str(wheel),
        )  # fmt: skip
        installed = target / "odoo" / "addons" / addon.name
        _add_needed(addon, installed.parent)
        return [
            *_unlike_source(source, installed),
            *_not_importable(addon, installed),
            *_requirements_unmet(target),
        ]


def _run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command[1:4])} failed\n{(done.stdout + done.stderr)[-2000:]}"
        )
    return done.stdout


def _build(source, target):
    _run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(target),
        str(source),
    )
    [wheel] = target.glob("*.whl")
    return wheel


def _files(folder):
    return {
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _add_needed(addon, folder):
    """Put beside it what it depends on of the suite, as their packages would."""
    wanted = {other.name: other for other in find_addons()}
    missing = list(addon.manifest["depends"])
    while missing:
        other = wanted.pop(missing.pop(), None)
        if other:
            (folder / other.name).symlink_to(other.path)
            missing += other.manifest["depends"]


def _unlike_source(source, installed):
    # the build's own settings need not travel
    expected = {path for path in _files(source) if path.name != "pyproject.toml"}
    for path in sorted(expected - _files(installed)):
        yield f"{path} is not in the package"


def _not_importable(addon, installed):
    environment = {**os.environ, "PYTHONPATH": str(installed.parents[2])}
    found = _run(
        sys.executable, "-W", "ignore", "-c", LOCATE.format(name=addon.name), env=environment
    ).strip()
    if pathlib.Path(found) != installed:
        yield f"Python finds the add-on in {found}, not where the package installed it"


def _requirements_unmet(target):
    """What the package requires must be there: Odoo itself and the packages of requirements.txt."""
    from importlib.metadata import PackageNotFoundError, distributions, version

    from packaging.requirements import Requirement

    from odoo.release import version as odoo_version

    for distribution in distributions(path=[str(target)]):
        for line in distribution.requires or ():
            requirement = Requirement(line)
            if requirement.name.startswith("odoo-addon-"):
                continue  # another add-on of the suite, built in its own turn
            try:
                # a checkout of Odoo is no installed package
                present = odoo_version if requirement.name == "odoo" else version(requirement.name)
            except PackageNotFoundError:
                yield f"the package requires {line}, which is not installed"
                continue
            if not requirement.specifier.contains(present, prereleases=True):
                yield f"the package requires {line}, but {present} is installed"
