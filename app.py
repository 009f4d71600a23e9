"""The web application: Streamlit's pages, the thumbnails they show, and the start of the worker.

Run with `streamlit run app.py`, or by any ASGI server as `app:app`.
"""

import asyncio
import importlib
import os
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.domain.workspace import Workspace
from core.jobs.supervisor import keep_worker
from core.services.context import open_context

CONTENT_HASH = re.compile(r"[0-9a-f]{64}")
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


def workspace() -> Workspace:
    """The workspace this process serves, from the environment."""
    return Workspace.from_environment(os.environ)


async def thumbnail(request: Request) -> Response:
    """The thumbnail of an image by the SHA-256 of its original; it never changes, so browsers keep it for ever."""
    sha256 = request.path_params["sha"]
    if not CONTENT_HASH.fullmatch(sha256):
        return Response("Not a content hash.", status_code=404)
    file_path = workspace().thumb_path(sha256)
    if not await asyncio.to_thread(file_path.is_file):
        return Response("No such image.", status_code=404)
    return FileResponse(file_path, media_type="image/webp", headers=FOR_EVER)


def warm_up() -> None:
    """Import what the first chart needs, and bring the database up to date, while nobody waits for it."""
    importlib.import_module("plotly.graph_objects")
    importlib.import_module("scipy.cluster.hierarchy")
    open_context(workspace())


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """See that a worker runs while the app does; one that was there before stays when the app ends."""
    threading.Thread(target=warm_up, daemon=True).start()
    with keep_worker(workspace()):
        yield {}


ROUTES = [Route("/thumbs/{sha}", thumbnail, name="thumbnail")]

app = st.App(Path(__file__).parent / "pages" / "_router.py", routes=ROUTES, lifespan=lifespan)
