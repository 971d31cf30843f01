"""Runs the checks and tests; see setup/test, which prepares what this needs.

Two run at a time: an installation or a test run keeps about one processor busy.
"""

import functools
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import databases
import suite
from checks import lint
from checks.addons import REPOSITORY, find_addons
from checks.manifests import manifest_problems
from checks.packaging import package_problems
from checks.report import Report
from checks.runs import run_hoot, run_pytest
from checks.server_log import install_problems, test_problems

LOGS = databases.WORK / "log" / "test"


class Checks:
    """The checks of some add-ons, or of the whole suite."""

    def __init__(self, addons, whole):
        self.addons = addons
        self.whole = whole
        self.report = Report()
        self.version = suite.fingerprint()

    def run(self):
        with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
            start = functools.partial(self._start, pool)
            # What others wait for goes first.
            demo = start("installation with demo data", self.install, True)
            start("static checks", self.check_sources)
            plain = start("installation", self.install, False)
            for addon in self.addons:
                start(f"tests of {addon.name}", self.test_addon, addon, demo)
            if self.whole:
                start("translations", self.check_translations, plain)
            # file by file, so that both processors have work until the end
            for file in sorted((REPOSITORY / "tests").glob("test_*.py")) if self.whole else ():
                start(f"tests across add-ons, {file.stem}", self.test_suite, file, demo, plain)
            for addon in self.addons:
                if list((addon.path / "static" / "tests").rglob("*.test.js")):
                    start(f"browser unit tests of {addon.name}", self.test_browser, addon, demo)
        return self.report.close()

    def _start(self, pool, name, function, *args):
        """Have a job done in its turn; one that breaks counts as failed."""

        def job():
            try:
                return function(*args)
            except Exception as error:
                self.report.record(name, [f"not run: {type(error).__name__}: {error}"])
                return None

        return pool.submit(job)

    def check_sources(self):
        check = self.report.check
        paths = ["."] if self.whole else [str(addon.path) for addon in self.addons]
        check("ruff check", lint.ruff, paths)
        check("ruff format", lint.ruff_format, paths)
        for addon in self.addons:
            check(f"manifest and files of {addon.name}", manifest_problems, addon)
            check(f"pylint-odoo on {addon.name}", lint.pylint_odoo, addon)
            if not self.whole:
                check(f"translations of {addon.name}", lint.translations_of, addon)
            check(f"Python package of {addon.name}", package_problems, addon)

    def check_translations(self, plain):
        with self._copy(plain, "i18n") as database:
            self.report.check("translations", lint.translations, database)

    def install(self, demo):
        """Install the add-ons into a fresh database; its name is the result, None if that failed."""
        title = f"installation {'with' if demo else 'without'} demo data"
        database = suite.database_name("test") + ("_demo" if demo else "")
        log_path = LOGS / f"install{'_demo' if demo else ''}.log"
        log_path.unlink(missing_ok=True)

        def problems():
            missing = suite.install(database, self.addons, log_path, demo)
            yield from (f"{name} did not get installed" for name in missing)
            yield from install_problems(log_path)

        self.report.check(title, lambda: list(problems()))
        if not {addon.name for addon in self.addons} <= databases.installed_modules(database):
            return None
        if self.whole:
            return suite.publish_template(database, self.version, demo)
        return database

    def test_addon(self, addon, demo):
        title = f"tests of {addon.name}"
        with self._copy(demo, addon.name) as database:
            log_path = run_pytest(self.report, title, [addon.path / "tests"], LOGS, database)
        self.report.check(f"server log of the {title}", test_problems, log_path, self.addons)

    def test_browser(self, addon, demo):
        with self._copy(demo, f"{addon.name}_js") as database:
            log_path = run_hoot(self.report, addon, database, LOGS)
        self.report.check(
            f"server log of the browser unit tests of {addon.name}",
            test_problems, log_path, self.addons,
        )  # fmt: skip

    def test_suite(self, file, *installations):
        for installation in installations:
            self._installed(installation)
        run_pytest(self.report, f"tests across add-ons, {file.stem}", [file], LOGS)

    @staticmethod
    def _installed(installation):
        """The database of an installation, once that is done."""
        database = installation.result()
        if not database:
            raise RuntimeError("the installation failed")
        return database

    def _copy(self, installation, purpose):
        name = f"{suite.database_name('test')}_{purpose}"
        return databases.database_copy(self._installed(installation), name)


def main():
    names = sys.argv[1:]
    addons = [addon for addon in find_addons() if not names or addon.name in names]
    LOGS.mkdir(parents=True, exist_ok=True)
    return Checks(addons, whole=not names).run()


if __name__ == "__main__":
    sys.exit(main())
