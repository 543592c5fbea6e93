"""What every format is: settings with types, a check before the release, a writer of files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crossmatrix.lib.errors import N_, Refusal
from crossmatrix.publishing.rules import Document, Link, Problem

File = tuple[str, bytes]  # name without a folder, content


@dataclass(frozen=True)
class Setting:
    """One setting of a format. With `choices` the value is one of their keys; otherwise it is yes or no."""

    name: str
    label: str
    default: str | bool
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""

    def read(self, value: Any) -> str | bool:
        """The value, checked. Raises BadSettings."""
        if self.choices:
            if value not in dict(self.choices):
                raise BadSettings(name=self.name, value=value)
            return str(value)
        if not isinstance(value, bool):
            raise BadSettings(name=self.name, value=value)
        return value


class BadSettings(Refusal):
    code = "channel.settings"
    sentence = N_("The setting “%(name)s” cannot be “%(value)s”.")


class Format(Protocol):
    """A format. All sentences are marked for translation and translated when shown."""

    code: str
    label: str
    about: str  # what the shop does with the file, in one sentence
    steps: tuple[str, ...]  # how to import it
    settings: tuple[Setting, ...]
    carries_bundles: bool

    def preflight(self, links: Sequence[Link], settings: Mapping[str, Any]) -> list[Problem]:
        """What the importer would drop or damage; a problem with `drops` keeps its link out of the release."""
        ...

    def write(self, document: Document, settings: Mapping[str, Any]) -> list[File]:
        """The files of the release: the same document and settings always give the same bytes."""
        ...


def read_settings(declared: Sequence[Setting], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Complete, typed settings: missing ones get their default. Raises BadSettings (also for an unknown name)."""
    known = {setting.name: setting for setting in declared}
    for name, value in raw.items():
        if name not in known:
            raise BadSettings(name=name, value=value)
    return {name: setting.read(raw.get(name, setting.default)) for name, setting in known.items()}


def by_main(links: Sequence[Link]) -> dict[str, list[Link]]:
    """Links of each main product by rank; mains in order of SKU."""
    grouped: dict[str, list[Link]] = {}
    for link in sorted(links, key=lambda link: (link.main_sku, link.rank, link.companion_sku)):
        grouped.setdefault(link.main_sku, []).append(link)
    return grouped
