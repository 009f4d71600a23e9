"""Pictures of a batch: from a folder, a zip, object storage or the web. Only what is asked for is fetched."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyarrow.fs as pafs

from core.catalogue.archive import MAX_MEMBER_BYTES, ImageSource, open_images
from core.domain.errors import ImageError, ParameterError
from core.inference.batch_fetch import WebFetcher
from core.inference.batch_places import OBJECT_STORES, WEB, object_store, scheme_of

if TYPE_CHECKING:  # that module loads torch
    from core.inference.pictures import Pictures

_THREADS_FAR, _THREADS_NEAR = 16, 2
_Read = Callable[[str], bytes | str]


@dataclass(frozen=True, slots=True)
class PictureChoice:
    """Where pictures are: a folder, a zip or an address; and whether the web addresses that rows name are fetched."""

    images: str | None = None
    fetch_urls: bool = False


@contextmanager
def open_pictures(choice: PictureChoice) -> Iterator["Pictures | None"]:
    """What gives the pictures that products name, or the reason why there is none; None where all go without.

    An address of pictures (http, https, s3, gs) is put before what a row says. With `fetch_urls`, a row that names
    a web address gets what lies there, unless the folder or archive has a file of that name.

    Raises:
        CatalogueFormatError: If the folder or archive cannot be read.
        ParameterError: If the address is of another kind.
    """
    if choice.images is None and not choice.fetch_urls:
        yield None
        return
    scheme = scheme_of(choice.images or "")
    web = WebFetcher() if choice.fetch_urls else None
    n_threads = _THREADS_FAR if scheme or web else _THREADS_NEAR
    with ThreadPoolExecutor(n_threads, thread_name_prefix="pictures") as pool:
        if choice.images is not None and not scheme:
            with open_images(Path(choice.images)) as source:
                yield _pooled(pool, _near(source, web))
        elif choice.images is None:
            yield _pooled(pool, _by_address(None, web))
        else:
            yield _pooled(pool, _by_address(_far(choice.images, scheme), web))


def _pooled(pool: ThreadPoolExecutor, read: _Read) -> "Pictures":
    def pictures(refs: Sequence[str]) -> list[bytes | str]:
        return list(pool.map(read, refs))

    return pictures


def _near(source: ImageSource, web: WebFetcher | None) -> _Read:
    def read(ref: str) -> bytes | str:
        try:
            data = source.read(ref)
        except ImageError as fault:
            return fault.message
        if data is None and web is not None and scheme_of(ref) in WEB:
            return web.fetch(ref)
        return f"no picture '{ref}' among those given" if data is None else data

    return read


def _by_address(far: _Read | None, web: WebFetcher | None) -> _Read:
    def read(ref: str) -> bytes | str:
        if scheme_of(ref) or ref.startswith("//"):
            if web is not None:
                return web.fetch(ref)
            return f"'{ref}' was not fetched: the batch was not told to fetch addresses"
        return far(ref) if far else f"'{ref}' is no web address, and no other pictures were given"

    return read


def _far(base: str, scheme: str) -> _Read:
    if scheme in WEB:
        # whoever starts the batch chose this host: it may be one inside
        return _joined(base, WebFetcher(trusted_host=urlsplit(base).hostname).fetch, is_quoted=True)
    if scheme in OBJECT_STORES:
        store, root = object_store(base)
        return _joined(root, lambda path: _read_object(store, path), is_quoted=False)
    raise ParameterError(
        f"Pictures cannot be read from '{base}'.", "Give a folder, a .zip, or an address of http, https, s3 or gs."
    )


def _joined(base: str, read: _Read, is_quoted: bool) -> _Read:
    def read_below(ref: str) -> bytes | str:
        path = PurePosixPath(ref.replace("\\", "/").removeprefix("./"))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            return f"'{ref}' would leave the place of the pictures"
        name = quote(str(path)) if is_quoted else str(path)
        return read(f"{base.rstrip('/')}/{name}")

    return read_below


def _read_object(store: pafs.FileSystem, path: str) -> bytes | str:
    try:
        info = store.get_file_info(path)
        if info.type is not pafs.FileType.File:
            return f"no picture at '{path}'"
        if info.size > MAX_MEMBER_BYTES:
            return f"'{path}' is larger than {MAX_MEMBER_BYTES // 1024**2} MiB"
        with store.open_input_stream(path) as stream:
            return stream.read()
    except OSError as fault:
        return f"'{path}' cannot be read: {str(fault).splitlines()[0]}"
