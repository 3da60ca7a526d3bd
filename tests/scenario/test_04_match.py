# SPDX-License-Identifier: ISC
"""headlinectl match: articles against topics, or one query."""
import json
import os

import pytest

from harness import DATA, EXAMPLES, headlinectl, headlined

TEXT = os.path.join(DATA, "peace.txt")
PAGE = os.path.join(DATA, "page.html")
FEED = os.path.join(DATA, "rss20.xml")


def match(query, *files, stdin=None):
    done = headlinectl("match", "--json", "--query", query, *files,
                       stdin=stdin)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def hits(query, text):
    """(field, text) of each hit of a query in a plain text."""
    article, = match(query, "-", stdin=text)
    return [(m["field"], m["text"]) for t in article["topics"]
            for m in t["matches"]]


@pytest.mark.short
def test_text():
    """plain text: title on the first line, hits with field and offset"""
    article, = match("peacekeep* AND macron", TEXT)
    assert article["source"] == TEXT
    assert article["title"] == "Peacekeepers for Ukraine, says Macron"
    topic, = article["topics"]
    assert topic["topic"] == "query"
    with open(TEXT, encoding="utf-8") as file:
        body = file.read().split("\n", 1)[1]
    for hit in topic["matches"]:
        text = article["title"] if hit["field"] == "title" else body
        at = hit["offset"]
        found = text.encode()[at:at + len(hit["text"].encode())].decode()
        assert found == hit["text"]
    assert [(h["term"], h["field"], h["text"])
            for h in topic["matches"]] == [
        ("peacekeep*", "title", "Peacekeepers"),
        ("macron", "title", "Macron"),
        ("peacekeep*", "content", "peacekeepers")]
    assert article["entities"] == []


@pytest.mark.short
def test_html():
    """an HTML page: its text is matched, its scripts are not"""
    article, = match("peacekeepers", PAGE)
    assert "Ceasefire talks resume" in article["title"]
    fields = [m["field"] for m in article["topics"][0]["matches"]]
    assert fields == ["content"]


def test_feed():
    """a feed: each of its items is an article"""
    one, two = match("peacekeep* OR ampersand", FEED)
    assert [a["source"] for a in (one, two)] == [FEED, FEED]
    assert one["title"] == "Peacekeepers for Ukraine, says Macron"
    assert [a["topics"][0]["matches"][0]["text"] for a in (one, two)] == [
        "Peacekeepers", "ampersand"]


@pytest.mark.parametrize("head", [
    b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?>",
    b"\n <?xml version='1.0'?>",
    b"Warning: in /srv/feed.php\n<?xml version='1.0'?>",
    b"Warning: in /srv/feed.php\n",
], ids=["BOM beside another label", "white space",
        "text before it", "text and no declaration"])
def test_feed_as_parse_reads_it(tmp_path, head):
    """what parse reads as a feed, match reads so too, in the same charset"""
    path = tmp_path / "feed"
    path.write_bytes(head + "<rss version='2.0'><channel><title>C</title>"
                     "<item><title>Mácron’s peace</title></item></channel>"
                     "</rss>".encode())
    parsed = json.loads(headlinectl("parse", path).stdout)
    assert [i["title"] for i in parsed["items"]] == ["Mácron’s peace"]
    assert [a["title"] for a in match("peace", path)] == ["Mácron’s peace"]


@pytest.mark.parametrize("head", ["", "\ufeff", "\n\t"],
                         ids=["plain", "BOM", "white space"])
def test_json_feed(tmp_path, head):
    """a JSON Feed: each of its items is an article"""
    path = tmp_path / "feed.json"
    path.write_text(head + json.dumps({
        "version": "https://jsonfeed.org/version/1.1", "title": "C",
        "items": [{"id": "1", "title": "One peace"},
                  {"id": "2", "content_text": "of peace"}]}),
        encoding="utf-8")
    one, two = match("peace", path)
    assert (one["title"], two["title"]) == ("One peace", "")
    assert two["topics"][0]["matches"][0]["field"] == "content"


@pytest.mark.parametrize("text, title", [
    ("How feeds begin\nA feed begins with <rss>; peace.\n",
     "How feeds begin"),
    ("{peace} in braces\nand so on\n", "{peace} in braces"),
    ('{"peace": true}\n', '{"peace": true}'),
    ("\ufeffA peace\nbehind a BOM\n", "A peace"),
    ("ID3 tags\nand peace\n", "ID3 tags"),
    ("\ufeff<html><head><title>A page</title><body>of peace</body></html>",
     "A page"),
], ids=["text about feeds", "braces", "other JSON", "BOM", "letters of a "
        "kind of file", "page behind a BOM"])
def test_no_feed(tmp_path, text, title):
    """what only looks like a feed is a text, or a page, as it stands"""
    path = tmp_path / "text"
    path.write_text(text, encoding="utf-8")
    article, = match("peace", path)
    assert article["title"] == title
    assert article["topics"]


@pytest.mark.parametrize("query, place, line, caret", [
    ("peace AND titel:x", "11", "peace AND titel:x", " " * 10 + "^"),
    ("мир AND titel:x", "12", "мир AND titel:x", " " * 8 + "^"),
    ("peace AND\n  titel:x\nOR y", "2:3", "  titel:x", "  ^"),
    ("peace OR\n\n titel:x\n", "3:2", " titel:x", " ^"),
    ("peace AND\ttitel:x", "11", "peace AND titel:x", " " * 10 + "^"),
], ids=["ASCII", "other letters", "lines", "an empty one", "a tab"])
def test_place_in_a_query(query, place, line, caret):
    """a fault of a query stands below the line that has it, at its letter"""
    done = headlinectl("match", "--query", query, TEXT)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"query:{place}: titel: no such field (did you mean title:?)",
        "  " + line, "  " + caret]


def test_place_in_a_long_query():
    """of a long line what is around the fault is shown, no screens of it"""
    done = headlinectl("match", "--query",
                       "мир OR " * 4000 + "titel:x" + " OR peace" * 1000,
                       TEXT)
    assert done.returncode == 2
    _, line, caret = done.stderr.splitlines()
    assert len(line) < 220 and line[caret.index("^"):].startswith("titel:x")


@pytest.mark.parametrize("head, name", [
    (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "gzip data"),
    (b"%PDF-1.7\n", "a PDF file"), (b"PK\3\4\x14\0", "a ZIP file"),
    (b"\0\0\0\x18ftypmp42\0", "an MP4 film"),
], ids=["gzip", "PDF", "ZIP", "MP4"])
def test_binary(tmp_path, head, name):
    """a file that is no text is refused by its kind"""
    path = tmp_path / "file"
    path.write_bytes(head + b"macron")
    done = headlinectl("match", "--query", "macron", path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{path}: {name}" in done.stderr


def test_several():
    """several files are reported in order, with those that hold nothing"""
    found = match("macron", TEXT, PAGE)
    assert [a["source"] for a in found] == [TEXT, PAGE]
    assert [len(a["topics"]) for a in found] == [1, 0]


@pytest.mark.parametrize("query, holds", [
    ("ukraine", True), ("uKRAINE", True), ("UKRAINE", False), ("ukrain", False),
    ("ukrain*", True), ("peacekeepers AND ceasefire", True),
    ("peacekeepers AND embargo", False), ("embargo OR ceasefire", True),
    ("peacekeepers NOT ceasefire", False),
    ("peacekeepers NOT embargo", True),
    ("peacekeepers AND NOT embargo", True),
    ('"says macron"', True), ('"macron says"', False),
    ('"rare earth*"', True), ("title:macron", True),
    ("title:ceasefire", False), ("title:(macron AND ukraine)", True),
    ("(embargo OR macron) AND (ceasefire OR truce)", True),
    ("embargo OR macron AND truce", False),
    ("# a comment\nmacron", True),
])
def test_operators(query, holds):
    """words, phrases, *, AND, OR, NOT, brackets and title: hold as written
    """
    article, = match(query, TEXT)
    assert bool(article["topics"]) == holds


def test_folding():
    """case, accents and compatibility forms are folded on both sides"""
    assert hits("ångström", "ANGSTROM\n") == [("title", "ANGSTROM")]
    assert hits("macron", "Mácrón\n") == [("title", "Mácrón")]
    assert hits("strasse", "Straße\n") == [("title", "Straße")]


def test_capitals():
    """a word of two or more capitals compares case: WHO is not who"""
    assert hits("WHO", "who knows\n") == []
    assert hits("WHO", "the WHO knows\n") == [("title", "WHO")]


@pytest.mark.parametrize("query, hint", [
    ("", ""), ("peace talks", '"peace talks"'), ("NOT peace", "NOT"),
    ("*peace", "*"), ("pe*", "three"), ("(peace", ""), ('"peace', ""),
    ("titel:peace", "title"), ("peace AND", ""),
    ("a w/5 b", "NEAR/5"), ("a NEAR b", "NEAR/5"),
    ("title:/a(/ AND b", "parenthes"),
], ids=["empty", "two terms", "only NOT", "leading *", "short prefix",
        "open bracket", "open quote", "unknown field", "nothing behind AND",
        "as others write it", "NEAR without a distance",
        "a regular expression that is none"])
def test_bad_query(query, hint):
    """a query in error exits 2, prints no result and says what would be
    right"""
    done = headlinectl("match", "--json", "--query", query, TEXT)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr != ""
    assert hint in done.stderr


def test_people():
    """without --json the hit is shown in its sentence"""
    done = headlinectl("match", "--query", "ceasefire", TEXT)
    assert done.returncode == 0
    assert "ceasefire" in done.stdout
    assert "He wants" in done.stdout
    assert "\x1b" not in done.stdout, "no colour without a terminal"


def test_topics():
    """-c: the configured topics, by name and severity"""
    config = os.path.join(EXAMPLES, "quickstart.yaml")
    done = headlinectl("match", "--json", "-c", config,
                       os.path.join(EXAMPLES, "sample-feed.xml"))
    assert done.returncode == 0, done.stderr
    found = {a["title"]: [(t["topic"], t["severity"]) for t in a["topics"]]
             for a in json.loads(done.stdout)}
    assert list(found.values()) == [
        [("ukraine-peacekeepers", "warning")], [("sanctions", "notice")],
        [("minerals", "notice")], [("g7-summits", "notice")],
        [("general-assembly-votes", "notice")], []], found


def test_no_file():
    """a file that is not there: exit 1 and its name"""
    done = headlinectl("match", "--query", "peace", "/no/such/article")
    assert done.returncode == 1
    assert "/no/such/article" in done.stderr


@pytest.mark.short
def test_explain():
    """--explain shows the query as a tree: what held, where, and what did
    not; in colour on a terminal alone"""
    query = "(peacekeep* NEAR/5 kyiv AND NOT harvest) OR title:wheat"
    text = "The border talks\nPeacekeepers may go to Kyiv.\n"
    done = headlinectl("match", "--explain", "--query", query, "-",
                       stdin=text)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines()
            if line.lstrip()[:2] in ("+ ", "- ")] == [
        "    + OR",
        "      + AND",
        "        + NEAR/5  content 0, content 23",
        "          + peacekeep*",
        "          + kyiv",
        "        + NOT",
        "          - harvest",
        "      - title:wheat"]
    assert "content 23   Peacekeepers may go to [Kyiv]." in done.stdout
    assert "\033" not in done.stdout
    article, = json.loads(headlinectl("match", "--explain", "--json",
                                      "--query", query, "-",
                                      stdin=text).stdout)
    explained, = article["held"]
    assert article["missed"] == []
    assert [(n["depth"], n["text"], n["held"])
            for n in explained["explain"]][-3:] == [
        (2, "NOT", True), (3, "harvest", False), (1, "title:wheat", False)]
    assert explained["explain"][4]["text"] == "kyiv"
    where, = explained["explain"][4]["hits"]
    assert (where["field"], where["offset"], where["text"]) == (
        "content", 23, "Kyiv")


SAMPLES = """\
feeds: https://a.example/x
topics:
  peace:
    match: |
      peacekeep* AND
      ukraine
    samples:
      match: ["Peacekeepers for Ukraine, says Macron", "Troops for Kyiv"]
      not: ["UN peacekeepers leave Mali", "Ukraine: peacekeepers"]
  border: {match: border, samples: {match: border}}
"""


@pytest.mark.short
def test_samples(tmp_path):
    """topic test and --check try each topic's samples, and tell those that
    come out otherwise at their places; a start does not mind them"""
    path = tmp_path / "h.yaml"
    path.write_text(SAMPLES)
    done = headlinectl("topic", "test", "-c", str(path))
    assert done.returncode == 1
    assert done.stdout == "2 of 5 samples of 2 topics came out otherwise\n"
    told = [line for line in done.stderr.splitlines()
            if line.startswith(str(path))]
    assert [line.split(": ", 2)[:2] for line in told] == [
        [f"{path}:8:56", "topics.peace.samples.match"],
        [f"{path}:9:43", "topics.peace.samples.not"]]
    assert "by Ukraine, peacekeepers" in told[1]
    assert headlined("--check", "-c", str(path)).returncode == 2
    path.write_text(SAMPLES.replace(', "Troops for Kyiv"', "")
                    .replace(', "Ukraine: peacekeepers"', ""))
    done = headlinectl("topic", "test", "-c", str(path))
    assert (done.returncode, done.stderr, done.stdout) == (
        0, "", "3 samples of 2 topics: all as they should be\n")
    assert headlined("--check", "-c", str(path)).returncode == 0
    path.write_text(SAMPLES.replace("peacekeep* AND", "peacekeep*"))
    done = headlinectl("topic", "test", "-c", str(path))
    assert (done.returncode, done.stdout) == (2, "")
