"""A page with nothing but a grid: 150 products in memory, two groups to send them to, and a field to type in.

The address says what it shows: `n` products, `per` page, `wait` seconds before an act is answered, `also` a second
grid. The button starts everything afresh without loading the page again.
"""

import time
from hashlib import sha256

import streamlit as st

from core.services.grid_items import GridItem
from pages._shared.grid import GridAct, GridAction, GridCommand, GridTarget, image_grid

HOSTILE = '<img src=x onerror="window.harmed = true">'
ACTIONS = (
    GridAction("exclude", "Exclude", key="e"),
    GridAction("similar", "Find similar", key="f", keeps=True),
    GridAction("flag", "Flag as", choices=(("odd", "Odd"), ("blurred", "Blurred")), key="g"),
)
COMMANDS = (
    GridCommand("undo", "Undo", "z"),
    GridCommand("redo", "Redo", "shift+z"),
    GridCommand("name", "Name the cluster", "n", focuses="name"),
    GridCommand("search", "Search by words", "/", focuses="search"),
)
GROUPS = {"boots": "Ankle boots", "sandals": "Beach sandals", "runners": "Running shoes"}
KINDS = ("Chelsea boot in suede", "Beach sandal with cork sole", "Light running shoe", "Leather loafer, hand sewn")


def number(name: str, default: int) -> int:
    return int(st.query_params.get(name, default))


def product(index: int) -> GridItem:
    title = HOSTILE if index == 3 else f"{KINDS[index % 4]} {index}"
    image = sha256(str(index).encode()).hexdigest() if index % 9 else None
    path = "Apparel & Accessories > Shoes"
    note = "far out" if index % 11 == 5 else ""
    return GridItem(
        index,
        f"sku-{index}",
        title,
        "Nord & Søn" if index % 3 else "",
        "shop one",
        19.9 + index,
        "EUR",
        image,
        path,
        note,
    )


st.set_page_config(layout="wide")
st.title("Grid")
if st.button("Afresh", key="afresh"):
    round_number = st.session_state.get("round", 0) + 1
    st.session_state.clear()
    st.session_state.update({"round": round_number, "name": "Loafers", "search": "", "shown": True})
name, search = st.columns(2)
grid_key = f"grid_{st.session_state.get('round', 0)}"
gone: dict[int, str] = st.session_state.setdefault("gone", {})
log: list[str] = st.session_state.setdefault("log", [])
st.session_state.setdefault("name", "Loafers")
name.text_input("Name", key="name")
words = search.text_input("Search", key="search").lower()


def on_act(act: GridAct) -> None:
    if act.action == "page":
        st.session_state["number"] = int(act.choice or 1)
        return
    time.sleep(float(st.query_params.get("wait", 0)))
    ids = [item.product_id for item in items] if act.is_all else act.product_ids
    log.append(f"{act.action} {act.choice} {len(ids)}{' all' if act.is_all else ''} {sorted(ids)[:12]}")
    if act.action in ("move", "exclude"):
        gone.update(dict.fromkeys(ids, act.choice or act.action))
    elif act.action == "undo":
        gone.clear()


items = [item for item in map(product, range(number("n", 150))) if item.product_id not in gone]
items = [item for item in items if words in item.title.lower()]
per, page = number("per", 48), st.session_state.get("number", 1)
targets = [GridTarget(key, label, sum(group == key for group in gone.values())) for key, label in GROUPS.items()]
with st.container(key="main_grid"):
    (image_grid if st.checkbox("Shown", True, key="shown") else dict)(
        items[(page - 1) * per : page * per],
        key=grid_key,
        label="Products",
        total=len(items),
        page=page,
        page_size=per,
        following=items[page * per : (page + 1) * per],
        filter_key=words,
        actions=ACTIONS,
        targets=targets,
        commands=COMMANDS,
        on_act=on_act,
        listens=True,
    )
if number("also", 0):
    with st.container(key="other_grid"):
        image_grid(
            [product(index) for index in range(900, 904)],
            key=f"other_{grid_key}",
            label="Aside",
            actions=ACTIONS[:1],
            on_act=on_act,
        )
st.text("\n".join([f"{grid_key}: {len(log)} acts", *log]))
