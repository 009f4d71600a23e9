"""Dockerfile and compose.yaml say only what is there. Nothing here needs Docker."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.__main__ import app

ROOT = Path(__file__).resolve().parents[1]
GROUPS = ("taxonomy", "models", "reference")
yaml = pytest.importorskip("yaml")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The services of compose.yaml and their volumes."""
    found = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def instructions() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile with their arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_services_name_what_exists(compose):
    services = compose["services"]
    assert set(services) == {"app", "weekly", "postgres"}
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        named = {volume.partition(":")[0] for volume in service.get("volumes", []) if volume[0] not in "./$"}
        assert named <= set(compose["volumes"]), name
    assert services["weekly"]["image"] == services["app"]["image"]
    assert services["weekly"]["profiles"] == ["weekly"]


def test_app_and_weekly_batch_share_workspace_and_database(compose):
    app, weekly = (compose["services"][name] for name in ("app", "weekly"))
    assert app["environment"] == weekly["environment"]
    assert app["volumes"] == weekly["volumes"]
    assert any(volume.endswith(f":{app['environment']['SHELFWISE_HOME']}") for volume in app["volumes"])
    assert "@postgres/" in app["environment"]["DATABASE_URL"]
    assert compose["services"]["postgres"]["healthcheck"]["test"]


def test_every_command_of_the_documents_is_one(compose):
    """Of the weekly service and of docs/deployment.md: the command and each of its options."""
    commands = [compose["services"]["weekly"]["command"]]
    text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    commands += [shlex.split(found) for found in re.findall(r"python -m core[^\n`&#|;]*", text)]
    wanted: dict[tuple[str, ...], set[str]] = {}
    for words in commands:
        after = words[words.index("core") + 1 :]
        name = tuple(after[: 2 if after[0] in GROUPS else 1])
        wanted.setdefault(name, set()).update(word for word in after if word.startswith("--"))
    assert {("classify",), ("import",)} <= set(wanted)
    for name, options in wanted.items():
        shown = CliRunner().invoke(app, [*name, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0, shown.output
        assert not {option for option in options if option not in shown.output}, name


def test_the_image_copies_what_exists_and_does_not_run_as_root():
    found = instructions()
    for word, rest in found:
        if word == "COPY":
            for name in rest.split()[:-1]:
                assert (ROOT / name).exists(), name
    users = [rest for word, rest in found if word == "USER"]
    assert users
    assert users[-1] != "root"
    health = next(rest for word, rest in found if word == "HEALTHCHECK")
    assert "/_stcore/health" in health
    copied = " ".join(rest for word, rest in found if word == "COPY")
    imported = {"core", "db", "pages", "app.py", ".streamlit"}
    assert imported <= set(copied.replace("./", "").split())


def test_the_image_leaves_out_the_tools_of_tests():
    """The Dockerfile cuts requirements.txt at a heading: it must be there, the last one, and stand above these."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    kept, heading, rest = text.partition("# Tests and checks")
    assert heading
    assert "#" not in rest
    assert "pytest" in rest
    for name in ("streamlit", "torch==", "daft", "psycopg", "huey"):
        assert name in kept
