# SPDX-License-Identifier: ISC
"""headlinectl parse: a feed document as JSON Feed 1.1."""
import json
import os

import pytest

from harness import DATA, headlinectl, rss, rss_item


def parse(name, *options, text=None):
    path = "-" if text is not None else os.path.join(DATA, name)
    done = headlinectl("parse", *options, path, stdin=text)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_json_feed(feed):
    """The members that JSON Feed 1.1 demands."""
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    for item in feed["items"]:
        assert isinstance(item["id"], str) and item["id"]
        assert "content_text" in item or "content_html" in item


@pytest.mark.short
def test_rss20():
    """RSS 2.0: every field stands where JSON Feed has it"""
    feed = parse("rss20.xml", "--url", "https://news.example.com/rss")
    assert_json_feed(feed)
    assert feed["_headlined"]["format"] == "rss20"
    assert feed["title"] == "Example News & Views"
    assert feed["home_page_url"] == "https://news.example.com/"
    assert feed["language"] == "en-gb"
    assert feed["_headlined"]["ttl_minutes"] == 30
    assert feed["_headlined"]["generator"] == "a pencil"
    one, two = feed["items"]
    assert one["id"] == "urn:example:1"
    assert one["url"] == "https://news.example.com/2026/peacekeepers?a=1&b=2"
    assert one["title"] == "Peacekeepers for Ukraine, says Macron"
    assert one["date_published"] == "2026-11-23T09:00:00Z"
    assert one["authors"][0]["name"] == "A. Writer"
    assert one["tags"] == ["World", "Europe"]
    assert one["content_html"] == "<p>The whole <i>text</i> of it.</p>"
    assert one["summary"] == "A short summary."
    assert one["attachments"] == [{"url": "https://news.example.com/1.mp3",
                                   "mime_type": "audio/mpeg",
                                   "size_in_bytes": 1234}]
    assert two["title"].replace("\u00a0", " ") == \
        "Bare & ampersand in AT&T news"
    assert two["url"] == "https://news.example.com/2026/second"
    assert feed["_headlined"]["warnings"], "what was mended is said"


def test_rss10():
    """RSS 1.0 (RDF): item outside the channel, dc:date, rdf:about"""
    feed = parse("rss10.xml")
    assert_json_feed(feed)
    assert feed["_headlined"]["format"] == "rss10"
    assert feed["title"] == "RDF Gazette"
    item, = feed["items"]
    assert item["title"] == "Café summit ends"
    assert item["url"] == "https://rdf.example.org/a"
    assert item["date_published"] == "2026-11-23T09:30:00Z"
    assert item["authors"][0]["name"] == "R. Reporter"


def test_atom10():
    """Atom 1.0: xml:base, xhtml content, HTML in a title"""
    feed = parse("atom10.xml")
    assert_json_feed(feed)
    assert feed["_headlined"]["format"] == "atom10"
    assert feed["_headlined"]["id"] == "urn:example:atom"
    assert feed["_headlined"]["updated"] == "2026-11-23T10:00:00Z"
    assert feed["title"] == "Atom Courier"
    assert feed["feed_url"] == "https://atom.example.org/news/feed.atom"
    assert feed["home_page_url"] == "https://atom.example.org/news/"
    item, = feed["items"]
    assert item["url"] == "https://atom.example.org/news/embargo.html"
    assert item["date_published"] == "2026-11-23T06:00:00Z"
    assert item["date_modified"] == "2026-11-23T09:00:00Z"
    assert item["summary"] == "In short."
    assert "<b>length</b>" in item["content_html"]
    assert "<div" not in item["content_html"], "the div is not part of it"


def test_json_feed():
    """JSON Feed 1.1: what goes in comes out again"""
    feed = parse("feed11.json")
    extension = feed.pop("_headlined")
    with open(os.path.join(DATA, "feed11.json"), encoding="utf-8") as given:
        assert feed == json.load(given)
    assert extension["format"] == "json"
    assert extension["encoding"] == "utf-8"
    assert extension["warnings"] == []


def test_json_feed_twice():
    """what parse prints is a JSON Feed that parse reads to the same"""
    for name in "rss20.xml", "rss10.xml", "atom10.xml", "feed11.json":
        once = headlinectl("parse", os.path.join(DATA, name)).stdout
        first, again = json.loads(once), parse("-", text=once)
        for part in [first, again] + first["items"] + again["items"]:
            part.pop("_headlined", None)
        assert again == first, name


def test_json_feed_10():
    """JSON Feed 1.0: one author, an id that is a number, relative links,
    items before the rest, a bare tab and half a surrogate pair"""
    feed = parse("-", "--url", "https://json.example.org/a/feed.json", text=(
        '{"items": [{"id": 17, "external_url": "b.html", '
        '"author": {"name": "Jo"}, "title": "a\tb \\ud83d", '
        '"content_text": "x", '
        '"date_published": "2026-11-23T10:00:00+01:00", '
        '"_extension": {"id": "no", "items": [{}]}}], '
        '"author": {"name": "Al"}, "title": "T", '
        '"version": "https://jsonfeed.org/version/1"} and junk'))
    assert_json_feed(feed)
    assert feed["title"] == "T"
    assert feed["authors"] == [{"name": "Al"}]
    assert feed["items"] == [{
        "id": "17", "url": "https://json.example.org/a/b.html",
        "title": "a b \ufffd", "content_text": "x",
        "date_published": "2026-11-23T09:00:00Z",
        "authors": [{"name": "Jo"}]}]
    assert sorted(feed["_headlined"]["warnings"]) == \
        ["bad_reference", "control_character"]


def test_json_of_others():
    """JSON that is no feed is named"""
    for text, what in (("[1, 2]", "a JSON array"),
                       ('{"a": 1}', "a JSON document without items"),
                       ('{"error": "no"}', "an error message in JSON")):
        done = headlinectl("parse", "-", stdin=text)
        assert done.returncode == 1
        assert done.stdout == ""
        assert f"{what}, not a feed" in done.stderr


@pytest.mark.short
def test_html():
    """an HTML page is no feed: exit 1, a message, nothing printed"""
    done = headlinectl("parse", os.path.join(DATA, "page.html"))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "HTML" in done.stderr


@pytest.mark.parametrize("text", ["", "   \n", "no feed at all\n", "{]",
                                  "<?xml version='1.0'?><note>x</note>",
                                  "\x00\x01\x02"],
                         ids=["empty", "blank", "text", "broken JSON",
                              "other XML", "bytes"])
def test_not_a_feed(text):
    """what is no feed exits 1 with a message and prints nothing"""
    done = headlinectl("parse", "-", stdin=text)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("headlinectl: ")


def test_truncated():
    """a truncated feed gives the items before the cut, with a warning"""
    whole = rss(rss_item("a", "First"), rss_item("b", "Second"))
    feed = parse("-", text=whole[:whole.index("Second")])
    assert [i["title"] for i in feed["items"]] == ["First"]
    assert "truncated" in " ".join(feed["_headlined"]["warnings"])


def test_no_file():
    """a file that is not there: exit 1 and its name"""
    done = headlinectl("parse", "/no/such/feed.xml")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "/no/such/feed.xml" in done.stderr


def test_header():
    """--header gives the response header that came with the document"""
    latin = "<rss version='2.0'><channel><title>caf\u00e9</title>" \
            "</channel></rss>"
    feed = parse("-", "--header", "Content-Type: text/xml; charset=utf-8",
                 text=latin)
    assert feed["title"] == "café"
    assert feed["_headlined"]["encoding"].lower() == "utf-8"
    assert feed["items"] == []


def test_entities():
    """entities of a document's own are neither read from files nor
    expanded"""
    text = ('<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a SYSTEM '
            '"file:///etc/passwd"><!ENTITY b "bbbbbbbbbb">'
            '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
            + rss(rss_item("x", "T")).split("?>", 1)[1]
            .replace("<title>T", "<title>T &a;&c;"))
    done = headlinectl("parse", "-", stdin=text)
    assert "root:" not in done.stdout
    assert "bbbbbbbbbb" not in done.stdout


def test_headers():
    """what the response's headers say of language and place"""
    text = ('<rss version="2.0"><channel><item><link>a</link><description>'
            '&lt;a href="b">c&lt;/a></description></item></channel></rss>')
    feed = parse("-", "--url", "https://news.example.com/x/feed",
                 "--header", "Content-Language: de",
                 "--header", "Content-Location: /y/", text=text)
    assert feed["language"] == "de"
    item = feed["items"][0]
    assert item["url"] == "https://news.example.com/y/a"
    assert item["content_html"] == \
        '<a href="https://news.example.com/y/b">c</a>'
    assert item["_headlined"]["content_is_summary"] is True
    assert "summary" not in item


def test_date_in_future():
    """a date far ahead becomes now, and the item says so"""
    text = rss("<item><title>A</title>"
               "<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate></item>")
    feed = parse("-", text=text)
    item = feed["items"][0]
    assert "2020" < item["date_published"] < "2100"
    assert item["_headlined"]["date_in_future"] is True
    assert "future_date" in feed["_headlined"]["warnings"]
