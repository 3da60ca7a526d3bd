# SPDX-License-Identifier: ISC
"""Packs of entities: read by --check, matched by headlinectl match."""
import json
import os
import pathlib
import shutil

import pytest

from harness import SHIPPED, headlinectl, headlined, wait_until
from test_17_reload import Growing, config, hup, reload_well, wait_poll

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
    assert "warning" not in done.stderr


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
    ("Georgia\n\nIn Tbilisi, Georgia, the UN counts.\n", ["two"]),
], ids=["an inflected form", "a seat", "us is not US", "an abbreviation",
        "another script", "any of a kind, near", "a word is not a part of "
        "one", "a name whose condition does not hold", "one whose does"])
def test_match(conf, text, topics):
    """what a text says of an entity is found, and no more"""
    article = conf.parent / "article.txt"
    article.write_text(text)
    done = headlinectl("match", "-c", conf, "--json", article)
    found = json.loads(done.stdout)[0]["topics"]
    assert sorted(t["topic"] for t in found) == sorted(topics), done.stderr


def ask(conf, query, text="Talks\n\nUkraine and NATO met.\n"):
    """headlinectl match with a configuration and a query of one's own."""
    return headlinectl("match", "-c", conf, "--json", "--query", query, "-",
                       stdin=text)


@pytest.mark.parametrize("query, found", [
    ("country:ukraine AND org:any", ["Ukraine", "NATO"]),
    ("person:any", []),
    ("topic:ukraine AND met", ["Ukraine", "met"]),
    ("list:verbs.txt", ["met"]),
], ids=["entities", "none of a kind", "a topic", "a list"])
def test_query(conf, query, found):
    """a query beside a configuration may name what that has, and is alone in
    the output"""
    (conf.parent / "verbs.txt").write_text("met\nspoke\n")
    done = ask(conf, query)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    topics = json.loads(done.stdout)[0]["topics"]
    assert [t["topic"] for t in topics] == ["query"] * bool(found)
    matches = [m for t in topics for m in t["matches"]]
    assert [m["text"] for m in matches] == found
    assert {m["term"] for m in matches} <= {query, "country:ukraine",
                                            "org:any", "country:UA", "met"}


@pytest.mark.parametrize("query, says", [
    ("country:ukrane", "no such country (did you mean Ukraine?)"),
    ("topic:ukrain", "no topic has this name (did you mean ukraine?)"),
    ("entity:georgia", "Georgia (country:Q230) or Georgia (place:Q1428)"),
    ("country:UA AND", "AND"),
], ids=["an entity", "a topic", "an ambiguous one", "an error of its own"])
def test_query_faults(conf, query, says):
    """what it names and is not there is told below the query; exit 2"""
    done = ask(conf, query)
    assert (done.returncode, done.stdout) == (2, "")
    first, line, caret = done.stderr.splitlines()
    assert first.startswith("query:") and says in first
    assert line == "  " + query and caret.strip() == "^"


def test_query_alone(conf):
    """without a configuration a query has no names; one with a fault in it is
    told, and the query goes on without what was left out"""
    done = headlinectl("match", "--query", "country:UA", "-", stdin="UA\n")
    assert done.returncode == 2
    assert "the configuration names" in done.stderr
    assert "-c FILE" in done.stderr
    conf.write_text(conf.read_text() + "  bad: {match: \"peace AND\"}\n")
    done = ask(conf, "country:UA")
    assert done.returncode == 0
    assert "topics.bad.match" in done.stderr
    assert json.loads(done.stdout)[0]["topics"]
    done = ask(conf, "topic:bad")
    assert done.returncode == 2
    assert "that topic is left out" in done.stderr


def test_query_explained(conf):
    """--explain shows the one query, and what stands in the text for whom"""
    done = headlinectl("match", "-c", conf, "--explain", "--query",
                       "country:UA NOT person:Q15031", "-",
                       stdin="Talks\n\nKyiv waits.\n")
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert [line for line in lines if "(notice" in line] == \
        ["query (notice)"]
    assert "+ country:UA" in lines
    assert "- person:Q15031" in lines
    assert "content 1    [Kyiv] waits." in lines


def test_mentioned(conf):
    """who is in an article, most often first, is shown whatever topics ask"""
    text = "Talks\n\nNATO and Ukraine met. Kyiv waits.\n"
    done = headlinectl("match", "-c", conf, "--query", "waits", "-",
                       stdin=text)
    assert done.stdout.splitlines()[-1] == "  entities: Ukraine (2), NATO"
    assert json.loads(ask(conf, "nothing", text).stdout)[0]["entities"] == [
        {"id": "Q212", "kind": "country", "name": "Ukraine", "mentions": 2},
        {"id": "Q7184", "kind": "org", "name": "NATO", "mentions": 1}]


HEADLINES = [
    ("A storm hit Poland on Monday", ["Q36"]),
    ("Brazil said no", ["Q155"]),
    ("Kosovo and Serbia meet again", ["Q1246", "Q403"]),
    ("Fighting in Gaza goes on", ["Q39760"]),
    ("Settlers in the West Bank", ["Q36678"]),
    ("Houses on the west bank of the river", []),
    ("Путін заявив про переговори", ["Q7747"]),
    ("Встреча с Путиным", ["Q7747"]),
    ("Red Hot Chili Peppers play tonight", []),
    ("Le Chili vote dimanche", ["Q298"]),
]


def test_headlines(conf):
    """a headline alone says enough, with the pack that is shipped"""
    conf.write_text(CONF.format(pack=SHIPPED))
    files = []
    for i, (text, _) in enumerate(HEADLINES):
        files.append(conf.parent / f"{i}.txt")
        files[-1].write_text(text + "\n", encoding="utf-8")
    done = headlinectl("match", "-c", conf, "--json", *files)
    assert done.returncode == 0, done.stderr
    for (text, ids), it in zip(HEADLINES, json.loads(done.stdout)):
        assert sorted(e["id"] for e in it["entities"]) == sorted(ids), text


def test_groups(conf):
    """group: is all that say they belong to it; an unknown one shows the
    nearest"""
    done = ask(conf, "group:G7", "Talks\n\nThe UK and Russia met.\n")
    found = json.loads(done.stdout)[0]["topics"][0]["matches"]
    assert [m["text"] for m in found] == ["UK"]
    done = ask(conf, "group:g21")
    assert done.returncode == 2
    assert "of such a group (did you mean" in done.stderr


PACK_OF_ONE = """\
entities:
  - {{id: Q212, kind: {kind}, name: Ukraine, names: [{names}]}}
"""


def test_reload(daemon, feeds, receiver):
    """a pack that changes is read again at a reload; one with a fault leaves
    what runs as it was"""
    feed = Growing(feeds, "/a")
    whole = {**config([feed.url], receiver),
             "entities": "own.yaml",
             "topics": {"t": {"match": "country:ukraine",
                              "notify": "desk"}}}
    one = daemon(whole, start=False)
    pack = pathlib.Path(one.folder, "own.yaml")
    pack.write_text(PACK_OF_ONE.format(kind="country", names="Ukrayina"))
    feed.add("Ukrayina one")
    feed.add("Oukraine one")
    one.start()
    wait_until(lambda: len(receiver.messages()) == 1, "the first alert")
    pack.write_text(PACK_OF_ONE.format(kind="country", names="Oukraine"))
    reload_well(one, whole)
    feed.add("Oukraine two")
    feed.add("Ukrayina two")
    wait_until(lambda: len(receiver.messages()) == 2, "the new name's")
    pack.write_text(PACK_OF_ONE.format(kind="contry", names="Ukrayina"))
    hup(one)
    wait_until(lambda: one.events("reload_refused"), "the fault")
    assert "own.yaml:2:22: Q212.kind: no such kind: contry" in one.log()
    feed.add("Ukrayina three")
    feed.add("Oukraine three")
    wait_until(lambda: len(receiver.messages()) == 3, "the old name's")
    wait_poll(feed)
    assert sorted(receiver.titles()) == [
        "Oukraine three", "Oukraine two", "Ukrayina one"]


def test_alert(daemon, feeds, receiver):
    """an alert carries who is in the item, whether its topic asks or not"""
    feed = Growing(feeds, "/a")
    whole = {**config([feed.url], receiver), "entities": "own.yaml",
             "topics": {"t": {"match": "talks", "notify": "desk"}}}
    one = daemon(whole, start=False)
    pack = pathlib.Path(one.folder, "own.yaml")
    pack.write_text(PACK_OF_ONE.format(kind="country", names="Kyiv"))
    feed.add("Talks in Kyiv, Ukraine says")
    feed.add("Talks elsewhere")
    one.start()
    wait_until(lambda: len(receiver.messages()) == 2, "the alerts")
    found = {a["data"]["item"]["title"]: a["data"]["entities"]
             for a in receiver.alerts()}
    assert found == {
        "Talks elsewhere": [],
        "Talks in Kyiv, Ukraine says": [
            {"id": "Q212", "kind": "country", "name": "Ukraine",
             "mentions": 2}]}
