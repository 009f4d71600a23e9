"""Reference taxonomies on the taxonomy page."""

from core.services.reference import list_references


def test_a_reference_taxonomy_is_brought_in_and_removed(home, ctx, open_page):
    at = open_page("taxonomy.py")
    at.session_state["taxonomy_tab"] = "Import & export"
    at.run()
    upload = at.file_uploader(key="reference_file")
    upload.upload("shopify_2024-07.csv", b"id,path\na,Shoes\nb,Shoes > Boots\n").run()
    assert [found.label for found in list_references(ctx)] == ["Shopify 2024-07"]
    at.button(key="reference_remove_shopify").click().run()
    assert list_references(ctx) == []


def test_a_faulty_file_is_refused_with_a_remedy(home, ctx, open_page):
    at = open_page("taxonomy.py")
    at.session_state["taxonomy_tab"] = "Import & export"
    at.run()
    upload = at.file_uploader(key="reference_file")
    upload.upload("shopify.csv", b"id,path\nb,Shoes > Boots\n").run()
    assert at.error
    assert list_references(ctx) == []
