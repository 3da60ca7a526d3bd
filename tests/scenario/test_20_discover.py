# SPDX-License-Identifier: ISC
"""Pages in a feed's place: which feeds they announce, what they are."""
import json

import pytest

from feed_server import Answer, FeedServer
from harness import RSS_TAIL, headlinectl, rss, rss_item, wait_until

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = """<!DOCTYPE html>
<html lang=en><head><title>Example News</title>
<link rel="alternate" type="application/rss+xml" title="Comments on all"
 href="/comments/feed">
<link rel='alternate' type='application/rss+xml' title='Example &amp; News'
 href='/news/rss.xml'>
<LINK REL=alternate TYPE=application/atom+xml HREF=atom.xml?a=1&amp;b=2>
</head><body><p>Peace</p><a href="/other/feed">x</a></body></html>
"""
WALL = """<!DOCTYPE html><html><head><title>Just a moment...</title></head>
<body><noscript>Enable JavaScript and cookies to continue</noscript>
<script>(function(){window._cf_chl_opt={cvId:'3'};}());</script></body></html>
"""


def discover(*args, **how):
    """Address and title of each feed, in order, and whether it is a guess."""
    done = headlinectl("discover", "--json", *args, **how)
    assert done.returncode == 0, done.stderr
    return [(f["url"], f["title"], f["guess"])
            for f in json.loads(done.stdout)]


def assert_none(*args, says, **how):
    """Exit status 1, a message with these words, nothing printed."""
    done = headlinectl("discover", *args, **how)
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr


@pytest.mark.short
def test_page(feeds):
    """a URL: its feeds in the page's order, those of comments last"""
    page = feeds.set("/a/page", Answer(PAGE, headers=HTML))
    assert discover(page) == [
        (feeds.url("/news/rss.xml"), "Example & News", False),
        (feeds.url("/a/atom.xml?a=1&b=2"), "", False),
        (feeds.url("/comments/feed"), "Comments on all", False)]
    request, = feeds.requests_of("/a/page")
    assert request.headers["user-agent"].startswith("headlined/")
    assert "text/html" in request.headers["accept"]


def test_table(feeds):
    """for people: a line each, with address, type and title"""
    page = feeds.set("/page", Answer(PAGE, headers=HTML))
    done = headlinectl("discover", page)
    assert done.returncode == 0
    assert [line.split(maxsplit=2) for line in done.stdout.splitlines()] == [
        [feeds.url("/news/rss.xml"), "application/rss+xml", "Example & News"],
        [feeds.url("/atom.xml?a=1&b=2"), "application/atom+xml"],
        [feeds.url("/comments/feed"), "application/rss+xml",
         "Comments on all"]]


def test_file(tmp_path):
    """a file, whose base is told or not, and standard input"""
    path = tmp_path / "page.html"
    path.write_text(PAGE)
    urls = [url for url, _, _ in discover("--url", "https://e.example/x/y",
                                          path)]
    assert urls == ["https://e.example/news/rss.xml",
                    "https://e.example/x/atom.xml?a=1&b=2",
                    "https://e.example/comments/feed"]
    urls = [url for url, _, _ in discover("-", stdin=PAGE)]
    assert urls == ["/news/rss.xml", "atom.xml?a=1&b=2", "/comments/feed"]


def test_guess():
    """nothing is announced: links that look like feeds, marked"""
    page = "<html><body><a href='/rss.xml'>RSS</a><a href='/x'>x</a>"
    assert discover("--url", "https://e.example/", "-", stdin=page) == [
        ("https://e.example/rss.xml", "", True)]
    done = headlinectl("discover", "-", stdin=page)
    assert done.stdout.split() == ["/rss.xml", "(a", "guess)"]
    assert "announces no feed" in done.stderr


@pytest.mark.parametrize("content_type", ["text/html", "text/plain"])
def test_feed_itself(feeds, content_type):
    """the URL is a feed, whatever its server says"""
    url = feeds.set("/rss", Answer(rss(rss_item("a", "Peace")), headers={
        "Content-Type": content_type}))
    assert discover(url) == [(url, "Example News", False)]
    done = headlinectl("discover", url)
    assert done.returncode == 0
    assert f"{url} is itself a feed: rss20, Example News" in done.stderr
    assert done.stdout.split()[0] == url


@pytest.mark.parametrize("name", ["-", "file"])
def test_feed_without_address(tmp_path, name):
    """a feed from a file is told without an address, unless it says its own
    or --url does"""
    text = rss(rss_item("a", "Peace"))
    path = tmp_path / "feed.rss"
    path.write_text(text)
    how = {"stdin": text} if name == "-" else {}
    arg, called = ("-", "standard input") if name == "-" else (path, path)
    done = headlinectl("discover", "--json", arg, **how)
    assert done.returncode == 0
    assert f"headlinectl: {called} is itself a feed" in done.stderr
    assert json.loads(done.stdout) == [{
        "type": "application/rss+xml", "title": "Example News",
        "guess": False, "format": "rss20"}]
    done = headlinectl("discover", arg, **how)
    assert done.stdout.split() == ["(no", "address)", "application/rss+xml",
                                   "Example", "News"]
    assert discover("--url", "https://e.example/f", arg, **how) == [
        ("https://e.example/f", "Example News", False)]


@pytest.mark.parametrize("arg, hint", [
    ("news.example.com", True), ("ftp://news.example.com/", True),
    ("localhost:8080", True), ("nowhere", False), ("a b.c", False),
])
def test_meant_as_url(tmp_path, arg, hint):
    """an address without http:// is told to need one"""
    done = headlinectl("discover", arg, cwd=tmp_path)
    assert done.returncode == 1
    assert f"{arg}: No such file or directory" in done.stderr
    assert ("a URL begins with http:// or https://" in done.stderr) == hint


def test_nothing(feeds, tmp_path):
    """no feed: what it is instead, exit status 1"""
    assert_none("-", stdin="<html><title>x</title>", says="announces no feed")
    assert_none("-", stdin=WALL, says="a bot wall (Cloudflare challenge)")
    assert_none("-", stdin="", says="an empty document")
    assert_none("-", stdin="%PDF-1.7 ...", says="a PDF file")
    assert_none("-", stdin="<opml version='2.0'><body/></opml>",
                says="OPML list of feeds, not a feed (it goes into the "
                     "configuration")
    assert_none(tmp_path / "none.html", says="No such file")
    assert_none(feeds.url("/none"), says="answered 404")


def test_usage():
    """wrong usage: exit status 2"""
    for args in [[], ["a", "b"], ["--no"],
                 ["--url", "https://a.example/", "https://b.example/"]]:
        done = headlinectl("discover", *args)
        assert done.returncode == 2
        assert "usage: headlinectl discover" in done.stderr


def test_redirect(feeds):
    """redirects are followed, the last page is the base; another private
    address is not asked"""
    feeds.set("/to/page", Answer(PAGE, headers=HTML))
    start = feeds.set("/start", Answer("", 301, {"Location": "/to/page"}))
    assert discover(start)[1][0] == feeds.url("/to/atom.xml?a=1&b=2")
    other = FeedServer()
    try:
        secret = other.set("/", Answer(PAGE, headers=HTML))
        away = feeds.set("/away", Answer("", 302, {"Location": secret}))
        assert_none(away, says="127.0.0.1")
        assert other.requests == []
    finally:
        other.close()


def test_long_page(feeds):
    """of a very long page the first 2 MiB are read, no more asked for"""
    gate = feeds.gate()
    page = feeds.set("/long", Answer(
        [PAGE] + ["<p>x</p>" * (128 << 10)] * 3 + [gate, "late"],
        headers=HTML))
    assert len(discover(page)) == 3
    assert not gate.opened.is_set()


# In a feed's place, polled by the daemon

def trouble_of(daemon, feeds, answer):
    """What status says of a feed that answers so, and the daemon."""
    url = feeds.set("/feed", answer)
    one = daemon({"feeds": [url]})
    return wait_until(lambda: one.trouble(url), "the feed, reported"), one


@pytest.mark.short
@pytest.mark.parametrize("content_type", ["text/html",
                                          "application/rss+xml"])
def test_daemon_page(daemon, feeds, content_type):
    """the message names what the page announces, whatever its type is said
    to be"""
    trouble, one = trouble_of(daemon, feeds, Answer(PAGE, headers={
        "Content-Type": content_type}))
    assert trouble["word"] == "html"
    assert trouble["message"] == (
        "an HTML page, not a feed; it announces "
        f"{feeds.url('/news/rss.xml')} (Example & News), "
        f"{feeds.url('/atom.xml?a=1&b=2')}, "
        f"{feeds.url('/comments/feed')} (Comments on all)")
    assert "Example & News" in one.log()


def test_daemon_page_that_never_ends(daemon, feeds):
    """the page's end is not waited for: its head says enough"""
    gate = feeds.gate()
    head, body = PAGE.split("<body>")
    trouble, _ = trouble_of(daemon, feeds, Answer(
        [head, "<body>" + "<p>Peace</p>" * 1000, gate, body], headers=HTML))
    assert trouble["word"] == "html"
    assert "/news/rss.xml" in trouble["message"]
    assert not gate.opened.is_set()


@pytest.mark.parametrize("body, word, message", [
    (WALL, "bot_wall", "a bot wall (Cloudflare challenge), not a feed"),
    ("", "empty", "an empty document, not a feed"),
    (" \r\n", "empty", "an empty document, not a feed"),
    ("no news today", "not_a_feed",
     "text without an XML element, not a feed"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_feed",
     "a PNG picture, not a feed"),
])
def test_daemon_strangers(daemon, feeds, body, word, message):
    """what is no feed is named"""
    trouble, _ = trouble_of(daemon, feeds, Answer(body))
    assert (trouble["word"], trouble["message"]) == (word, message)


def test_daemon_feed_as_html(daemon, feeds, receiver):
    """a feed that is said to be HTML is read as what it is"""
    doc = rss(rss_item("a", "Peace"))
    assert doc.endswith(RSS_TAIL)
    url = feeds.set("/feed", Answer(doc, headers=HTML))
    daemon({"feeds": [url],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(receiver.messages, "the alert")
