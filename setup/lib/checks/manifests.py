"""What every add-on must bring, and a manifest that names all of it."""

import re

FILES = (
    "__init__.py",
    "pyproject.toml",
    "readme/DESCRIPTION.md",
    "static/description/icon.png",
    "static/description/index.html",
    "i18n/he.po",
    "i18n/el.po",
    "i18n/{name}.pot",
    "security/ir.model.access.csv",
    "tests/__init__.py",
)
FOLDERS = ("data", "demo", "readme/newsfragments", "security", "tests", "views")
# what only joins two add-ons may have no data of its own
NOT_OF_GLUE = ("data", "demo")
# Odoo reads data files from these folders
DATA_PATTERNS = (
    "security/*",
    "data/*",
    "views/*",
    "wizards/*",
    "reports/*",
    "templates/*",
    "demo/*",
)


def manifest_problems(addon):
    manifest = addon.manifest
    if manifest.get("license") != "LGPL-3":
        yield "the licence is not LGPL-3"
    if not re.fullmatch(r"19\.0\.\d+\.\d+\.\d+", manifest.get("version", "")):
        yield "the version is not of the form 19.0.x.y.z"
    for key in ("name", "summary", "author", "category", "depends"):
        if not manifest.get(key):
            yield f"the manifest has no {key}"
    yield from _missing_files(addon)
    yield from _data_files(addon, manifest)


def _missing_files(addon):
    for name in FILES:
        path = addon.path / name.format(name=addon.name)
        if not path.is_file():
            yield f"{path.relative_to(addon.path)} is missing"
    for folder in FOLDERS:
        if addon.manifest.get("auto_install") and folder in NOT_OF_GLUE:
            continue
        if not (addon.path / folder).is_dir():
            yield f"the folder {folder} is missing"
    if not list((addon.path / "readme/newsfragments").glob("*.*")):
        yield "readme/newsfragments holds no fragment"
    if not list((addon.path / "tests").glob("test_*.py")):
        yield "tests holds no test_*.py"


def _data_files(addon, manifest):
    listed = [*manifest.get("data", []), *manifest.get("demo", [])]
    for name in listed:
        if not (addon.path / name).is_file():
            yield f"{name} is in the manifest but does not exist"
    for name in {name for name in listed if listed.count(name) > 1}:
        yield f"{name} is in the manifest twice"
    code = "".join(path.read_text() for path in addon.path.rglob("*.py"))
    present = set().union(*(addon.files(pattern) for pattern in DATA_PATTERNS))
    for name in sorted(present - set(listed)):
        # Python may read a file itself
        if name.endswith((".xml", ".csv")) and name.rsplit("/", 1)[1] not in code:
            yield f"{name} exists but is not in the manifest"
