"""What a curator can do to the clusters of a run; each act can be taken back."""

from collections.abc import Mapping

from core.services import review as service
from core.services.context import Context
from pages._shared import state, words
from pages._shared.grid import GridAct
from pages._shared.layout import acting


def author() -> str:
    """Who acts."""
    return state.author()


def approve(ctx: Context, run_id: int, names: Mapping[int, str]) -> None:
    """Make categories of clusters, under the names given."""

    def act() -> str:
        result = service.approve_clusters(ctx, run_id, dict(names), "", author())
        nodes = words.count(len(result.node_ids), "category", "categories")
        return f"{nodes} approved with {words.count(result.n_products, 'product')}: taxonomy version {result.version}."

    acting(act)


def rename(ctx: Context, cluster_id: int, name: str, revision: int) -> None:
    """Give a cluster a name."""

    def act() -> None:
        service.name_cluster(ctx, cluster_id, name.strip(), revision, author())

    acting(act)


def reject(ctx: Context, cluster_id: int) -> None:
    """Turn a cluster down."""
    acting(lambda: service.reject_cluster(ctx, cluster_id, author()) or "Rejected.")


def reopen(ctx: Context, cluster_id: int) -> None:
    """Open a rejected cluster."""
    acting(lambda: service.reopen_cluster(ctx, cluster_id, author()) or "Open again.")


def undo(ctx: Context, run_id: int) -> None:
    """Take back the last act."""

    def act() -> str:
        undone = service.undo(ctx, run_id, author())
        return f"Taken back: {undone}" if undone else "Nothing to take back."

    acting(act, tone="info")


def on_products(ctx: Context, run_id: int, act: GridAct) -> None:
    """Do with the selected products what the grid's button says: move, exclude or send back."""
    ids, products = list(act.product_ids), words.count(len(act.product_ids), "product")

    def move() -> str:
        service.move_products(ctx, run_id, ids, int(act.choice or 0), author())
        return f"{products} moved."

    def exclude() -> str:
        service.exclude_products(ctx, run_id, ids, author())
        return f"{products} excluded."

    def send_back() -> str:
        service.send_back(ctx, run_id, ids, author())
        return f"{products} sent back to the nearest cluster."

    known = {"move": move, "exclude": exclude, "send_back": send_back}
    if act.action in known:
        acting(known[act.action])
