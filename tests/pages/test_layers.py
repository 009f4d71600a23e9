"""What the web process must never load: the worker computes, pages read."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DRAW_ALL = """
import sys
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("pages/_router.py", default_timeout=60).run()
import app
names = sorted(path.name for path in __import__("pathlib").Path("pages").glob("*.py") if path.name[0] != "_")
drawn = []
for name in names:
    if name != "home.py":
        at.switch_page(name)
    at.run()
    assert not at.exception, (name, [fault.value for fault in at.exception])
    assert not [fault for fault in at.error if "on our side" in fault.value], (name, at.error)
    drawn.append(at.title[0].value)
heavy = {"torch", "torchvision", "transformers", "open_clip", "lightly", "umap", "hdbscan"} & set(sys.modules)
assert not heavy, f"the web process loaded {sorted(heavy)}"
print("|".join(drawn))
"""


def test_no_page_loads_what_only_the_worker_may(home):
    environment = {**os.environ, "SHELFWISE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", DRAW_ALL], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().splitlines()[-1].count("|") == 9
