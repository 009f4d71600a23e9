"""Trees of nodes with names that break careless formats."""

from hypothesis import strategies as st

from core.domain.taxonomy import NodeStatus, TaxonomyNode
from core.taxonomy.rules import check_synonyms

LETTERS = st.characters(exclude_categories=["C", "Zl", "Zp"])
NASTY = ['=1+1', "+1", "-1", "@SUM(A1)", "'=1", "''", '"', 'a "b", c', "a|b", "|", "a\\", "\\|", "\\", "a;b", "a,b",
         "été", "鞋", "👟", "<b>", "a\tb", "_:x", "%20", "#", "'''", '"""', "＝1"]  # fmt: skip
words = st.one_of(st.sampled_from(NASTY), st.text(LETTERS, min_size=1, max_size=12))
names = words.map(lambda text: text.replace(">", "").replace("\t", "").strip()).filter(str.isprintable).filter(bool)
ids = st.one_of(st.text(st.sampled_from("0123456789abcdef"), min_size=1, max_size=4), words)
descriptions = st.one_of(st.just(""), words, st.just('Two lines,\nand "quotes" \\ here.\n\n=1+1'))


@st.composite
def trees(draw: st.DrawFn, *, largest: int = 12) -> list[TaxonomyNode]:
    """A root and nodes below it, in any state that the formats keep; parents first."""
    keys = draw(st.lists(ids, min_size=1, max_size=largest, unique=True))
    nodes = [TaxonomyNode(keys[0], None, draw(names), description=draw(descriptions))]
    for number, key in enumerate(keys[1:], start=1):
        status, name = draw(st.sampled_from(NodeStatus)), draw(names)
        is_gone = status is NodeStatus.DEPRECATED
        nodes.append(
            TaxonomyNode(
                key,
                draw(st.sampled_from(keys[:number])),
                name,
                status,
                draw(st.sampled_from(keys)) if is_gone else None,
                draw(st.integers(1, 9)),
                draw(descriptions),
                draw(st.integers(0, 3)),
                check_synonyms(draw(st.lists(names, max_size=3)), name),
                draw(st.one_of(st.just(""), words)),
                tuple(draw(st.lists(st.sampled_from(keys), max_size=3, unique=True))) if is_gone else (),
            )
        )
    return nodes
