"""The add-ons of this repository."""

import ast
import dataclasses
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


@dataclasses.dataclass(frozen=True)
class Addon:
    path: pathlib.Path

    @property
    def name(self):
        return self.path.name

    @property
    def manifest(self):
        return ast.literal_eval((self.path / "__manifest__.py").read_text())

    def files(self, pattern):
        """Files in the add-on, as paths relative to it."""
        return {
            str(path.relative_to(self.path))
            for path in self.path.glob(pattern)
            if path.is_file() and "__pycache__" not in path.parts
        }


def find_addons(folder="addons"):
    manifests = sorted((REPOSITORY / folder).glob("*/__manifest__.py"))
    return [Addon(manifest.parent) for manifest in manifests]
