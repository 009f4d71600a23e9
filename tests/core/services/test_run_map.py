import json
import struct

import numpy as np
import pytest
from sqlalchemy import select, update

from core.domain.errors import RunNotFoundError
from core.services import review
from core.services.dendrogram_view import SET_ASIDE, open_dendrogram
from core.services.map_encoding import encode_map
from core.services.run_map import MapColour, map_points, point_details
from db.models import MemberRow, ProductRow


def counts_by_label(points):
    return {group.label: group.count for group in points.legend}


@pytest.mark.parametrize("colour", list(MapColour))
def test_every_product_of_a_run_has_its_place_and_its_group(discovered, colour):
    points = map_points(discovered, 1, colour)
    run = review.open_review(discovered, 1).run
    assert points.n_total == run.n_products == len(set(points.product_ids.tolist()))
    assert points.positions.shape == (points.n_total, 2)
    counted = np.bincount(points.groups, minlength=len(points.legend))
    assert counted.tolist() == [group.count for group in points.legend]


def test_groups_are_the_clusters_of_the_first_level_by_name(discovered):
    shown = review.open_review(discovered, 1)
    first = shown.clusters[0]
    review.name_cluster(discovered, first.id, "Best boots", first.revision, "Ada")
    points = map_points(discovered, 1, MapColour.CLUSTER)
    assert counts_by_label(points)["Best boots"] == first.size
    inside = points.product_ids[points.groups == 0]
    with discovered.database.read() as session:
        members = session.scalars(select(MemberRow.product_id).where(MemberRow.cluster_id == first.id))
        assert sorted(inside.tolist()) == sorted(members)


def test_what_is_set_aside_is_the_last_group_and_has_no_cluster(discovered):
    before = map_points(discovered, 1, MapColour.CLUSTER)
    victims = before.product_ids[before.clusters >= 0][:3].tolist()
    review.exclude_products(discovered, 1, victims, "Ada")
    points = map_points(discovered, 1, MapColour.CLUSTER)
    assert points.legend[-1].kind == "none"
    is_victim = np.isin(points.product_ids, victims)
    assert (points.clusters[is_victim] == -1).all()
    assert (points.groups[is_victim] == len(points.legend) - 1).all()


def test_a_product_below_a_cluster_points_at_the_deepest_one(subdivided):
    points = map_points(subdivided, 1, MapColour.CLUSTER)
    deep = [label for label in points.labels if label.parent >= 0]
    assert {points.labels[label.parent].id for label in deep} == {points.labels[label.top].id for label in deep}
    assert {points.labels[place].parent >= 0 for place in points.clusters[points.groups == deep[0].top]} == {True}


def test_a_sample_keeps_some_of_every_cluster_and_says_how_many_there_are(discovered):
    everything = map_points(discovered, 1, MapColour.CLUSTER)
    sample = map_points(discovered, 1, MapColour.CLUSTER, limit=20)
    assert len(sample.product_ids) == 20
    assert sample.n_total == everything.n_total
    assert sample.legend == everything.legend
    assert set(sample.groups.tolist()) == set(everything.groups.tolist())
    place = {key: index for index, key in enumerate(everything.product_ids.tolist())}
    same = everything.positions[[place[key] for key in sample.product_ids.tolist()]]
    assert np.array_equal(sample.positions, same)


def test_many_platforms_share_a_colour_beyond_the_largest(discovered):
    with discovered.database.write() as session:
        ids = map_points(discovered, 1, MapColour.CLUSTER).product_ids.tolist()
        for number, product_id in enumerate(ids[:22]):
            session.execute(update(ProductRow).where(ProductRow.id == product_id).values(platform=f"p{number % 11}"))
    points = map_points(discovered, 1, MapColour.PLATFORM)
    assert [group.kind for group in points.legend] == ["own"] * 8 + ["other"]
    assert points.legend[-1].label.endswith("other platforms")


def test_without_a_classifier_no_product_has_a_confidence(discovered):
    points = map_points(discovered, 1, MapColour.CONFIDENCE)
    assert counts_by_label(points)["No prediction"] == points.n_total


def test_the_browser_reads_what_was_written(discovered):
    points = map_points(discovered, 1, MapColour.CLUSTER)
    data = encode_map(points)
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    n, at = header["n"], 4 + length
    assert at % 4 == 0
    assert [item["label"] for item in header["legend"]] == [group.label for group in points.legend]
    assert np.array_equal(np.frombuffer(data, "<f4", n, at), points.positions[:, 0])
    assert np.array_equal(np.frombuffer(data, "<i4", n, at + 8 * n), points.product_ids)
    assert np.array_equal(np.frombuffer(data, "<u2", n, at + 12 * n), points.groups)
    filled = -(-2 * n // 4) * 4
    assert np.array_equal(np.frombuffer(data, "<i2", n, at + 12 * n + filled), points.clusters)
    assert len(data) == at + 12 * n + 2 * filled


def test_a_point_says_its_title_and_only_in_its_own_run(discovered):
    product_id = int(map_points(discovered, 1, MapColour.CLUSTER).product_ids[0])
    assert point_details(discovered, 1, product_id).title
    with pytest.raises(RunNotFoundError):
        point_details(discovered, 2, product_id)


def test_an_unknown_run_has_no_map_and_no_tree(discovered):
    with pytest.raises(RunNotFoundError):
        map_points(discovered, 99, MapColour.CLUSTER)
    with pytest.raises(RunNotFoundError):
        open_dendrogram(discovered, 99, 3)


def test_branches_count_all_products_and_are_called_by_their_clusters(discovered):
    shown = review.open_review(discovered, 1)
    view = open_dendrogram(discovered, 1, shown.k_current)
    assert sum(branch.size for branch in view.branches) + view.n_outside == shown.run.n_products
    points = map_points(discovered, 1, MapColour.CLUSTER)
    for branch in view.branches:
        assert branch.cluster == SET_ASIDE or branch.label == points.legend[branch.cluster].label
    assert view.layout.clusters_at(view.layout.place_of_cut(shown.k_current)) == shown.k_current
