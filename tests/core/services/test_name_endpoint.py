"""Names from a language model, asked over the wire of a real local server."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.services.name_endpoint import EndpointSettings, GroupToName, NameEndpointError, ask_for_names

pytest.importorskip("openai", reason="the optional package openai is not installed")
GROUPS = [GroupToName(("Canvas sneaker", "Low sneaker"), ("sneakers",)), GroupToName(("Ankle boot",), ("boots",))]


class Server:
    """An OpenAI-compatible endpoint. `reply` is the assistant's text, or a whole (status, body)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict]] = []
        self.reply: str | tuple[int, str] = ""
        self.released = threading.Event()
        self.hangs = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append((self.path, self.headers["Authorization"], body))
                if server.hangs:
                    server.released.wait(20)
                    return
                status, text = server.reply if isinstance(server.reply, tuple) else (200, server.completion())
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"

    def completion(self) -> str:
        message = {"role": "assistant", "content": self.reply}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]})


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.http.serve_forever, daemon=True)
    thread.start()
    yield running
    running.released.set()
    running.http.shutdown()
    running.http.server_close()


def ask(server: Server, seconds: float = 10.0) -> list[str | None]:
    return ask_for_names(EndpointSettings(server.url, "m", "secret", seconds), "Apparel > Shoes", GROUPS)


def test_it_is_off_unless_address_and_model_are_set():
    assert EndpointSettings.from_environment({}) is None
    assert EndpointSettings.from_environment({"SHELFWISE_LLM_URL": "http://x/v1"}) is None
    both = {"SHELFWISE_LLM_URL": "http://x/v1", "SHELFWISE_LLM_MODEL": "m", "SHELFWISE_LLM_SECONDS": "5"}
    assert EndpointSettings.from_environment(both) == EndpointSettings("http://x/v1", "m", "", 5.0)
    with pytest.raises(NameEndpointError):
        EndpointSettings.from_environment(both | {"SHELFWISE_LLM_SECONDS": "soon"})


def test_all_siblings_are_named_by_one_request(server):
    server.reply = '{"names": {"1": "Sneakers", "2": " Boots "}}'
    assert ask(server) == ["Sneakers", "Boots"]
    ((path, authorization, body),) = server.requests
    assert (path, authorization, body["model"]) == ("/v1/chat/completions", "Bearer secret", "m")
    told = json.loads(body["messages"][1]["content"])
    assert told["groups"]["1"] == {"titles": ["Canvas sneaker", "Low sneaker"], "words": ["sneakers"]}


def test_names_that_cannot_be_used_are_left_out(server):
    server.reply = 'Here you are:\n```json\n{"names": {"1": "Sneakers", "2": "SNEAKERS", "3": "Hats"}}\n```'
    assert ask(server) == ["Sneakers", None]
    server.reply = json.dumps({"names": {"1": "Shoes > Boots", "2": "B" * 200}})
    with pytest.raises(NameEndpointError):
        ask(server)


def not_json(server: Server) -> None:
    server.reply = "I would call them sneakers."


def wrong_json(server: Server) -> None:
    server.reply = '{"names": ["Sneakers", "Boots"]}'


def no_completion(server: Server) -> None:
    server.reply = (200, '{"choices": []}')


def html(server: Server) -> None:
    server.reply = (200, "<html>Sign in</html>")


def fault(server: Server) -> None:
    server.reply = (500, '{"error": {"message": "out of memory"}}')


@pytest.mark.parametrize("breaks", [not_json, wrong_json, no_completion, html, fault])
def test_a_broken_reply_is_a_fault_with_a_remedy(server, breaks: Callable[[Server], None]):
    breaks(server)
    with pytest.raises(NameEndpointError) as refused:
        ask(server)
    assert refused.value.remedy
    assert len(server.requests) == 1


def test_an_endpoint_that_does_not_answer_is_given_up_in_time(server):
    server.hangs = True
    with pytest.raises(NameEndpointError, match="did not answer within"):
        ask(server, seconds=0.3)


def test_nobody_at_the_address_is_a_fault():
    with pytest.raises(NameEndpointError, match="could not be asked"):
        ask_for_names(EndpointSettings("http://127.0.0.1:1/v1", "m"), "Shoes", GROUPS)
