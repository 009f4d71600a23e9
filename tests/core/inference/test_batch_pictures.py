"""Pictures over HTTP from a real server on this machine."""

import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.domain.errors import ParameterError
from core.inference import batch_fetch
from core.inference.batch_fetch import ALLOW_PRIVATE, WebFetcher, is_public
from core.inference.batch_pictures import PictureChoice, open_pictures

PICTURE = b"\x89PNG of a boot"


class Shop(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self):
        if self.path == "/large.png":
            self._answer(200, b"x" * (batch_fetch.MAX_BYTES + 1))
        elif self.path.startswith("/around"):
            self._answer(302, b"", Location=f"{self.path}x")
        elif self.path == "/moved.png":
            self._answer(301, b"", Location="/boot.png")
        elif self.path == "/slow.png":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.server.let_go.wait(30)
        elif self.path in ("/boot.png", "/red%20boot.png"):
            self._answer(200, PICTURE)
        else:
            self._answer(404, b"no")

    def _answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the other side may have had enough
            self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.daemon_threads = True
    server.let_go = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.let_go.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def private_allowed(monkeypatch):
    monkeypatch.setenv(ALLOW_PRIVATE, "1")


def test_addresses_that_rows_name_are_fetched_in_their_order(shop, private_allowed):
    refs = [f"{shop}/boot.png", f"{shop}/gone.png", f"{shop}/moved.png", "boot.png"]
    with open_pictures(PictureChoice(fetch_urls=True)) as pictures:
        found, gone, moved, plain = pictures(refs)
    assert (found, moved) == (PICTURE, PICTURE)
    assert gone == f"'{shop}/gone.png' answered 404"
    assert "no web address" in plain


def test_private_hosts_are_refused_unless_allowed(shop):
    assert "not on the public internet" in WebFetcher().fetch(f"{shop}/boot.png")


@pytest.mark.parametrize("host", ["localhost", "[::1]", "2130706433", "0x7f.1", "0.0.0.0"])
def test_no_spelling_of_this_machine_is_public(shop, host):
    port = shop.rpartition(":")[2]
    assert isinstance(WebFetcher().fetch(f"http://{host}:{port}/boot.png"), str)


@pytest.mark.parametrize(
    ("address", "expected"),
    [("93.184.216.34", True), ("2606:4700::1111", True), ("10.0.0.1", False), ("169.254.169.254", False),
     ("::ffff:127.0.0.1", False), ("64:ff9b::a9fe:a9fe", False), ("2002:7f00:1::", False), ("fd00::1", False),
     ("100.64.0.1", False), ("224.0.0.1", False)],
)  # fmt: skip
def test_public_means_the_public_internet_alone(address, expected):
    assert is_public(address) is expected


def test_a_redirect_from_a_trusted_host_to_a_private_one_is_refused(shop):
    port = shop.rpartition(":")[2]
    fetcher = WebFetcher(trusted_host="127.0.0.1")
    assert fetcher.fetch(f"{shop}/boot.png") == PICTURE
    assert "not on the public internet" in fetcher.fetch(f"http://localhost:{port}/boot.png")


@pytest.mark.parametrize(("name", "reason"), [("large.png", "larger than 20 MiB"), ("around", "redirect")])
def test_large_pictures_and_endless_redirects_end(shop, private_allowed, name, reason):
    assert reason in WebFetcher().fetch(f"{shop}/{name}")


def test_a_server_that_stalls_is_left_alone(shop, private_allowed, monkeypatch):
    monkeypatch.setattr(batch_fetch, "READ_SECONDS", 0.2)
    assert "could not be fetched" in WebFetcher().fetch(f"{shop}/slow.png")


def test_only_web_addresses_are_fetched():
    assert "no web address" in WebFetcher().fetch("file:///etc/passwd")


def test_an_address_of_pictures_is_put_before_what_rows_say(shop):
    with open_pictures(PictureChoice(images=shop)) as pictures:
        named, spaced, outside, elsewhere = pictures(["boot.png", "red boot.png", "../boot.png", "http://other/a.png"])
    assert (named, spaced) == (PICTURE, PICTURE)
    assert "would leave" in outside
    assert "was not told to fetch" in elsewhere


def test_a_file_at_hand_is_not_fetched(shop, tmp_path, private_allowed):
    (tmp_path / "boot.png").write_bytes(b"mine")
    with open_pictures(PictureChoice(str(tmp_path), fetch_urls=True)) as pictures:
        assert pictures([f"{shop}/boot.png", f"{shop}/moved.png", "gone.png"]) == [
            b"mine", PICTURE, "no picture 'gone.png' among those given",
        ]  # fmt: skip


def test_without_pictures_nobody_is_asked():
    with open_pictures(PictureChoice()) as pictures:
        assert pictures is None


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(ParameterError, match="ftp"), open_pictures(PictureChoice("ftp://host/pictures")):
        pass
