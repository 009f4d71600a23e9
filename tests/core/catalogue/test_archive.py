import os
import stat
import struct
import threading
import time
import zipfile
from pathlib import Path

import pytest

from core.catalogue.archive import FolderImages, NameIndex, check_members, open_images
from core.domain.errors import CatalogueFormatError, ImageError, ImageTooLargeError, UnsafeArchiveError

SHARED = Path(__file__).parents[4] / "shared" / "data"
FILES = {"1163.jpg": b"one", "nike/Shoe A.PNG": b"two", "nike/7.jpg": b"nike seven", "puma/7.jpg": b"puma seven"}


def make_zip(folder: Path, files: dict[str, bytes], name: str = "images.zip", method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(folder / name, "w", method) as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    return folder / name


def make_folder(folder: Path, files: dict[str, bytes]) -> Path:
    root = folder / "pictures"
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


@pytest.fixture(params=[make_zip, make_folder])
def images(request, tmp_path):
    with open_images(request.param(tmp_path, FILES)) as source:
        yield source


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("1163.jpg", b"one"),
        ("1163.JPG", b"one"),
        ("1163", b"one"),
        ("1163.png", b"one"),
        ("./1163.jpg", b"one"),
        ("images/1163.jpg", b"one"),
        ("C:\\photos\\1163.jpg", b"one"),
        ("https://cdn.shop/x/1163.jpg?width=60", b"one"),
        ("//cdn.shop/x/1163.webp", b"one"),
        ("https://cdn.shop/Shoe%20A.png", b"two"),
        ("shoe a", b"two"),
        ("puma/7.jpg", b"puma seven"),
        ("pack/puma/7.jpg", None),
        ("PUMA/7.jpeg", b"puma seven"),
        ("7.jpg", None),
        ("7", None),
        ("116", None),
        ("", None),
        ("https://[broken", None),
        ("../../../etc/passwd", None),
        ("/etc/passwd", None),
        ("..", None),
    ],
)
def test_a_reference_finds_its_picture_and_nothing_else(images, ref, expected):
    assert images.read(ref) == expected


def test_a_jpg_beats_a_png_of_the_same_stem():
    index = NameIndex(["a.png", "a.webp", "a.jpg", "a.txt"])
    assert index.find("a") == "a.jpg"
    assert index.find("a.png") == "a.png"
    assert index.find("a.txt") == "a.txt"


def test_without_pictures_every_reference_finds_nothing():
    with open_images(None) as source:
        assert source.read("1163.jpg") is None


def test_links_inside_a_folder_work_and_links_out_of_it_do_not(tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "far.jpg").write_bytes(b"far")
    root = make_folder(tmp_path, {"a.jpg": b"a"})
    (root / "b.jpg").symlink_to(root / "a.jpg")
    (root / "c.jpg").symlink_to(tmp_path / "secret.jpg")
    (root / "sub").symlink_to(tmp_path / "outside")
    source = FolderImages(root)
    assert source.read("b.jpg") == b"a"
    for ref in ("c.jpg", "../secret.jpg", "sub/far.jpg", "far.jpg"):
        assert source.read(ref) is None


def test_a_file_that_vanished_after_indexing_is_an_image_fault(tmp_path):
    root = make_folder(tmp_path, {"a.jpg": b"a"})
    source = FolderImages(root)
    (root / "a.jpg").unlink()
    with pytest.raises(ImageError, match=r"a\.jpg"):
        source.read("a.jpg")


def test_an_oversized_file_of_a_folder_is_refused_unread(tmp_path):
    root = make_folder(tmp_path, {"a.jpg": b""})
    os.truncate(root / "a.jpg", 64 * 1024**2 + 1)
    with pytest.raises(ImageTooLargeError, match="64 MiB"):
        FolderImages(root).read("a.jpg")


@pytest.mark.parametrize(
    "name", ["../evil.jpg", "a/../../evil.jpg", "/etc/evil.jpg", "..\\evil.jpg", "C:\\evil.jpg", "\\\\host\\evil.jpg"]
)
def test_an_archive_with_a_member_that_would_leave_is_refused_by_name(tmp_path, name):
    file_path = make_zip(tmp_path, {"good.jpg": b"x", name: b"x"})
    with pytest.raises(UnsafeArchiveError) as caught:
        open_images(file_path)
    assert name in caught.value.message
    assert caught.value.remedy


def test_two_dots_within_a_name_are_harmless(tmp_path):
    with open_images(make_zip(tmp_path, {"a..b.jpg": b"x", "c../d.jpg": b"y"})) as source:
        assert source.read("a..b.jpg") == b"x"


def test_a_link_in_an_archive_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(UnsafeArchiveError, match=r"link\.jpg' is a symbolic link"):
        open_images(tmp_path / "a.zip")


def test_a_member_that_unpacks_to_two_hundred_times_its_size_is_refused(tmp_path):
    file_path = make_zip(tmp_path, {"bomb.jpg": bytes(11 * 1024**2)}, method=zipfile.ZIP_DEFLATED)
    with pytest.raises(UnsafeArchiveError, match=r"bomb\.jpg' unpacks to more than 200 times"):
        open_images(file_path)


def test_a_small_member_may_be_packed_well(tmp_path):
    file_path = make_zip(tmp_path, {"white.bmp": bytes(2 * 1024**2)}, method=zipfile.ZIP_DEFLATED)
    with open_images(file_path) as source:
        assert source.read("white.bmp") == bytes(2 * 1024**2)


def claimed(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.file_size, info.compress_size = size, size
    return info


def test_one_member_above_the_limit_and_a_total_above_the_limit_are_refused():
    check_members([claimed("a.jpg", 64 * 1024**2)])
    with pytest.raises(UnsafeArchiveError, match=r"b\.jpg' unpacks to 65 MiB"):
        check_members([claimed("a.jpg", 1), claimed("b.jpg", 65 * 1024**2)])
    check_members(claimed(f"{i}.jpg", 64 * 1024**2) for i in range(320))
    with pytest.raises(UnsafeArchiveError, match="20 GiB"):
        check_members(claimed(f"{i}.jpg", 64 * 1024**2) for i in range(321))


def test_a_member_that_lies_about_its_size_is_not_unpacked_beyond_it(tmp_path):
    file_path = make_zip(tmp_path, {"liar.jpg": bytes(9 * 1024**2)}, method=zipfile.ZIP_DEFLATED)
    data = file_path.read_bytes()
    file_path.write_bytes(data.replace(struct.pack("<L", 9 * 1024**2), struct.pack("<L", 1000)))
    with open_images(file_path) as source, pytest.raises(ImageError, match=r"liar\.jpg' is damaged"):
        source.read("liar.jpg")


def test_a_damaged_member_is_an_image_fault_and_the_others_are_read(tmp_path):
    file_path = make_zip(tmp_path, {"a.jpg": b"A" * 50, "b.jpg": b"B" * 50})
    file_path.write_bytes(file_path.read_bytes().replace(b"A" * 50, b"A" * 49 + b"x"))
    with open_images(file_path) as source:
        with pytest.raises(ImageError, match="damaged"):
            source.read("a.jpg")
        assert source.read("b.jpg") == b"B" * 50


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_zip_is_refused(tmp_path, data):
    (tmp_path / "images.zip").write_bytes(data)
    with pytest.raises(CatalogueFormatError, match=r"images\.zip' is not a readable zip"):
        open_images(tmp_path / "images.zip")


def test_a_path_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(CatalogueFormatError, match="no pictures at"):
        open_images(tmp_path / "nowhere")


def test_several_threads_read_one_archive_without_mixing_pictures(tmp_path):
    files = {f"{i}.jpg": bytes([i]) * 20_000 for i in range(60)}
    wrong: list[str] = []
    with open_images(make_zip(tmp_path, files, method=zipfile.ZIP_DEFLATED)) as source:

        def read_all() -> None:
            wrong.extend(name for name, data in files.items() if source.read(name) != data)

        threads = [threading.Thread(target=read_all) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is absent")
def test_thirty_five_thousand_members_are_opened_within_two_seconds_of_work():
    started = time.process_time()
    with open_images(SHARED / "fashion" / "images.zip") as source:
        assert time.process_time() - started < 2
        data = source.read("http://x/1163.png")
    assert data is not None
    assert data.startswith(b"\xff\xd8")
