# SPDX-License-Identifier: ISC
"""Packs of entities: read by --check, matched by headlinectl match."""
import json
import os
import pathlib
import shutil

import pytest

from harness import headlinectl, headlined

PACK = pathlib.Path(__file__).parent.parent / "data" / "pack.yaml"

CONF = """\
feeds: https://feeds.example.org/world.xml
entities: [{pack}]
topics:
  ukraine: {{match: "country:UA"}}
  two: {{match: "country:any NEAR/6 org:any"}}
  xi: {{match: 'person:"xi jinping"'}}
  usa: {{match: "country:us"}}
"""


@pytest.fixture(name="conf")
def fixture_conf(tmp_path):
    """A configuration beside a copy of the pack."""
    shutil.copy(PACK, tmp_path / "our-people.yaml")
    path = tmp_path / "headlined.yaml"
    path.write_text(CONF.format(pack="our-people.yaml"))
    return path


@pytest.mark.short
def test_check(conf):
    """a pack of one's own is read: --check exits 0"""
    done = headlined("-c", conf, "--check")
    assert done.returncode == 0, done.stderr
    assert "warning" in done.stderr and "condition" in done.stderr


def test_installed(conf):
    """a pack that is not installed is told with those that are, and one
    that is installed is read by its name"""
    folder = conf.parent / "packs"
    folder.mkdir()
    env = dict(os.environ, HEADLINED_PACKS=str(folder))
    shutil.copy(PACK, folder / "world.yaml")
    conf.write_text(CONF.format(pack="geopolitics"))
    done = headlined("-c", conf, "--check", env=env)
    assert done.returncode == 2
    assert f"{conf}:2:12: entities: no pack of this name" in done.stderr
    assert "(there: world;" in done.stderr
    conf.write_text(CONF.format(pack="world"))
    done = headlined("-c", conf, "--check", env=env)
    assert done.returncode == 0, done.stderr


def test_faults(conf):
    """faults of a pack have its file, line, column and a caret; the query
    that names an unknown or an ambiguous entity says what would be right"""
    pack = conf.parent / "our-people.yaml"
    pack.write_text(pack.read_text() +
                    "  - {id: Q9, kind: persn, name: Nobody}\n")
    line = len(pack.read_text().splitlines())
    conf.write_text(conf.read_text() +
                    "  bad: {match: \"country:ukrane OR entity:georgia\"}\n")
    done = headlined("-c", conf, "--check")
    assert done.returncode == 2
    assert f"{pack}:{line}:20: Q9.kind: no such kind: persn" in done.stderr
    assert "country:ukrane: no such country (did you mean Ukraine?)" \
        in done.stderr
    assert "Georgia (country:Q230) or Georgia (place:Q1428)" in done.stderr
    after = done.stderr.split("no such kind", 1)[1].splitlines()
    assert "persn" in after[1]
    assert after[2].index("^") == after[1].index("persn")


@pytest.mark.parametrize("text, topics", [
    ("Talks\n\nУ столиці України спокійно.\n", ["ukraine"]),
    ("Kiev\n\nNothing else.\n", ["ukraine"]),
    ("Help us\n\nNobody in capitals.\n", []),
    ("Summit\n\nThe U.S. delegation came.\n", ["usa"]),
    ("Summit\n\n习近平 spoke.\n", ["xi"]),
    ("Summit\n\nFrance, said NATO, stays.\n", ["two"]),
    ("Niger\n\nThe UN left Niger in May.\n", ["two"]),
    ("Georgia\n\nIn Georgia the UN counts.\n", []),
], ids=["an inflected form", "a seat", "us is not US", "an abbreviation",
        "another script", "any of a kind, near", "a word is not a part of "
        "one", "a name with conditions is not matched"])
def test_match(conf, text, topics):
    """what a text says of an entity is found, and no more"""
    article = conf.parent / "article.txt"
    article.write_text(text)
    done = headlinectl("match", "-c", conf, "--json", article)
    found = json.loads(done.stdout)[0]["topics"]
    assert sorted(t["topic"] for t in found) == sorted(topics), done.stderr
