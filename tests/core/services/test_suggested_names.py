"""What clusters are called before anybody names them."""

from core.services.review import open_review, recut


def test_no_cluster_is_called_like_the_category_it_is_in(discovered):
    review = open_review(discovered, 1)
    above = {name.casefold() for name in review.category_path.split(" > ")}
    for shown in (review, recut(discovered, 1, review.k_current + 2, "ada")):
        suggested = [name.casefold() for cluster in shown.clusters for name in cluster.suggested_names]
        assert suggested
        assert not above & set(suggested)
