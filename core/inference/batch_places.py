"""Where batches read and write: kinds of files and tables by their names, and those that lie far away."""

import hashlib
import os
import shutil
import urllib.request
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

import pyarrow.fs as pafs

from core.domain.errors import AppError, CatalogueFormatError, ParameterError

WEB = ("http", "https")
OBJECT_STORES = ("s3", "gs", "gcs")
_SECONDS = 60
_COPY_BYTES = 1024**2


class Kind(Enum):
    """What a place holds; the value is what people read."""

    TEXT = "file of delimited text"
    PARQUET = "Parquet file"
    LANCE = "Lance dataset"
    DELTA = "Delta table"


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """A far file that was copied here, and what identifies its content."""

    file_path: Path
    identity: str


def scheme_of(place: str) -> str:
    """`s3`, `https`... of an address; '' for a path."""
    return urlsplit(place).scheme.lower() if "://" in place else ""


def is_remote(place: str) -> bool:
    """Whether a place lies in object storage or on the web."""
    return bool(scheme_of(place))


def kind_of(place: str) -> Kind:
    """What a place holds, by its name; of a folder without a telling name, by what is in it."""
    path = urlsplit(place).path if is_remote(place) else place
    name = path.rstrip("/").lower()
    if name.endswith(".lance"):
        return Kind.LANCE
    if name.endswith(".delta") or (not is_remote(place) and (Path(place) / "_delta_log").is_dir()):
        return Kind.DELTA
    if name.endswith((".parquet", ".pq")) or (not is_remote(place) and Path(place).is_dir()):
        return Kind.PARQUET
    return Kind.TEXT


def object_store(place: str) -> tuple[pafs.FileSystem, str]:
    """The file system of an s3 or gs address, and the path in it.

    Access is what the environment says: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`,
    `GOOGLE_APPLICATION_CREDENTIALS`.

    Raises:
        ParameterError: If the address is of another kind.
        AppError: If the store cannot be reached.
    """
    scheme = scheme_of(place)
    parts = urlsplit(place)
    path = f"{parts.netloc}{parts.path}"
    try:
        if scheme == "s3":
            return _s3(), path
        if scheme in ("gs", "gcs"):
            return pafs.GcsFileSystem(), path
    except (OSError, ValueError) as fault:
        raise AppError(f"{place} cannot be reached: {fault}.", "Check address and credentials.") from fault
    raise ParameterError(f"Expected an address in object storage, got '{place}'.", "Begin it with s3:// or gs://.")


def storage_options(place: str) -> dict[str, str] | None:
    """What Lance and Delta need to reach an address besides what they take from the environment."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if scheme_of(place) == "s3" and endpoint:
        plain = str(endpoint.startswith("http://")).lower()
        return {"aws_endpoint": endpoint, "aws_allow_http": plain, "aws_s3_allow_unsafe_rename": "true",
                "aws_region": os.environ.get("AWS_REGION", "us-east-1")}  # fmt: skip
    return None


def local_copy(place: str, folder: Path) -> LocalCopy:
    """Copy a far file into a folder, unless the same version of it lies there already.

    Raises:
        CatalogueFormatError: If it cannot be read.
    """
    name = Path(urlsplit(place).path).name or "input"
    try:
        identity = _web_identity(place) if scheme_of(place) in WEB else _object_identity(place)
        key = hashlib.sha256(identity.encode()).hexdigest()[:16]
        target = folder / f"copy-{key}-{name}"
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.tmp")
            _download(place, partial)
            partial.replace(target)
    except (OSError, URLError) as fault:
        raise CatalogueFormatError(f"'{place}' cannot be read: {fault}.", "Check the address.") from fault
    return LocalCopy(target, identity)


def upload(file_path: Path, place: str) -> None:
    """Copy a file into object storage, where it appears when all of it has arrived.

    Raises:
        AppError: If it cannot be written.
    """
    store, path = object_store(place)
    try:
        with file_path.open("rb") as source, store.open_output_stream(path) as target:
            shutil.copyfileobj(source, target, _COPY_BYTES)
        written = store.get_file_info(path).size
    except OSError as fault:
        raise AppError(f"{place} cannot be written: {fault}.", "Check address and credentials.") from fault
    if written != file_path.stat().st_size:
        raise AppError(f"{place} has {written} bytes of {file_path.stat().st_size}.", "Run the same command again.")


def _s3() -> pafs.S3FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        return pafs.S3FileSystem()
    parts = urlsplit(endpoint)
    return pafs.S3FileSystem(endpoint_override=parts.netloc, scheme=parts.scheme,
                             region=os.environ.get("AWS_REGION", "us-east-1"))  # fmt: skip


def _download(place: str, target: Path) -> None:
    if scheme_of(place) in WEB:
        with urllib.request.urlopen(place, timeout=_SECONDS) as source, target.open("wb") as stream:
            shutil.copyfileobj(source, stream, _COPY_BYTES)
        return
    store, path = object_store(place)
    with store.open_input_stream(path) as source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream, _COPY_BYTES)


def _web_identity(place: str) -> str:
    request = urllib.request.Request(place, method="HEAD")
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        told = [answer.headers.get(name, "") for name in ("ETag", "Last-Modified", "Content-Length")]
    return f"{place}:{':'.join(told)}"


def _object_identity(place: str) -> str:
    store, path = object_store(place)
    info = store.get_file_info(path)
    if info.type is not pafs.FileType.File:
        raise FileNotFoundError("there is no such file")
    return f"{place}:{info.size}:{info.mtime_ns}"
