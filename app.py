"""The web application: Streamlit's pages, the thumbnails they show, and the start of the worker.

Run with `streamlit run app.py`, or by any ASGI server as `app:app`.
"""

import asyncio
import gzip
import hashlib
import importlib
import importlib.util
import os
import re
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.domain.errors import AppError
from core.domain.workspace import Workspace
from core.jobs.supervisor import keep_worker
from core.services import run_map
from core.services.catalogue import data_revision
from core.services.context import Context, open_context
from core.services.map_encoding import encode_map

CONTENT_HASH = re.compile(r"[0-9a-f]{64}")
NO_GUESSING = {"X-Content-Type-Options": "nosniff"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"} | NO_GUESSING
GZIP = {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}


def workspace() -> Workspace:
    """The workspace this process serves, from the environment."""
    return Workspace.from_environment(os.environ)


async def thumbnail(request: Request) -> Response:
    """The thumbnail of an image by the SHA-256 of its original; it never changes, so browsers keep it for ever."""
    sha256 = request.path_params["sha"]
    if not CONTENT_HASH.fullmatch(sha256):
        return _refused("Not a content hash.")
    file_path = workspace().thumb_path(sha256)
    if not await asyncio.to_thread(file_path.is_file):
        return _refused("No such image.")
    return FileResponse(file_path, media_type="image/webp", headers=FOR_EVER)


async def plot_library(_request: Request) -> Response:
    """The plotting library of the map; its address holds its version, so browsers keep it for ever."""
    packed = await asyncio.to_thread(_plot_library)
    return Response(packed, media_type="text/javascript", headers=FOR_EVER | GZIP)


async def map_points(request: Request) -> Response:
    """The points of a run's map, for the pages of this process alone; unchanged ones are not sent again."""
    if not _shows_token(request):
        return _refused("Reload the page.", 403)
    try:
        colour = run_map.MapColour(request.query_params.get("colour", "cluster"))
        limit = min(max(int(request.query_params.get("limit", run_map.MAX_POINTS)), 1), run_map.MAX_POINTS)
        return await asyncio.to_thread(_map_points, request, request.path_params["run_id"], colour, limit)
    except ValueError:
        return _refused("No such colour or limit.")
    except AppError as fault:
        return _refused(str(fault))


async def map_point(request: Request) -> Response:
    """Title and thumbnail of one product on a run's map."""
    if not _shows_token(request):
        return _refused("Reload the page.", 403)
    ids = request.path_params["run_id"], request.path_params["product_id"]
    try:
        found = await asyncio.to_thread(run_map.point_details, _context(workspace()), *ids)
    except AppError as fault:
        return _refused(str(fault))
    return JSONResponse({"title": found.title, "thumb": found.image_hash and f"/thumbs/{found.image_hash}"})


def _refused(why: str, status_code: int = 404) -> Response:
    return PlainTextResponse(why, status_code, NO_GUESSING)


def _shows_token(request: Request) -> bool:
    shown = request.query_params.get("token", "").encode()
    return secrets.compare_digest(shown, run_map.READ_TOKEN.encode())


def _map_points(request: Request, run_id: int, colour: run_map.MapColour, limit: int) -> Response:
    context = _context(workspace())
    known = f"{workspace()}|{data_revision(context)}|{run_id}|{colour}|{limit}"
    # The token makes the browser ask anew after a restart, should a database have been exchanged meanwhile.
    tag = f'"{hashlib.sha256(f"{run_map.READ_TOKEN}|{known}".encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"} | GZIP | NO_GUESSING
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    packed = _packed_points(known, context, run_id, colour, limit)
    return Response(packed, media_type="application/octet-stream", headers=headers)


@lru_cache(maxsize=8)
def _packed_points(_known: str, context: Context, run_id: int, colour: run_map.MapColour, limit: int) -> bytes:
    return gzip.compress(encode_map(run_map.map_points(context, run_id, colour, limit)), compresslevel=1)


@cache
def _plot_library() -> bytes:
    spec = importlib.util.find_spec("plotly")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    return gzip.compress((folder / "package_data" / "plotly.min.js").read_bytes(), compresslevel=6)


@cache
def _context(space: Workspace) -> Context:
    return open_context(space)


def warm_up() -> None:
    """Import what the first chart needs, and bring the database up to date, while nobody waits for it."""
    importlib.import_module("plotly.graph_objects")
    importlib.import_module("scipy.cluster.hierarchy")
    _context(workspace())
    _plot_library()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """See that a worker runs while the app does; one that was there before stays when the app ends."""
    threading.Thread(target=warm_up, daemon=True).start()
    with keep_worker(workspace()):
        yield {}


ROUTES = [
    Route("/thumbs/{sha}", thumbnail, name="thumbnail"),
    Route("/library/plotly-{version}.js", plot_library, name="plot_library"),
    Route("/runs/{run_id:int}/map", map_points, name="map_points"),
    Route("/runs/{run_id:int}/point/{product_id:int}", map_point, name="map_point"),
]

app = st.App(Path(__file__).parent / "pages" / "_router.py", routes=ROUTES, lifespan=lifespan)
