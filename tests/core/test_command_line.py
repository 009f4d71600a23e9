"""The command line: every command, what it prints, and how it ends on a user's mistake."""

import csv
import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.catalogue.demo import write_demo
from core.domain.job import JobState
from core.services.context import Context
from core.services.jobs import get_job, list_jobs
from core.services.models import active_model
from core.services.review import open_review
from core.services.taxonomy import find_category, taxonomy_view

ROOT = Path(__file__).resolve().parents[2]
SHOES = "Apparel & Accessories > Shoes"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The object on the last line."""
        found = json.loads(self.out.rstrip("\n").rpartition("\n")[2])
        assert isinstance(found, dict)
        return found


Command = Callable[..., Ended]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command on a workspace in this process, through the same `main` as `python -m core`."""

    def run(context: Context, *words: object) -> Ended:
        monkeypatch.setenv("SHELFWISE_HOME", str(context.workspace.home))
        monkeypatch.setattr(sys, "argv", ["python -m core", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return run


def in_a_process(context: Context, *words: object) -> Ended:
    """Run a command as people do."""
    environment = {**os.environ, "SHELFWISE_HOME": str(context.workspace.home)}
    line = [sys.executable, "-m", "core", *map(str, words)]
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def read(file_path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with file_path.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        return list(reader.fieldnames or []), list(reader)


def write(file_path: Path, text: str) -> Path:
    file_path.write_text(text, encoding="utf-8")
    return file_path


def test_the_whole_loop_by_commands(context, small_catalogue, command, tmp_path):
    run = functools.partial(command, context)
    imported = run("import", small_catalogue.csv_path, "--images", small_catalogue.images_dir, "--json")
    assert (imported.code, imported.result["n_new"], imported.result["n_rejected"]) == (0, 222, 6)

    found = run("discover", SHOES, "--clusters", 4, "--levels", 1, "--seed", 3, "--json")
    assert found.code == 0, found.err
    run_id = found.result["run_id"]
    assert (found.result["n_clusters"], found.result["n_products"]) == (4, 92)
    parameters = open_review(context, run_id).run.parameters
    assert (parameters.n_clusters, parameters.levels, parameters.seed) == (4, 1, 3)

    assert run("clusters", run_id, "--output", tmp_path / "clusters.csv").code == 0
    columns, rows = read(tmp_path / "clusters.csv")
    assert columns == ["product_id", "cluster", "level", "is_noise", "distance"]
    assert len(rows) == 92
    assert {row["cluster"] for row in rows if row["is_noise"] == "false"} == {"1", "2", "3", "4"}

    names = write(tmp_path / "names.csv", "cluster,name\n1,Boots\n2,Boots\n3,Heels\n")
    approved = run("approve", run_id, "--names", names, "--json")
    assert approved.code == 0, approved.err
    assert len(set(approved.result["node_ids"])) == 2
    statuses = {cluster.number: str(cluster.status) for cluster in open_review(context, run_id).clusters}
    assert statuses == {1: "approved", 2: "approved", 3: "approved", 4: "open"}

    trained = run("train", "--fusion", "late", "--json")
    assert trained.code == 0, trained.err
    assert 0 <= trained.result["metrics"]["hierarchical_f1"] <= 1
    assert active_model(context).id == trained.result["model_id"]

    goods = write(tmp_path / "goods.csv", "sku,title\nb,Ankle boots\na,\nb,Ankle boots\n")
    classified = run("classify", goods, "--output", tmp_path / "classified.csv", "--keep-columns", "--json")
    assert classified.code == 0, classified.err
    counts = {name: classified.result[name] for name in ("n_rows", "n_classified", "n_failed", "n_notes")}
    assert counts == {"n_rows": 3, "n_classified": 2, "n_failed": 1, "n_notes": 0}
    assert {"n_escalated", "seconds"} <= set(classified.result)
    columns, rows = read(tmp_path / "classified.csv")
    assert columns[:7] == ["sku", "title", "product_id", "path", "confidence", "stage", "level_1"]
    assert columns[-2:] == ["reason", "note"]
    assert [row["product_id"] for row in rows] == ["b", "a", "b"]

    unplaced = write(tmp_path / "unplaced.csv", "sku,title\nx,Ankle boots\n")
    assert run("import", unplaced, "--json").code == 2
    imported = run("import", unplaced, "--without-category", "--json")
    assert (imported.code, imported.result["n_new"]) == (0, 1)
    assert get_job(context, imported.result["classify_job_id"]).state is JobState.QUEUED
    new = run("classify", "--new", "--json")
    assert (new.code, new.result["n_new"], new.result["n_classified"]) == (0, 1, 1)
    assert run("classify", "--new", "--json").result["n_new"] == 0

    exported = run("export", "--output", tmp_path / "taxonomy.csv", "--assignments", tmp_path / "where.csv", "--json")
    columns, rows = read(tmp_path / "taxonomy.csv")
    assert columns == [
        "node_id", "path", "parent_id", "level", "name", "status", "n_products", "created_in_version", "replaced_by",
        "description", "synonyms", "external_id", "split_into", "position",
    ]  # fmt: skip
    assert {f"{SHOES} > Boots", f"{SHOES} > Heels"} <= {row["path"] for row in rows}
    assert exported.result["n_nodes"] == len(rows)
    assert len(read(tmp_path / "where.csv")[1]) == 223

    encoded = run("encode", "--json")
    assert encoded.result["title"] == 223
    kinds = {"import", "discover", "train", "classify", "classify_new", "encode"}
    assert {str(job.kind) for job in list_jobs(context)} == kinds
    states = [str(job.state) for job in list_jobs(context)]
    assert (set(states), states.count("queued"), states.count("failed")) == ({"done", "queued", "failed"}, 1, 1)


def test_clusters_are_written_once_per_product_and_level(discovered, command, tmp_path):
    from db.repositories import runs

    with discovered.database.write() as session:
        first = runs.cluster_rows(session, 1)[0]
        part = runs.NameSuggestion("Part", runs.NameSource.WORDS, "")
        below = runs.add_cluster(session, 1, 6, 2, first.id, [part], [], runs.ClusterQuality(0.5))
        inside = [member for member in runs.member_rows(session, 1) if member.cluster_id == first.id]
        for member in inside[:10]:
            member.subcluster_id = below
    assert command(discovered, "clusters", 1, "--output", tmp_path / "deep" / "clusters.csv").code == 0
    _, rows = read(tmp_path / "deep" / "clusters.csv")
    levels = {level: [row for row in rows if row["level"] == level] for level in ("1", "2")}
    assert [row["product_id"] for row in levels["1"]] == [row["product_id"] for row in levels["2"]]
    assert {row["cluster"] for row in levels["1"]} == {"-1", "1", "2", "3", "4", "5"}
    assert sum(row["cluster"] == "6" for row in levels["2"]) == 10
    assert all((row["cluster"] == "-1") == (row["is_noise"] == "true") for row in rows)
    assert all(float(row["distance"]) >= 0 for row in rows)
    assert not list((tmp_path / "deep").glob(".*"))


def test_the_demo_is_drawn_and_imported(context, command, monkeypatch):
    monkeypatch.setattr("core.services.demo.write_demo", functools.partial(write_demo, n_products=40))
    ended = command(context, "demo", "--json")
    assert (ended.code, ended.result["n_new"]) == (0, taxonomy_view(context).counts["root"])
    assert ended.result["n_new"] >= 35


@pytest.mark.parametrize(
    "words",
    [
        ("import", "NOFILE"), ("import", "NO_TITLE"), ("import", "EMPTY"), ("import", "GOOD", "--images", "NOFILE"),
        ("import", "GOOD", "--images", "EVIL"), ("discover", "Toys > Dolls"), ("discover", SHOES, "--clusters", "0"),
        ("discover", SHOES, "--seed", "-1"), ("discover", SHOES, "--clusters", "many"),
        ("clusters", "99", "--output", "OUT"), ("clusters", "1", "--output", "FOLDER"), ("clusters", "1"),
        ("approve", "99", "--names", "NAMES"), ("approve", "1", "--names", "NOFILE"),
        ("approve", "1", "--names", "GOOD"), ("approve", "1", "--names", "UNKNOWN_CLUSTER"),
        ("approve", "1", "--names", "HALF_CLUSTER"), ("approve", "1", "--names", "ENDLESS_CLUSTER"),
        ("approve", "1", "--names", "BAD_NAME"), ("approve", "1", "--names", "NO_NAME"),
        ("approve", "1", "--names", "TWO_NAMES"), ("train", "--fusion", "psychic"),
        ("classify", "GOOD", "--output", "OUT"), ("classify", "GOOD"), ("classify", "--new", "--output", "OUT"),
        ("classify", "GOOD", "--new"), ("classify", "--new"), ("classify", "GOOD", "--escalate-below", "-1"),
        ("export", "--output", "FOLDER"), ("export", "--output", "BELOW_FILE"),
        ("frobnicate",),
    ],
)  # fmt: skip
def test_a_users_mistake_ends_with_code_2_a_message_and_no_traceback(discovered, command, tmp_path, words):
    import zipfile

    files = {
        "NOFILE": tmp_path / "nothing", "OUT": tmp_path / "out.csv", "FOLDER": tmp_path,
        "NO_TITLE": write(tmp_path / "no_title.csv", "sku,category\n1,Shoes\n"),
        "EMPTY": write(tmp_path / "empty.csv", ""), "EVIL": tmp_path / "evil.zip",
        "GOOD": write(tmp_path / "good.csv", "sku,title,category,image\n1,Boot,Shoes,boot.png\n"),
        "NAMES": write(tmp_path / "names.csv", "cluster,name\n1,Boots\n"),
        "UNKNOWN_CLUSTER": write(tmp_path / "unknown.csv", "cluster,name\n1,Boots\n77,Heels\n"),
        "HALF_CLUSTER": write(tmp_path / "half.csv", "cluster,name\n1.5,Boots\n"),
        "ENDLESS_CLUSTER": write(tmp_path / "endless.csv", "cluster,name\ninf,Boots\n"),
        "BAD_NAME": write(tmp_path / "bad.csv", "cluster,name\n1,Shoes > Boots\n"),
        "NO_NAME": write(tmp_path / "none.csv", "cluster,name\n1,\n"),
        "TWO_NAMES": write(tmp_path / "two.csv", "cluster,name\n1,Boots\n1,Heels\n"),
        "BELOW_FILE": tmp_path / "empty.csv" / "out.csv",
    }  # fmt: skip
    with zipfile.ZipFile(files["EVIL"], "w") as archive:
        archive.writestr("../boot.png", b"x")
    before = taxonomy_view(discovered)
    ended = command(discovered, *(files.get(word, word) for word in words))
    assert ended.code == 2, ended
    assert ended.err.strip(), "a message"
    assert "Traceback" not in ended.err + ended.out
    assert ended.out == ""
    assert not files["OUT"].exists()
    assert (taxonomy_view(discovered).version, taxonomy_view(discovered).counts) == (before.version, before.counts)


def test_a_message_names_what_was_wrong_and_what_to_do(discovered, command, tmp_path):
    ended = command(discovered, "discover", "Apparel & Accessories > Shoe")
    assert "no category 'Apparel & Accessories > Shoe'" in ended.err
    assert f"Did you mean '{SHOES}'" in ended.err
    ended = command(discovered, "classify", tmp_path / "goods.csv", "--output", tmp_path / "out.csv")
    assert "No classifier has been trained yet" in ended.err
    assert "train" in ended.err
    ended = command(discovered, "approve", 1, "--names", write(tmp_path / "names.csv", "cluster,name\n1,A\nx,B\n"))
    assert "row 2" in ended.err
    assert "'x'" in ended.err


def test_a_discovery_on_three_products_or_a_training_on_one_class_is_a_mistake_too(context, command, tmp_path):
    rows = "".join(f"{n},Boot {n},Shoes\n" for n in range(3))
    assert command(context, "import", write(tmp_path / "few.csv", "sku,title,category\n" + rows)).code == 0
    few = command(context, "discover", "Shoes")
    assert (few.code, "needs at least" in few.err) == (2, True)
    one = command(context, "train")
    assert (one.code, "two categories" in one.err) == (2, True)
    assert [str(job.state) for job in list_jobs(context)] == ["failed", "failed", "done"]


def test_the_names_of_a_spreadsheet_are_understood(discovered, command, tmp_path):
    names = tmp_path / "names.csv"
    names.write_bytes("cluster;name\r\n1.0;Stöckel\r\n2;\r\n".encode("latin-1"))
    assert command(discovered, "approve", 1, "--names", names, "--note", "by hand").code == 0
    assert find_category(discovered, ("Apparel & Accessories", "Shoes", "Stöckel"))
    statuses = {cluster.number: str(cluster.status) for cluster in open_review(discovered, 1).clusters}
    assert (statuses[1], statuses[2]) == ("approved", "open")


def test_a_process_prints_its_bar_beside_its_result(context, small_catalogue):
    ended = in_a_process(context, "import", small_catalogue.csv_path, "--json")
    assert ended.code == 0, ended.err
    assert ended.result["n_new"] == 224
    assert "%" in ended.err
    assert ended.out.count("\n") == 1


def test_a_process_ends_with_code_2_on_a_mistake(context, tmp_path):
    ended = in_a_process(context, "import", tmp_path / "nothing.csv")
    assert ended.code == 2
    assert "nothing.csv" in ended.err
    assert "Traceback" not in ended.err
    assert list_jobs(context)[0].remedy in ended.err


def test_help_lists_every_command(context):
    ended = in_a_process(context, "--help")
    assert ended.code == 0
    for name in (
        "import",
        "encode",
        "encoders",
        "discover",
        "clusters",
        "approve",
        "train",
        "classify",
        "export",
        "demo",
        "worker",
    ):
        assert f" {name} " in ended.out


def test_encoders_lists_each_with_its_state_and_what_auto_takes(imported, command):
    done = command(imported, "encoders", "--json")
    assert done.code == 0
    by_name = {encoder["name"]: encoder for encoder in done.result["encoders"]}
    assert {"tfidf", "aligned", "simclr:middle", "vit", "roberta", "timm:NAME_OR_FOLDER"} <= set(by_name)
    assert by_name["tfidf"]["names"] == ["tfidf"]
    assert done.result["auto"]["text_encoder"] == "tfidf"
    assert done.result["auto"]["reasons"]
    printed = command(imported, "encoders").out
    assert f"auto: {done.result['auto']['image_encoder']} and tfidf" in printed
