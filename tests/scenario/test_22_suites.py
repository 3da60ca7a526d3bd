# SPDX-License-Identifier: ISC
"""Documents of others: feedparser's own tests, and real feeds.

They lie beside the tree, or where HEADLINED_SUITES says; where they are not,
these tests are skipped and say so.
"""
import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from harness import DATA, headlinectl

SUITES = os.environ.get("HEADLINED_SUITES", "")
KNOWN = os.path.join(DATA, "feedparser_known.txt")


def suite(name):
    """The folder of a suite, or a skip that names it."""
    path = os.path.join(SUITES, name)
    if not SUITES or not os.path.isdir(path):
        pytest.skip(f"no {name} beside the tree (HEADLINED_SUITES)")
    return path


def checker():
    """The program that checks a parser against feedparser's tests."""
    path = os.path.join(SUITES, "..", "tools", "run_feedparser_suite.py")
    if not os.path.isfile(path):
        pytest.skip("no run_feedparser_suite.py beside the suites")
    return path


def test_feedparser(tmp_path):
    """feedparser's tests: all that fit but the known ones"""
    folder = suite("feedparser")
    out = tmp_path / "result.json"
    program = shlex.quote(os.environ["HEADLINECTL"])
    done = subprocess.run(
        [sys.executable, checker(), "--suite", folder, "--known", KNOWN,
         "--with", "encoding,feed authors", "--timeout", "60",
         "--json", str(out), "--cmd", program + " parse {http} {file}"],
        capture_output=True, text=True, check=False)
    result = json.loads(out.read_text(encoding="utf-8"))
    failed = {row[0]: row[2] for row in result["fails"]}
    with open(KNOWN, encoding="utf-8") as lines:
        known = {line.strip() for line in lines
                 if line.strip() and not line.startswith("#")}
    assert set(failed) - known == set(), failed
    assert known - set(failed) == set(), "these pass now"
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    passed = sum(1 for row in result["rows"] if row[2] == "pass")
    assert passed >= 200, "the checker has found its cases"


def count_items(data):
    """How many items a feed has, by a look at its bytes alone."""
    text = data.decode("utf-8", "replace")
    if text.lstrip("\ufeff \r\n\t").startswith("{"):
        return len(json.loads(text.lstrip("\ufeff"))["items"])
    for hidden in (r"<!--.*?-->", r"<!\[CDATA\[.*?\]\]>"):
        text = re.sub(hidden, "", text, flags=re.S)
    return len(re.findall(r"<(?:\w+:)?(?:item|entry)(?=[\s>/])", text))


def test_real_feeds():
    """real feeds give all their items, each with something to read"""
    folder = suite("real-feeds")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".xml"))
    assert len(names) > 50
    for name in names:
        path = os.path.join(folder, name)
        with open(path, "rb") as document:
            want = count_items(document.read())
        done = headlinectl("parse", "--url", "https://feeds.example/x", path)
        assert done.returncode == 0, (name, done.stderr)
        feed = json.loads(done.stdout)
        assert want > 0 and len(feed["items"]) == want, name
        assert "truncated" not in feed["_headlined"]["warnings"], name
        for item in feed["items"]:
            assert item.get("title") or item.get("content_html") or \
                item.get("content_text"), (name, item)
            assert item.get("url", "https:").startswith(("http", "mailto:",
                                                         "urn:")), item
