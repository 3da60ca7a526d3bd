# SPDX-License-Identifier: ISC
"""headlinectl article: the text of an article, out of its page."""
import json
import os
import shlex
import subprocess
import sys

import pytest

from feed_server import Answer
from harness import headlinectl

HTML = {"Content-Type": "text/html; charset=utf-8"}
ONE = ("The council met on Monday to talk about the harbour, which has been "
       "closed since the storm in March, and agreed on little.")
TWO = ("Members of both sides said that the money for a new wall, some four "
       "million, would have to come from somewhere else.")
PAGE = f"""<!DOCTYPE html>
<html lang="en-GB"><head><title>Harbour stays closed - Example News</title>
<meta property="og:site_name" content="Example News">
<link rel="canonical" href="/2026/harbour">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline":
 "Harbour stays closed", "datePublished": "2026-11-23T10:00:00Z",
 "author": [{{"@type": "Person", "name": "A. Writer"}}]}}</script></head>
<body><nav><a href="/">Home</a></nav>
<article><h1>Harbour stays closed</h1><p class="byline">By A. Writer</p>
<p>{ONE}</p><div class="related-articles"><p>{TWO}</p></div>
<p>{TWO}</p></article>
<footer>All rights reserved.</footer></body></html>
"""
TEXT = f"{ONE}\n\n{TWO}\n"
WALL = """<!DOCTYPE html><html><head><title>Just a moment...</title></head>
<body><script>(function(){window._cf_chl_opt={cvId:'3'};}());</script>
</body></html>
"""
CONSENT = """<!DOCTYPE html><html><head><title>Example News</title></head>
<body><h1>Before you continue to Example News</h1>
<p>We and our partners use cookies.</p><button>Agree</button></body></html>
"""


def assert_none(*args, says, **how):
    """Exit status 1, a message with these words, nothing printed."""
    done = headlinectl("article", *args, **how)
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr


@pytest.mark.short
def test_page(feeds):
    """a URL: the article's text alone, asked for as the daemon asks"""
    page = feeds.set("/a/page", Answer(PAGE, headers=HTML))
    done = headlinectl("article", page)
    assert (done.returncode, done.stdout, done.stderr) == (0, TEXT, "")
    request, = feeds.requests_of("/a/page")
    assert request.headers["user-agent"].startswith("headlined/")
    assert "text/html" in request.headers["accept"]


@pytest.mark.short
def test_file(tmp_path):
    """a file and standard input give the same"""
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    assert headlinectl("article", str(path)).stdout == TEXT
    assert headlinectl("article", "-", stdin=PAGE).stdout == TEXT


def test_json(tmp_path):
    """--json: what the page says, the text and how it was found"""
    path = tmp_path / "page.html"
    path.write_text(PAGE, encoding="utf-8")
    done = headlinectl("article", "--json", "--url",
                       "https://news.example.com/a?x=1", str(path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "title": "Harbour stays closed", "authors": ["A. Writer"],
        "published": "2026-11-23T10:00:00Z", "language": "en-GB",
        "canonical": "https://news.example.com/2026/harbour",
        "site": "Example News", "text": TEXT.rstrip("\n"),
        "found": "element", "barrier": "open", "cut": False}


def test_terminal(tmp_path):
    """what turns text around or steers a terminal is not printed; --json is
    valid and has the page's own words"""
    file = tmp_path / "page.html"
    bad = "&#x202e;\u2066\u200f\x1b[2J\x07\u009b2J\x7f\ufeff"
    file.write_text(PAGE.replace(ONE, bad + ONE + bad).replace(
        '"headline":\n "', '"headline":\n "\u202e'), encoding="utf-8")
    done = headlinectl("article", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert ONE in done.stdout and TWO in done.stdout
    assert all(c == "\n" or c.isprintable() for c in done.stdout), \
        ascii(done.stdout)
    said = json.loads(headlinectl("article", "--json", file).stdout)
    assert "\u202e" in said["text"]


def test_charset(feeds):
    """bytes in the header's charset, and in none that is said"""
    page = ("<p>Совет собрался в понедельник, чтобы обсудить гавань, "
            "которая закрыта с марта из-за шторма.</p>\n" * 3)
    said = feeds.set("/said", Answer(
        page.encode("koi8-r"),
        headers={"Content-Type": "text/html; charset=koi8-r"}))
    unsaid = feeds.set("/unsaid", Answer(
        page.encode("windows-1251"), headers={"Content-Type": "text/html"}))
    for url in (said, unsaid):
        assert headlinectl("article", url).stdout.startswith(
            "Совет собрался в понедельник"), url


def test_walls(feeds):
    """what stands in an article's place is named, and is no article"""
    assert_none(feeds.set("/wall", Answer(WALL, headers=HTML)),
                says="a bot wall (Cloudflare challenge)")
    assert_none(feeds.set("/consent", Answer(CONSENT, headers=HTML)),
                says="asks for consent")
    done = headlinectl("article", "--json", feeds.url("/wall"))
    assert done.returncode == 1
    said = json.loads(done.stdout)
    assert said["barrier"] == "bot wall" and said["text"] == ""
    assert said["wall"] == "Cloudflare challenge"
    paid = feeds.set("/paid", Answer(
        f"<p>{ONE}</p><p>Subscribe to continue reading.</p>", headers=HTML))
    done = headlinectl("article", paid)
    assert done.returncode == 0 and done.stdout.startswith(ONE)
    assert "behind a paywall" in done.stderr


def test_none(feeds, tmp_path):
    """what is no page, and what cannot be had"""
    assert_none(feeds.set("/empty", Answer("<p> </p>", headers=HTML)),
                says="no article in it")
    pdf = tmp_path / "x.html"
    pdf.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    assert_none(str(pdf), says="not a web page")
    assert_none(feeds.url("/absent"), says="404")
    assert_none(str(tmp_path / "absent"), says="No such file")
    assert_none("news.example.com/a", says="a URL begins with http://")


def test_other_text(tmp_path):
    """text that is no page is named"""
    path = tmp_path / "text"
    for text, says in (
            ('{"title": "Peace"}', "JSON, not a web page"),
            ('\n[{"title": "Peace"}]', "JSON, not a web page"),
            ('<?xml version="1.0"?>\n<!-- x -->\n<rss version="2.0">'
             "<channel/></rss>", "a feed (try headlinectl parse), not"),
            ('\ufeff<feed xmlns="http://www.w3.org/2005/Atom"/>',
             "a feed (try headlinectl parse), not")):
        path.write_text(text, encoding="utf-8")
        assert_none(str(path), says=says)


def test_large(tmp_path):
    """more than 5 MiB: its beginning, and a word of it"""
    path = tmp_path / "large.html"
    path.write_text(PAGE + "<!--" + "x" * (6 << 20), encoding="utf-8")
    done = headlinectl("article", str(path))
    assert done.returncode == 0 and done.stdout == TEXT
    assert "its beginning was read" in done.stderr
    done = headlinectl("article", "--json", str(path))
    assert json.loads(done.stdout)["cut"] is True


def test_usage():
    """wrong usage: exit status 2, how it is used"""
    for args, says in (((), "one URL or FILE"),
                       (("a", "b"), "one URL or FILE"),
                       (("--frob", "a"), "unknown option"),
                       (("--url", "http://a.example/", "http://b.example/"),
                        "--url is for files")):
        done = headlinectl("article", *args)
        assert done.returncode == 2, args
        assert says in done.stderr and "usage:" in done.stderr


def test_benchmark():
    """pages of others: as good as the best extractors"""
    suites = os.environ.get("HEADLINED_SUITES", "")
    folder = os.path.join(suites, "articles")
    scorer = os.path.join(suites, "..", "tools", "score_articles.py")
    if not suites or not os.path.isdir(folder) or not os.path.isfile(scorer):
        pytest.skip("no articles beside the tree (HEADLINED_SUITES)")
    program = shlex.quote(os.environ["HEADLINECTL"])
    done = subprocess.run(
        [sys.executable, scorer, "--suite", folder, "--min", "0.95",
         "--cmd", program + " article --url {url} {file}"],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "F1" in done.stdout
