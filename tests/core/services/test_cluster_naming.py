"""Names of a run's clusters from a language model: only when configured, and never a reason for a run to fail."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.domain.discovery import DiscoveryParameters, NameSource
from core.domain.progress import NullProgress
from core.services.discovery import run_discovery
from core.services.review import open_review
from core.services.taxonomy import find_category
from tests.conftest import SHOES

pytest.importorskip("openai", reason="the optional package openai is not installed")


class Handler(BaseHTTPRequestHandler):
    """Names group N "Novelty N", or says nothing that can be read."""

    asked: list[dict]
    is_broken: bool

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        told = json.loads(body["messages"][1]["content"])
        self.asked.append(told)
        names = {number: f"Novelty {len(self.asked)}{number}" for number in told["groups"]}
        text = "no" if self.is_broken else json.dumps({"names": names})
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        reply = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(reply).encode())

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def endpoint(monkeypatch) -> Iterator[type[Handler]]:
    class Own(Handler):
        asked: list[dict] = []  # noqa: RUF012
        is_broken = False

    http = ThreadingHTTPServer(("127.0.0.1", 0), Own)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    monkeypatch.setenv("SHELFWISE_LLM_URL", f"http://127.0.0.1:{http.server_port}/v1")
    monkeypatch.setenv("SHELFWISE_LLM_MODEL", "namer")
    yield Own
    http.shutdown()
    http.server_close()


def discover(context):
    parameters = DiscoveryParameters(n_clusters=3, levels=1, image_weight=0.0, n_neighbors=10)
    run_id = run_discovery(context, find_category(context, SHOES), parameters, "Ada", NullProgress())
    return open_review(context, run_id)


def sources(review) -> set[NameSource]:
    return {item.source for cluster in review.clusters for item in cluster.suggestions}


def test_without_settings_nobody_is_asked(discovered, endpoint, monkeypatch):
    monkeypatch.delenv("SHELFWISE_LLM_MODEL")
    review = discover(discovered)
    assert endpoint.asked == []
    assert NameSource.LANGUAGE_MODEL not in sources(review)
    assert "language model" not in review.run.details


def test_the_model_is_asked_once_for_all_siblings(discovered, endpoint):
    review = discover(discovered)
    assert [len(told["groups"]) for told in endpoint.asked] == [len(review.clusters)]
    by_model = [
        [item for item in cluster.suggestions if item.source is NameSource.LANGUAGE_MODEL]
        for cluster in review.clusters
    ]
    assert all(len(items) == 1 and "namer" in items[0].evidence for items in by_model)
    assert review.run.details["language model"] == "namer"


def test_a_fault_leaves_the_other_names_and_a_note(discovered, endpoint):
    endpoint.is_broken = True
    review = discover(discovered)
    assert len(endpoint.asked) == 1
    assert NameSource.LANGUAGE_MODEL not in sources(review)
    assert all(cluster.suggested_names for cluster in review.clusters)
    assert review.run.details["language model"].startswith("not used: The reply of namer cannot be used")
