# SPDX-License-Identifier: ISC
"""`text: page`: what the page behind a link adds to an item, and what becomes
of pages that hold no article."""
import gzip
import time

import pytest

from feed_server import Answer, FeedServer
from harness import SANITIZED, rss, stays_true, wait_until
from pages import (FILLER, HTML, came_to, config, counts, html, item,
                   of_pages, page, raised, said_of_pages, story,
                   wait_for_end)
from test_21_identity import rows
from test_23_hostile import MIB, peak_kib

WORD = "They agreed that peacekeepers will stand at the border."
# From a page's last byte to its alert.
SOON_S = 10 if SANITIZED else 1
ZEROS = 200 * MIB


@pytest.mark.short
def test_on_the_page_alone(daemon, feeds, receiver):
    """a word that stands only on the page alerts within a second of it; what
    the summary says has alerted before, and not once more"""
    whole = story("The summit ended late.", WORD)
    gate = feeds.gate()
    link = feeds.set("/a", Answer([whole[:200], gate, whole[200:]],
                                  headers=HTML))
    url = feeds.set("/rss", rss(item("a", link)))
    one = daemon(config(receiver, url))
    wait_until(gate.reached.is_set, "the page's beginning")
    wait_until(receiver.messages, "the summary's alert")
    assert raised(receiver) == [("summit", "feed", link)]
    assert counts(one, url)["waiting"] == 1
    opened = time.monotonic()
    gate.open()
    wait_until(lambda: len(receiver.messages()) == 2, "the page's alert")
    assert receiver.messages()[1].arrived - opened < SOON_S
    assert wait_for_end(one, url, 1) == {"read": 1}
    assert raised(receiver)[1:] == [("peacekeepers", "page", link)]
    [match] = receiver.alerts()[1]["data"]["matches"]
    assert match["text"] == "peacekeepers"
    assert "will stand at the border" in match["context"]
    assert len(feeds.requests_of("/a")) == 1


def test_both_texts(daemon, feeds, receiver):
    """a query may hold over summary and page together; a page's date and
    authors stand where the feed has none"""
    head = ('<meta property="article:published_time" content="2024-05-06T10:'
            '00:00Z"><meta name="author" content="Anna Berg">')
    link = feeds.set("/a", Answer(html(*FILLER, WORD, head=head),
                                  headers=HTML))
    url = feeds.set("/rss", rss(item("a", link)))
    whole = config(receiver, url, topics=[])
    whole["topics"] = {
        "both": {"match": "summit AND peacekeepers", "notify": "desk"},
        "not": {"match": "delegates NOT summit", "notify": "desk"}}
    one = daemon(whole)
    assert wait_for_end(one, url, 1) == {"read": 1}
    assert raised(receiver) == [("both", "page", link)]
    told = receiver.alerts()[0]["data"]["item"]
    assert told["summary"].startswith("A summit has begun.")
    assert told["published"] == "2024-05-06T10:00:00Z"
    assert told["authors"] == ["Anna Berg"]


def test_who_asks(daemon, feeds, receiver):
    """a page is asked for as a feed is, but without the feed's headers"""
    link = feeds.set("/a", page(WORD))
    url = feeds.set("/rss", rss(item("a", link)))
    whole = config(receiver, url, user_agent_url="https://example.org/bot")
    whole["feeds"][0]["headers"] = {"X-Token": "abc"}
    one = daemon(whole)
    wait_for_end(one, url, 1)
    for path in "/robots.txt", "/a":
        [request] = feeds.requests_of(path)
        assert request.headers["user-agent"].startswith("headlined/"), path
        assert request.headers["user-agent"].endswith(
            "(+https://example.org/bot)"), path
        assert "x-token" not in request.headers, path
    assert feeds.requests_of("/rss")[0].headers["x-token"] == "abc"


def test_for_all(daemon, feeds, receiver):
    """text: page in poll is that of each feed that does not say"""
    links = [feeds.set(f"/{n}", page(WORD)) for n in "ab"]
    urls = [feeds.set(f"/rss-{n}", rss(item(n, link)))
            for n, link in zip("ab", links)]
    whole = config(receiver, text="page", topics=["peacekeepers"])
    whole["feeds"] = [urls[0], {"url": urls[1], "text": "feed"}]
    one = daemon(whole)
    assert wait_for_end(one, urls[0], 1) == {"read": 1}
    wait_until(lambda: one.status()["feeds"]["waiting"] == 0, "both polls")
    assert counts(one, urls[1]) is None
    assert [u for _, _, u in raised(receiver)] == [links[0]]
    assert feeds.requests_of("/b") == []


def test_one_link_in_two_feeds(daemon, feeds, receiver):
    """two feeds whose items lead to one page: it is asked for once, and read
    for both when it comes"""
    whole, gate = story(WORD), feeds.gate()
    link = feeds.set("/a", Answer([whole[:200], gate, whole[200:]],
                                  headers=HTML))
    urls = [feeds.set("/rss-1", rss(item("one", link))),
            feeds.set("/rss-2", rss(item("two", link + "#top",
                                         title="Others meet")))]
    one = daemon(config(receiver, *urls, topics=["peacekeepers"]))
    wait_until(lambda: all((counts(one, u) or {}).get("waiting")
                           for u in urls), "both items to wait")
    wait_until(gate.reached.is_set, "the page's beginning")
    opened = time.monotonic()
    gate.open()
    for url in urls:
        assert wait_for_end(one, url, 1) == {"read": 1}
    assert {a["data"]["feed"]["url"] for a in of_pages(receiver)} == set(urls)
    first, second = receiver.messages()
    # Who does not ask looks every second or so.
    assert second.arrived - opened < SOON_S + 10
    assert len(feeds.requests_of("/a")) == 1


def test_what_is_not_asked_for(daemon, feeds, receiver):
    """an item that came with its full text, one that was edited, and one
    without a link: no page is asked for"""
    links = {n: feeds.set(f"/{n}", page(WORD)) for n in ("full", "a", "b")}
    items = [item("full", links["full"], text=" ".join(5 * FILLER)),
             item("a", links["a"]), item("none", "")]
    url = feeds.set("/rss", rss(*items))
    whole = config(receiver, url, topics=["peacekeepers"])
    whole["feeds"][0]["every"] = "1s"
    one = daemon(whole)
    assert wait_for_end(one, url, 1) == {"read": 1}
    items[1] = item("a", links["a"], text="A summit has begun, edited.")
    feeds.set("/rss", rss(item("b", links["b"], title="Later"), *items))
    assert wait_for_end(one, url, 2) == {"read": 2}
    assert [len(feeds.requests_of(f"/{n}")) for n in links] == [0, 1, 1]
    assert [u for _, _, u in raised(receiver)] == [links["a"], links["b"]]


def test_first_poll(daemon, feeds, receiver):
    """items that poll.first passes over lead to no page"""
    old = item("old", feeds.set("/old", page(WORD)))
    url = feeds.set("/rss", rss(old))
    whole = config(receiver, url, topics=["peacekeepers"], first="none")
    whole["feeds"][0]["every"] = "1s"
    one = daemon(whole)
    wait_until(lambda: rows(one)[url]["state"] == "ok", "the first poll")
    link = feeds.set("/new", page(WORD))
    feeds.set("/rss", rss(item("new", link), old))
    assert wait_for_end(one, url, 1) == {"read": 1}
    assert raised(receiver) == [("peacekeepers", "page", link)]
    assert feeds.requests_of("/old") == []


def test_private_addresses(daemon, feeds, other_feeds, receiver):
    """no link and no redirect leads to an address that is not public, unless
    at the feed's own host and port: nobody there is asked anything"""
    elsewhere = FeedServer("127.0.0.2")
    at = {"another address": elsewhere.set("/x", page(WORD)),
          "another port": other_feeds.set("/x", page(WORD)),
          "by name": f"http://localhost:{other_feeds.port}/x",
          "in other words": f"http://0x7f000002:{elsewhere.port}/y",
          "mapped": f"http://[::ffff:127.0.0.2]:{elsewhere.port}/x",
          "a network's": "http://10.255.255.1/x"}
    links = list(at.values())
    links += [feeds.set(f"/go-{n}", Answer("", 302, {"Location": to}))
              for n, to in enumerate(at.values())]
    own = feeds.set("/own", page(WORD))
    url = feeds.set("/rss", rss(*[item(f"i{n}", link) for n, link in
                                  enumerate([*links, own])]))
    one = daemon(config(receiver, url, topics=["peacekeepers"]))
    said = wait_for_end(one, url, len(links) + 1)
    assert said == {"read": 1, "private": len(links)}
    assert elsewhere.requests == other_feeds.requests == []
    assert "12 that lead to a private address" in said_of_pages(one)
    elsewhere.close()


def test_robots_at_a_private_address(daemon, feeds, other_feeds, receiver):
    """a robots.txt that leads there is one that cannot be read: nobody there
    is asked, nor is the page"""
    feeds.set("/robots.txt", Answer("", 302, {
        "Location": other_feeds.set("/robots.txt", "User-agent: *\n")}))
    link = feeds.set("/a", page(WORD))
    url = feeds.set("/rss", rss(item("a", link)))
    one = daemon(config(receiver, url), start=False)
    one.env = {"HEADLINED_TIME_SCALE": "3600"}
    one.start()
    assert wait_for_end(one, url, 1) == {"failed": 1}
    assert other_feeds.requests == feeds.requests_of("/a") == []
    assert raised(receiver) == [("summit", "feed", link)]


def paid_page():
    return html(FILLER[0], "Subscribe to continue reading.", head=(
        '<script type="application/ld+json">{"@context": "https://schema.org"'
        ', "@type": "NewsArticle", "isAccessibleForFree": false, "headline": '
        '"Leaders meet"}</script>'))


PDF = "%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\npeacekeepers\nendobj\n"
# What stands behind links, and the word for it. In each is the topic's word.
NO_ARTICLES = {
    "consent": Answer(html(
        "We value your privacy. We and our partners store peacekeepers on "
        "your device.", title="Before you continue to Example"),
        headers=HTML),
    "paywall": Answer(paid_page() + "<!-- peacekeepers -->", headers=HTML),
    "bot_wall": Answer(html("Checking for peacekeepers.",
                            title="Just a moment..."), headers=HTML),
    "refused": Answer(story(WORD), 403, headers=HTML),
    "gone": Answer(story(WORD), 410, headers=HTML),
    "not_html": Answer(PDF, headers={"Content-Type": "application/pdf"}),
    "short": Answer(html("Leaders meet. Among them: peacekeepers. It is "
                         "said that more is to follow in a moment."),
                    headers=HTML),
    "no_article": Answer("<html><body><nav><a href='/'>peacekeepers</a>"
                         "</nav></body></html>", headers=HTML),
}
# A PDF that says to be a page, a wall that says what it is, one more refusal.
ALSO = {"not_html": Answer(PDF, headers=HTML),
        "bot_wall": Answer(story(WORD), 403, {"CF-Mitigated": "challenge"}),
        "refused": Answer(story(WORD), 451, headers=HTML)}


def test_no_article(daemon, feeds, receiver):
    """consent walls, paywalls, bot walls, refusals, PDFs, and pages with less
    text than the summary: the feed's text stands, and why is counted"""
    links = [feeds.set(f"/{word}", answer)
             for word, answer in NO_ARTICLES.items()]
    links += [feeds.set(f"/also-{word}", answer)
              for word, answer in ALSO.items()]
    url = feeds.set("/rss", rss(*[
        item(f"i{n}", link, text="A summit has begun. " + FILLER[0] * 2)
        for n, link in enumerate(links)]))
    one = daemon(config(receiver, url))
    assert wait_for_end(one, url, len(links)) == {
        word: 1 + (word in ALSO) for word in NO_ARTICLES}
    assert sorted(raised(receiver)) == sorted(
        ("summit", "feed", link) for link in links)
    for link in links:
        assert len(feeds.requests_of(link.removeprefix(feeds.url("")))) == 1
    line = said_of_pages(one)
    for words in ("1 behind a consent wall", "1 behind a paywall",
                  "2 behind a wall against programs",
                  "2 refused (401, 403 or 451)", "2 that are no HTML",
                  "1 with less text than the feed", "1 without an article"):
        assert words in line, line


RUSSIAN = [
    "Делегации одиннадцати стран прибыли в понедельник, после ночи, в "
    "которую был решён последний вопрос, вопрос о деньгах.",
    "Хозяева встречи надеялись на более длинный список, но несколько "
    "министров попросили больше времени, чтобы прочитать его.",
    "Стороны договорились о том, что на границе будут стоять миротворцы, "
    "сообщил представитель правительства вечером."]


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r"])
def test_charset_unsaid(daemon, feeds, receiver, charset):
    """a page whose charset nobody names is read in the one it is written in"""
    text = html(*RUSSIAN, title="Встреча в верхах")
    link = feeds.set("/a", Answer(text.encode(charset), headers={
        "Content-Type": "text/html"}))
    url = feeds.set("/rss", rss(item("a", link)))
    one = daemon(config(receiver, url, topics=["миротворцы"]))
    assert wait_for_end(one, url, 1) == {"read": 1}
    [alert] = of_pages(receiver)
    [match] = alert["data"]["matches"]
    assert "на границе будут стоять миротворцы" in match["context"]


def test_zeros(daemon, feeds, receiver):
    """200 MB of zeros behind a link, packed and not, end at the cap of a
    page in flat memory; what stood before them is read"""
    gate = feeds.gate()
    far = feeds.gate()
    far.open()
    plain = feeds.set("/plain", Answer(
        [gate, *[bytes(MIB)] * 40, far, *[bytes(MIB)] * 160], headers=HTML))
    packed = feeds.set("/packed", Answer(
        [gate, gzip.compress(bytes(ZEROS), 6)],
        headers={**HTML, "Content-Encoding": "gzip"}))
    behind = feeds.set("/behind", Answer(
        [gate, gzip.compress(story(WORD).encode() + bytes(ZEROS), 6)],
        headers={**HTML, "Content-Encoding": "gzip"}))
    url = feeds.set("/rss", rss(*[item(link[-5:], link) for link in
                                  (plain, packed, behind)]))
    one = daemon(config(receiver, url, topics=["peacekeepers"]))
    wait_until(lambda: len(feeds.requests) == 5, "the three requests")
    before = peak_kib(one.process)
    gate.open()
    said = wait_for_end(one, url, 3)
    assert said == {"read": 1, "no_article": 2}
    assert [u for _, _, u in raised(receiver)] == [behind]
    assert not far.reached.is_set(), "it was read to its end"
    for path in "/plain", "/packed", "/behind":
        assert len(feeds.requests_of(path)) == 1
    if not SANITIZED:
        # Three pages of 5 MiB at once, and one of them extracted.
        assert peak_kib(one.process) - before < 64 * 1024


def test_hanging(daemon, feeds, receiver):
    """pages that hang are given up, tried again ten minutes later, and no
    third time; other pages and the feed do not wait for them"""
    gate = feeds.gate()
    silent = feeds.set("/silent", lambda _: (gate.opened.wait(),
                                             page(WORD))[1])
    half = feeds.set("/half", Answer([story(WORD)[:300], gate],
                                     headers=HTML))
    well = feeds.set("/well", page(WORD))
    url = feeds.set("/rss", rss(item("silent", silent), item("half", half),
                                item("well", well)))
    whole = config(receiver, url, topics=["peacekeepers"], timeout="2s")
    one = daemon(whole, start=False)
    one.env = {"HEADLINED_TIME_SCALE": "600"}
    one.start()
    wait_until(receiver.messages, "the page that is well")
    assert len(feeds.requests_of("/silent")) == 1, "all waited for it"
    assert wait_for_end(one, url, 3) == {"read": 1, "failed": 2}
    assert [u for _, _, u in raised(receiver)] == [well]
    assert "2 that could not be had" in said_of_pages(one)
    polls = len(feeds.requests_of("/rss"))
    stays_true(lambda: len(feeds.requests_of("/silent")) == 2 and
               len(feeds.requests_of("/half")) == 2, "two tries",
               lambda: len(feeds.requests_of("/rss")) > polls)
    for path in "/silent", "/half":
        first, second = feeds.requests_of(path)
        # The timeout is real, the wait is the daemon's.
        assert second.arrived - first.arrived > 2 + 0.9, path
    assert came_to(one, url) == {"read": 1, "failed": 2}
