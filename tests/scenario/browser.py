# SPDX-License-Identifier: ISC
"""A real Chromium, driven over the pages (tests/browser): skips where it or
its driver is not installed."""
import json
import os
import shutil
import subprocess

import pytest

from harness import wait_until

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                    "browser")
MODULES = os.environ.get("HEADLINED_BROWSER", "")
CHROMIUM = shutil.which("chromium") or ""

# Chromium is slow to begin where the machine is busy.
PATIENCE_S = 120

missing = pytest.mark.skipif(
    not MODULES or not CHROMIUM or shutil.which("node") is None,
    reason="no chromium, node or playwright-core (./quickstart test installs "
           "them)")


class Browser:
    """One page at a time: open() makes it new, with its size and scheme."""

    def __init__(self, folder):
        self.errors = open(os.path.join(folder, "browser.log"), "w+b")
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, "browse.mjs"), MODULES, CHROMIUM,
             os.path.join(folder, "profile")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, text=True)

    def ask(self, order, **more):
        self.process.stdin.write(json.dumps({"do": order, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise AssertionError("the browser ended: " +
                                 self.errors.read().decode())
        answer = json.loads(line)
        assert "error" not in answer, (order, more, answer["error"])
        return answer["value"]

    def open(self, url, width=1200, height=860, dark=False):
        """A page that has been drawn with what the daemon answered."""
        self.ask("open", width=width, height=height, dark=dark)
        self.ask("goto", url=url)
        self.wait("document.body.dataset.loaded === 'yes'")

    def tell(self, script):
        return self.ask("tell", script=script)

    def wait(self, script):
        """Until an expression is true in the page; its value."""
        return wait_until(lambda: self.tell(script), script, PATIENCE_S,
                          step=0.05)

    def text(self, at="main"):
        """What a reader sees there."""
        return self.tell(f"document.querySelector({json.dumps(at)})"
                         ".innerText")

    def texts(self, at):
        return self.tell(f"[...document.querySelectorAll({json.dumps(at)})]"
                         ".map((e) => e.innerText)")

    def wait_text(self, text, at="main"):
        self.wait(f"document.querySelector({json.dumps(at)})?.innerText"
                  f".includes({json.dumps(text)})")

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
