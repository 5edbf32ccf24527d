"""A web process has everything at hand before its first visitor comes."""

import subprocess
import sys

from tests.run import clean_environment
from tests.tooling.processes import ROOT

LOADED = """
import sys
from config.wsgi import application
from django.template import engines

views = "reforms.pages.measures.table" in sys.modules
loader = engines["django"].engine.template_loaders[0]
print(views, {"base.html", "measures/measures.html"} <= set(loader.get_template_cache))
"""


def test_pages_are_loaded_before_anybody_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "True True\n"
