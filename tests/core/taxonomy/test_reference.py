"""Reference taxonomies of others."""

from pathlib import Path

import pytest

from core.domain.errors import ReferenceFormatError
from core.taxonomy.reference import ReferenceTaxonomy, read_reference

FILES = Path(__file__).resolve().parents[4] / "shared/data/taxonomies"
GOOGLE = "# Google_Product_Taxonomy_Version: 2021-09-21\n1 - Animals\n3 - Animals > Live Animals\n"
SHOPIFY = "id,path,depth,vertical\naa,Apparel,1,Apparel\naa-8,Apparel > Shoes,2,Apparel\n"


def read(folder: Path, text: str | bytes, name: str = "taxonomy-with-ids.de-DE.txt") -> ReferenceTaxonomy:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_reference(folder / name)


def test_googles_file_gives_version_language_and_paths(tmp_path):
    google = read(tmp_path, GOOGLE)
    assert (google.label, google.name) == ("Google 2021-09-21 de-DE", "google-de-de")
    assert [(node.id, node.path) for node in google.nodes] == [
        ("1", ("Animals",)),
        ("3", ("Animals", "Live Animals")),
    ]


def test_shopifys_csv_gives_the_version_of_its_file_name(tmp_path):
    shopify = read(tmp_path, "\ufeff" + SHOPIFY.replace("\n", "\r\n"), "shopify_taxonomy_2024-07.csv")
    assert shopify.label == "Shopify 2024-07"
    assert shopify.nodes[1].path == ("Apparel", "Shoes")


def test_any_csv_with_ids_and_paths_will_do(tmp_path):
    own = read(tmp_path, 'Path,ID\n"Home, Garden",1\n"Home, Garden > Beds",2\n', ["..", "x our tree.csv"][1])
    assert own.name == "x-our-tree"
    assert own.nodes[1].path == ("Home, Garden", "Beds")


def test_what_is_written_is_read_again(tmp_path):
    google = read(tmp_path, GOOGLE)
    assert ReferenceTaxonomy.loads(google.dumps()) == google


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("1 - Animals\n", "first line"),
        ("name,price\na,1\n", "first line"),
        (GOOGLE + "Animals > Birds\n", "Line 4"),
        (GOOGLE + "3 - Animals > Birds\n", "repeats the id '3' of line 3"),
        (GOOGLE + "4 - Animals > Live Animals\n", "repeats the path"),
        (GOOGLE + "4 - Plants > Trees\n", "'Plants', which the file does not hold"),
        (SHOPIFY + "aa-9,\n", "Line 4 lacks"),
        ("id,path\n", "no categories"),
        (b"id,path\n1,Sch\xfche\n", "UTF-8"),
    ],
)
def test_a_faulty_file_is_refused_with_what_is_wrong_and_what_to_do(tmp_path, text, says):
    with pytest.raises(ReferenceFormatError) as refused:
        read(tmp_path, text)
    assert says in refused.value.message
    assert refused.value.remedy


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ReferenceFormatError):
        read_reference(tmp_path / "none.txt")


@pytest.mark.skipif(not FILES.exists(), reason="the reference taxonomies are not at hand")
@pytest.mark.parametrize("file_path", sorted(FILES.glob("*_taxonomy*")), ids=lambda path: path.name)
def test_the_published_files_are_read_whole(file_path):
    taxonomy = read_reference(file_path)
    n_lines = sum(1 for line in file_path.read_text("utf-8").splitlines() if line.strip())
    assert len(taxonomy.nodes) == n_lines - 1
    assert max(len(node.path) for node in taxonomy.nodes) >= 7
