"""Finds the pictures a catalogue refers to, in a folder or a zip archive, without ever leaving it."""

import os
import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import unquote, urlsplit

from core.domain.errors import CatalogueFormatError, ImageError, ImageTooLargeError, UnsafeArchiveError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_MEMBER_BYTES = 64 * 1024**2
MAX_TOTAL_BYTES = 20 * 1024**3
MAX_RATIO = 200
RATIO_MATTERS_BYTES = 10 * 1024**2

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)
_PACK_AGAIN = "Pack the pictures again as a plain zip archive of a folder."


class ImageSource(Protocol):
    """Where pictures come from. Safe to read from several threads."""

    def read(self, ref: str) -> bytes | None:
        """Bytes of the picture a row refers to.

        Args:
            ref: What the row said: a file name with or without suffix, a relative path, or a URL.

        Returns:
            The bytes, or None where there is no such picture, or several that could be meant.

        Raises:
            ImageTooLargeError: If the picture has more than `MAX_MEMBER_BYTES` bytes.
            ImageError: If it is there but cannot be read.
        """


class NoImages:
    """No pictures at all: for catalogues of text."""

    def read(self, ref: str) -> None:
        """Nothing, whatever is asked for."""
        return None

    def close(self) -> None:
        """Do nothing."""


class FolderImages:
    """Pictures in a folder and the folders below it. Symbolic links are followed only inside it.

    Args:
        folder: An existing folder.
    """

    def __init__(self, folder: Path) -> None:
        self._root = folder.resolve()
        self._index = NameIndex(_relative_files(self._root))

    def read(self, ref: str) -> bytes | None:
        """Bytes of the picture a row refers to; see `ImageSource.read`."""
        name = self._index.find(ref)
        if name is None:
            return None
        try:
            file_path = (self._root / name).resolve(strict=True)
            if not file_path.is_relative_to(self._root):
                return None
            if file_path.stat().st_size > MAX_MEMBER_BYTES:
                raise _too_large(name)
            return file_path.read_bytes()
        except OSError as fault:
            raise ImageError(f"'{name}' cannot be read: {fault.strerror}.", "Check the file and its rights.") from fault

    def close(self) -> None:
        """Do nothing: no file stays open."""


class ZipImages:
    """Pictures in a zip archive, read in place.

    Args:
        file_path: The archive.

    Raises:
        CatalogueFormatError: If it is not a zip archive.
        UnsafeArchiveError: If a member would leave the folder it is unpacked to, is a link, or is unreasonably large.
    """

    def __init__(self, file_path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(file_path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
            message = f"'{file_path.name}' is not a readable zip archive: {fault}."
            raise CatalogueFormatError(message, "Choose a .zip of pictures, or a folder.") from fault
        try:
            members = self._zip.infolist()
            check_members(members)
            self._index = NameIndex(info.filename for info in members if not info.is_dir())
        except BaseException:
            self._zip.close()
            raise

    def read(self, ref: str) -> bytes | None:
        """Bytes of the picture a row refers to; see `ImageSource.read`."""
        name = self._index.find(ref)
        if name is None:
            return None
        info = self._zip.getinfo(name)
        try:
            with self._zip.open(info) as member:
                # An explicit size bounds what is unpacked, even where the archive lies about it.
                return member.read(info.file_size + 1)
        except _DAMAGED as fault:
            raise ImageError(f"'{name}' is damaged in the archive: {fault}.", _PACK_AGAIN) from fault

    def close(self) -> None:
        """Close the archive."""
        self._zip.close()


AnyImages = FolderImages | ZipImages | NoImages


def open_images(path: Path | None) -> closing[AnyImages]:
    """Open a folder or a zip archive of pictures, to be used in a `with` statement.

    Args:
        path: A folder, a zip archive, or None for a catalogue without pictures.

    Returns:
        A context manager around the source, which is checked and indexed already.

    Raises:
        CatalogueFormatError: If there is nothing at the path, or it is not a zip archive.
        UnsafeArchiveError: If the archive could harm.
    """
    if path is None:
        return closing(NoImages())
    if path.is_dir():
        return closing(FolderImages(path))
    if not path.exists():
        raise CatalogueFormatError(f"There are no pictures at '{path}'.", "Choose a folder or a .zip that exists.")
    return closing(ZipImages(path))


def check_members(members: Iterable[zipfile.ZipInfo]) -> None:
    """Refuse an archive before anything in it is read.

    Raises:
        UnsafeArchiveError: If a member has an absolute path or `..`, is a symbolic link, unpacks to more than
            `MAX_MEMBER_BYTES`, or by more than `MAX_RATIO` times; or if all unpack to more than `MAX_TOTAL_BYTES`.
    """
    n_bytes = 0
    for info in members:
        n_bytes += info.file_size
        fault = _member_fault(info)
        if fault:
            raise UnsafeArchiveError(f"The archive's member '{info.orig_filename}' {fault}.", _PACK_AGAIN)
    if n_bytes > MAX_TOTAL_BYTES:
        message = f"The archive unpacks to {n_bytes / 1024**3:.0f} GiB; the limit is {MAX_TOTAL_BYTES // 1024**3} GiB."
        raise UnsafeArchiveError(message, "Split it, or unpack it and choose the folder.")


def _member_fault(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":":
        return "has an absolute path"
    if ".." in name.split("/") or "\0" in name:
        return "would leave its folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    if info.file_size > MAX_MEMBER_BYTES:
        return f"unpacks to {info.file_size / 1024**2:.0f} MiB; the limit is {MAX_MEMBER_BYTES // 1024**2} MiB"
    if info.file_size > RATIO_MATTERS_BYTES and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return f"unpacks to more than {MAX_RATIO} times its packed size"
    return ""


class NameIndex:
    """Finds file names the way catalogues refer to them.

    In this order, and without regard to case after the first: the exact relative name; the last part of the
    reference (of a URL: of its path); the same without an image suffix, preferring .jpg, .jpeg, .png, .webp. Where
    several files have that last part, the one whose path ends like the reference is meant, or else none.

    Args:
        names: Relative names with `/`.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._exact: dict[str, str] = {}
        self._by_basename: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in dict.fromkeys(names):
            self._exact[name.replace("\\", "/")] = name
            basename = _basename(name)
            self._by_basename[basename].append(name)
            stem, suffix = _split_suffix(basename)
            if suffix:
                self._by_stem[stem].append(name)

    def find(self, ref: str) -> str | None:
        """The name a reference means, or None."""
        wanted = _plain_ref(ref)
        if not wanted:
            return None
        if wanted in self._exact:
            return self._exact[wanted]
        basename = _basename(wanted)
        name = _choose(self._by_basename.get(basename, ()), wanted)
        if name is not None or basename in self._by_basename:
            return name
        same_stem = self._by_stem.get(_split_suffix(basename)[0], ())
        for suffix in IMAGE_SUFFIXES:
            candidates = [name for name in same_stem if name.lower().endswith(suffix)]
            if candidates:
                return _choose(candidates, _split_suffix(wanted.lower())[0] + suffix)
        return None


def _plain_ref(ref: str) -> str:
    ref = ref.strip()
    if "://" in ref or ref.startswith("//"):
        try:
            return unquote(PurePosixPath(urlsplit(ref).path).name)
        except ValueError:
            return ""
    return ref.replace("\\", "/").removeprefix("./")


def _choose(candidates: Iterable[str], wanted: str) -> str | None:
    found = list(candidates)
    if len(found) > 1:
        ending = "/" + wanted.lower().lstrip("/")
        found = [name for name in found if ("/" + name.replace("\\", "/")).lower().endswith(ending)]
    return found[0] if len(found) == 1 else None


def _basename(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lower()


def _split_suffix(name: str) -> tuple[str, str]:
    suffix = next((suffix for suffix in IMAGE_SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix), suffix


def _relative_files(root: Path) -> Iterable[str]:
    for folder, folders, files in os.walk(root):
        folders.sort()
        prefix = Path(folder).relative_to(root).as_posix()
        for name in sorted(files):
            yield name if prefix == "." else f"{prefix}/{name}"


def _too_large(name: str) -> ImageTooLargeError:
    limit = MAX_MEMBER_BYTES // 1024**2
    return ImageTooLargeError(f"'{name}' is larger than {limit} MiB.", "Scale the picture down.")
