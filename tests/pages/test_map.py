import gzip
import hashlib
import json
import struct
from importlib.metadata import version

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import app
from core.services import review
from core.services.dendrogram_view import open_dendrogram
from core.services.run_map import MapColour
from pages._shared.dendrogram import tree_data, wanted_clusters
from pages._shared.map import MapAct, library_url, point_url, points_url, read_act
from pages._shared.palette import N_GROUP_COLOURS, extended, mixed

LIGHT = ["#0b6e63", "#d08a3c", "#5b7fb5", "#a8567d", "#7d8f3f", "#8b6fb0", "#4c9aa8", "#b06a4f"]
DARK = ["#45b8a8", "#e3a75c", "#8fb0e0", "#d38bb0", "#b0c26a", "#b79ddb", "#7cc6d2", "#dd9a80"]


@pytest.fixture
def client(home):
    with TestClient(Starlette(routes=app.ROUTES)) as client:
        yield client


def header_of(response):
    (length,) = struct.unpack_from("<I", response.content)
    return json.loads(response.content[4 : 4 + length])


def test_a_map_comes_to_the_page_that_was_given_its_address(client, ctx):
    response = client.get(points_url(1, MapColour.CLUSTER, "1"))
    assert response.status_code == 200
    assert header_of(response)["n_total"] == review.open_review(ctx, 1).run.n_products


@pytest.mark.parametrize(
    "address", [points_url(1, MapColour.CLUSTER, "1"), point_url(1).replace("{id}", "1")], ids=["points", "point"]
)
def test_without_the_token_of_this_process_nothing_is_told(client, address):
    for wrong in (address.split("token=")[0], address[:-1], address.split("token=")[0] + "token=%C3%A9"):
        assert client.get(wrong).status_code == 403


def test_an_unchanged_map_is_not_sent_again_and_a_changed_one_is(client, ctx):
    address = points_url(1, MapColour.CLUSTER, "1")
    tag = client.get(address).headers["etag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    first = review.open_review(ctx, 1).clusters[0]
    review.name_cluster(ctx, first.id, "Renamed", first.revision, "Ada")
    again = client.get(address, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert "Renamed" in [group["label"] for group in header_of(again)["legend"]]


@pytest.mark.parametrize("change", ["colour=nonsense", "colour=cluster&limit=x"])
def test_what_a_map_cannot_be_is_not_found(client, change):
    token = points_url(1, MapColour.CLUSTER, "1").split("token=")[1]
    assert client.get(f"/runs/1/map?{change}&token={token}").status_code == 404
    assert client.get(f"/runs/99/map?token={token}").status_code == 404
    assert client.get(f"/runs/x/map?token={token}").status_code == 404


def test_a_point_tells_its_title_and_where_its_thumbnail_is(client, ctx):
    items, _ = review.cluster_products(ctx, 1, review.open_review(ctx, 1).clusters[0].id, limit=1)
    told = client.get(point_url(1).replace("{id}", str(items[0].product_id))).json()
    assert told["title"] == items[0].title
    assert told["thumb"] == (items[0].image_hash and f"/thumbs/{items[0].image_hash}")


def test_the_plotting_library_is_that_of_the_package_and_kept_for_ever(client):
    assert version("plotly") in library_url()
    response = client.get(library_url())
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert hashlib.sha256(response.content).digest() == hashlib.sha256(gzip.decompress(app._plot_library())).digest()
    assert b"plotly.js v" in response.content[:200]


def test_an_act_travels_by_product_ids():
    assert read_act({"action": "lasso", "ids": [3, 1]}) == MapAct("lasso", (3, 1))
    assert read_act({"action": "clear", "ids": []}) == MapAct("clear", ())
    assert read_act({"action": "drop tables", "ids": [1]}) is None
    assert read_act(None) is None


def test_a_wish_outside_the_range_is_brought_into_it():
    assert [wanted_clusters({"k": k}, (2, 9)) for k in (0, 5, 99)] == [2, 5, 9]
    assert wanted_clusters(None, (2, 9)) is None
    assert wanted_clusters({"k": "many"}, (2, 9)) is None


def test_a_tree_travels_as_plain_numbers(ctx):
    view = open_dendrogram(ctx, 1, 3)
    data = json.loads(json.dumps(tree_data(view)))
    assert len(data["branches"]) == len(data["children"]) + 1
    assert len(data["sizes"]) == len(data["middles"]) == 2 * len(data["branches"]) - 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_continued_palette_begins_with_the_theme_and_repeats_no_colour(theme):
    colours = extended(theme, N_GROUP_COLOURS)
    assert colours[:8] == theme
    assert len(set(colours)) == N_GROUP_COLOURS
    assert extended(theme, 3) == theme[:3]


def test_a_mixture_lies_between_its_colours():
    assert mixed("#000000", "#ffffff", 0.0) == "#000000"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#000000", "#ffffff", 1.0) == "#ffffff"
