import hashlib

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import app
from core.domain.workspace import Workspace


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("SHELFWISE_HOME", str(tmp_path))
    with TestClient(Starlette(routes=app.ROUTES)) as client:
        yield client


@pytest.fixture
def sha256(tmp_path):
    name = hashlib.sha256(b"a shoe").hexdigest()
    path = Workspace(tmp_path).thumb_path(name)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"RIFF....WEBP")
    return name


def test_a_thumbnail_is_served_to_be_kept_for_ever(client, sha256):
    response = client.get(f"/thumbs/{sha256}")
    assert response.status_code == 200
    assert response.content == b"RIFF....WEBP"
    assert response.headers["content-type"] == "image/webp"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_an_unknown_thumbnail_is_not_found_and_not_kept(client, sha256):
    response = client.get(f"/thumbs/{'0' * 64}")
    assert response.status_code == 404
    assert "cache-control" not in response.headers


@pytest.mark.parametrize("name", ["..%2F..%2Fshelfwise.db", "abc", "G" * 64, "0" * 63, "0" * 65, "%00"])
def test_anything_but_a_content_hash_is_not_found(client, sha256, name):
    assert client.get(f"/thumbs/{name}").status_code == 404
