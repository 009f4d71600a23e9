"""Reference taxonomies that others publish: Google's product taxonomy and Shopify's, read and checked."""

import csv
import io
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from core.domain.errors import ReferenceFormatError
from core.domain.product import parse_path

MAX_BYTES = 50 * 2**20
GOOGLE_HEADER = "# Google_Product_Taxonomy_Version:"
_GOOGLE_LINE = re.compile(r"(?P<id>\d+)\s+-\s+(?P<path>\S.*)")
_LOCALE = re.compile(r"\b[a-z]{2}-[A-Z]{2}\b")
_VERSION = re.compile(r"\d{4}-\d{2}(?:-\d{2})?")
_KINDS = "Google's 'taxonomy-with-ids' text file, or Shopify's CSV with the columns id and path"


@dataclass(frozen=True, slots=True)
class ReferenceNode:
    """A category of a reference taxonomy: its id there, and its names from below the root."""

    id: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReferenceTaxonomy:
    """A published taxonomy. `label` is what people read, such as "Shopify 2024-07"; `locale` is '' where unknown."""

    publisher: str
    version: str
    locale: str
    nodes: tuple[ReferenceNode, ...]

    @property
    def name(self) -> str:
        """What it is kept under: a newer version of the same taxonomy and language replaces an older one."""
        return re.sub(r"[^\w-]+", "-", "-".join(part.casefold() for part in (self.publisher, self.locale) if part))

    @property
    def label(self) -> str:
        """Publisher, version and language for people."""
        return " ".join(part for part in (self.publisher, self.version, self.locale) if part)

    def dumps(self) -> str:
        """The taxonomy as JSON."""
        head = {"publisher": self.publisher, "version": self.version, "locale": self.locale}
        return json.dumps({**head, "nodes": [list(asdict(node).values()) for node in self.nodes]}, ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> "ReferenceTaxonomy":
        """What `dumps` wrote.

        Raises:
            ReferenceFormatError: If it is something else.
        """
        try:
            stored = json.loads(text)
            nodes = tuple(ReferenceNode(key, tuple(path)) for key, path in stored["nodes"])
            return cls(stored["publisher"], stored["version"], stored["locale"], nodes)
        except (ValueError, KeyError, TypeError) as error:
            raise ReferenceFormatError(
                f"A stored reference taxonomy cannot be read: {error}.", "Import it again."
            ) from error


def read_reference(file_path: Path) -> ReferenceTaxonomy:
    """Read a reference taxonomy and check that it is a tree.

    Args:
        file_path: Google's text file with ids, or a CSV with the columns `id` and `path` as of Shopify. The version and
            language come from the file's first line or its name.

    Raises:
        ReferenceFormatError: If the file is neither, is no UTF-8, names an id or a path twice, or leaves out a parent.
    """
    text = _text(file_path)
    first = text.partition("\n")[0].strip()
    if first.startswith(GOOGLE_HEADER):
        locale = _first(_LOCALE, file_path.name)
        version = first.removeprefix(GOOGLE_HEADER).strip()
        return ReferenceTaxonomy("Google", version, locale, _checked(_google_nodes(text)))
    if {"id", "path"} <= {column.strip().casefold() for column in next(csv.reader([first]), [])}:
        publisher = "Shopify" if "shopify" in file_path.name.casefold() else file_path.stem
        version = _first(_VERSION, file_path.name) if publisher == "Shopify" else ""
        return ReferenceTaxonomy(publisher, version, "", _checked(_csv_nodes(text)))
    raise ReferenceFormatError(
        f"{file_path.name} is no reference taxonomy that can be read: its first line is {first[:60]!r}.",
        f"Choose {_KINDS}.",
    )


def _text(file_path: Path) -> str:
    try:
        if file_path.stat().st_size > MAX_BYTES:
            raise ReferenceFormatError(f"{file_path.name} is larger than {MAX_BYTES // 2**20} MB.", f"Choose {_KINDS}.")
        text = file_path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ReferenceFormatError(
            f"{file_path.name} cannot be read: {error.strerror or error}.", "Choose another file."
        ) from error
    except UnicodeDecodeError as error:
        raise ReferenceFormatError(
            f"{file_path.name} is no UTF-8 text: byte {error.start}.", "Save it as UTF-8."
        ) from error
    if not text.strip():
        raise ReferenceFormatError(f"{file_path.name} is empty.", f"Choose {_KINDS}.")
    return text


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""


def _google_nodes(text: str) -> Iterable[tuple[int, ReferenceNode]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _GOOGLE_LINE.fullmatch(line.strip())
        if match is None:
            raise ReferenceFormatError(
                f"Line {number} expected 'id - Category > Subcategory', got {line[:60]!r}.",
                "Download the file that Google calls 'taxonomy-with-ids'.",
            )
        yield number, ReferenceNode(match["id"], parse_path(match["path"]))


def _csv_nodes(text: str) -> Iterable[tuple[int, ReferenceNode]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), skipinitialspace=True)
    reader.fieldnames = [column.strip().casefold() for column in reader.fieldnames or ()]
    for row in reader:
        yield reader.line_num, ReferenceNode((row["id"] or "").strip(), parse_path(row["path"] or ""))


def _checked(numbered: Iterable[tuple[int, ReferenceNode]]) -> tuple[ReferenceNode, ...]:
    """The nodes, once every one has an id and a path of its own, and its parent is there too."""
    nodes: list[ReferenceNode] = []
    line_of_id: dict[str, int] = {}
    line_of_path: dict[tuple[str, ...], int] = {}
    for number, node in numbered:
        if not node.id or not node.path:
            raise ReferenceFormatError(f"Line {number} lacks an id or a path.", "Download the file again.")
        for known, key, what in ((line_of_id, node.id, "id"), (line_of_path, node.path, "path")):
            if key in known:
                shown = key if isinstance(key, str) else " > ".join(key)
                raise ReferenceFormatError(
                    f"Line {number} repeats the {what} '{shown}' of line {known[key]}.", "Download the file again."
                )
            known[key] = number
        nodes.append(node)
    for path, number in line_of_path.items():
        if len(path) > 1 and path[:-1] not in line_of_path:
            raise ReferenceFormatError(
                f"Line {number} puts '{path[-1]}' below '{' > '.join(path[:-1])}', which the file does not hold.",
                "Download the file again: part of it is missing.",
            )
    if not nodes:
        raise ReferenceFormatError("The file holds no categories.", f"Choose {_KINDS}.")
    return tuple(nodes)
