# SPDX-License-Identifier: ISC
"""Which item is which: feeds whose ids cannot be believed; and what
`headlinectl feeds` says of them and of all others."""
import itertools
import json
import os
import pty
import re
import subprocess
from html import escape

import pytest

from feed_server import Answer
from harness import (HEADLINECTL, RSS_HEAD, RSS_TAIL, headlinectl, rss,
                     rss_item, wait_until)


def item(guid, link, title, text):
    """An <item> with a guid of its own."""
    return (f"<item><guid isPermaLink=\"false\">{guid}</guid>"
            f"<link>https://news.example.com/{link}</link>"
            f"<title>{title}</title><description>{text}</description>"
            "</item>\n")


def config(receiver, *urls):
    return {"feeds": [{"url": u, "every": "1s"} for u in urls],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def rows(one, *args):
    """The rows of `headlinectl feeds --json`, by URL."""
    done = headlinectl("feeds", *args, "--socket", one.socket, "--json")
    assert done.returncode == 0, done.stderr
    return {r["url"]: r for r in json.loads(done.stdout)}


def asked_again(feeds, path, times):
    """So many polls more have begun: all before the last are over."""
    before = len(feeds.requests_of(path))
    wait_until(lambda: len(feeds.requests_of(path)) > before + times,
               f"{times} polls more of {path}")


@pytest.mark.short
def test_changing_guids(daemon, feeds, receiver):
    """a feed that changes its guids on every fetch alerts once for each item,
    over many polls, an edit and a restart"""
    numbers = itertools.count()
    items = [["1", "Peace one", "a"], ["2", "Peace two", "b"],
             ["3", "War", "c"]]

    def answer(_):
        return Answer(RSS_HEAD + "".join(
            item(f"g{next(numbers)}", *i) for i in items) + RSS_TAIL)

    url = feeds.set("/rss", answer)
    one = daemon(config(receiver, url))
    wait_until(lambda: len(receiver.messages()) == 2, "both alerts")
    wait_until(lambda: one.events("feed_ids_change"), "the mark")
    wait_until(lambda: "ids_change" in rows(one)[url]["notes"], "its note")
    items[0][2] = "a, edited"
    items[2][2] = "peace after all"
    wait_until(lambda: len(receiver.messages()) == 3, "the third item")
    asked_again(feeds, "/rss", 2)
    one.stop()
    one.start()
    asked_again(feeds, "/rss", 2)
    done = headlinectl("feeds", "-c", one.config)
    assert "ids_change" in done.stdout, done.stdout
    items[1][2] = "b, edited"
    asked_again(feeds, "/rss", 2)
    items.insert(0, ["4", "Peace four", "d"])
    wait_until(lambda: len(receiver.messages()) >= 4, "a new item")
    asked_again(feeds, "/rss", 2)
    assert receiver.titles() == ["Peace one", "Peace two", "War",
                                 "Peace four"]
    assert not one.events("feed_ids_change"), "it is known by now"


LONG = ("<p>This is about peace, in so many words that nobody writes the "
        "same of another day.</p>")


def told_once(daemon, feeds, receiver, items_of, titles):
    """A daemon that asks /rss, whose items items_of(k) gives for the k-th
    request, tells each of the titles once, though it is asked again after
    the mark."""
    numbers = itertools.count()
    url = feeds.set("/rss", lambda _: Answer(rss(*items_of(next(numbers)))))
    one = daemon(config(receiver, url))
    wait_until(lambda: len(receiver.messages()) >= len(titles), "the alerts")
    wait_until(lambda: one.events("feed_ids_change"), "the mark")
    wait_until(lambda: "ids_change" in rows(one)[url]["notes"], "its note")
    asked_again(feeds, "/rss", 3)
    assert sorted(receiver.titles()) == sorted(titles)


TITLES = ["Peace one", "Peace two", "Peace three"]


def test_changing_guids_and_hidden_tokens(daemon, feeds, receiver):
    """guids that change, and a token in the markup of each text"""
    told_once(daemon, feeds, receiver, lambda k: [
        item(f"{k}-{n}", n, title, f"a &lt;img src='x?sig={k}'&gt; b")
        for n, title in enumerate(TITLES)], TITLES)


def test_changing_guids_and_texts(daemon, feeds, receiver):
    """guids that change, and a text that is another one each time"""
    told_once(daemon, feeds, receiver, lambda k: [
        item(f"{k}-{n}", n, title, f"{k} have read this")
        for n, title in enumerate(TITLES)], TITLES)


def test_changing_guids_and_links(daemon, feeds, receiver):
    """guids that change, and links that have a token"""
    told_once(daemon, feeds, receiver, lambda k: [
        item(f"{k}-{n}", f"{n}?utm={k}", title, escape(LONG))
        for n, title in enumerate(TITLES)], TITLES)


def test_changing_guids_of_many(daemon, feeds, receiver):
    """guids that change, of more items than few, half of them edited"""
    titles = [f"Peace {n}" for n in range(80)]
    told_once(daemon, feeds, receiver, lambda k: [
        item(f"{k}-{n}", n, title, k if n < 40 else "the same")
        for n, title in enumerate(titles)], titles)


def test_duplicate_guids(daemon, feeds, receiver):
    """items under one guid are told apart by link and title, whatever their
    order and wherever a new one comes"""
    items = [item("same", "1", "Peace one", "a"),
             item("same", "2", "Peace two", "b")]
    url = feeds.set("/rss", lambda _: Answer(rss(*items)))
    one = daemon(config(receiver, url))
    wait_until(lambda: len(receiver.messages()) == 2, "both alerts")
    wait_until(lambda: rows(one)[url]["duplicate_ids"] == 1, "their number")
    assert rows(one)[url]["notes"] == ["duplicate_ids"]
    items.reverse()
    asked_again(feeds, "/rss", 2)
    items.insert(0, item("same", "3", "Peace three", "c"))
    wait_until(lambda: len(receiver.messages()) >= 3, "the new one")
    asked_again(feeds, "/rss", 2)
    assert receiver.titles() == ["Peace one", "Peace two", "Peace three"]
    assert len({a["data"]["item"]["id"] for a in receiver.alerts()}) == 3
    items.clear()
    wait_until(lambda: rows(one)[url]["items"] == 0, "a feed of no items")
    assert rows(one)[url]["state"] == "ok"
    assert rows(one)[url]["new"] == 0
    assert rows(one)[url]["duplicate_ids"] == 0
    assert rows(one)[url]["notes"] == []


def test_no_guid_and_no_link(daemon, feeds, receiver, tmp_path):
    """an item that has neither is called in alerts as by `parse`, whatever
    nobody reads of it"""
    numbers = itertools.count()

    def document():
        token = escape(f"<p>Of <img src='x?sig={next(numbers)}'> it.</p>")
        return rss("<item><title>Peace</title>"
                   f"<description>{token}</description></item>")

    url = feeds.set("/rss", lambda _: Answer(document()))
    daemon(config(receiver, url))
    wait_until(receiver.messages, "the alert")
    asked_again(feeds, "/rss", 2)
    path = tmp_path / "one.xml"
    path.write_text(document(), encoding="utf-8")
    done = headlinectl("parse", path)
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)["items"][0]["id"]
    assert [a["data"]["item"]["id"] for a in receiver.alerts()] == [parsed]


def test_new_guid_of_a_story_that_stays(daemon, feeds, receiver):
    """where ids are kept, a new id with a known link and title is a new item
    when it says something new"""
    items = [item("mon", "b", "Peace briefing", "of Monday"),
             rss_item("x", "War")]
    url = feeds.set("/rss", lambda _: Answer(rss(*items)))
    daemon(config(receiver, url))
    wait_until(lambda: len(receiver.messages()) == 1, "the first briefing")
    items[0] = item("tue", "b", "Peace briefing", "of Tuesday")
    wait_until(lambda: len(receiver.messages()) >= 2, "the second")
    asked_again(feeds, "/rss", 2)
    assert [a["data"]["item"]["id"] for a in receiver.alerts()] == [
        "mon", "tue"]


def test_feeds(daemon, feeds, receiver):
    """feeds: a row for each feed, in the configuration's order; --failing
    leaves out those that are well; a table for people"""
    good = feeds.set("/good", rss(rss_item("a", "Peace"),
                                  rss_item("b", "War")))
    bad = feeds.url("/missing")
    gone = feeds.set("/gone", Answer("", status=410))
    one = daemon(config(receiver, good, bad, gone))
    wait_until(lambda: rows(one)[good]["state"] == "ok", "the good one")
    wait_until(lambda: rows(one)[bad]["state"] == "failing", "the bad one")
    wait_until(lambda: rows(one)[gone]["state"] == "gone", "the gone one")
    assert list(rows(one)) == [good, bad, gone]
    row = rows(one)[good]
    assert row["feed"] == "Example News"
    assert row["items"] == 2
    assert row["items_total"] == 2
    assert row["failures"] == 0
    assert row["word"] is None
    assert row["message"] is None
    assert row["notes"] == []
    assert 0 <= row["last_poll_ago_s"] <= 60
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    for key in ("last_poll", "last_success", "next"):
        assert stamp.fullmatch(row[key]), key
    row = rows(one)[bad]
    assert row["status"] == 404
    assert row["word"] == "http_404"
    assert row["message"]
    assert row["failures"] >= 1
    assert row["last_success"] is None
    assert rows(one)[gone]["next"] is None
    assert rows(one)[gone]["next_in_s"] is None

    assert set(rows(one, "--failing")) == {bad, gone}
    code, body = one.get("/feeds?failing=1")
    assert code == 200
    assert {r["url"] for r in json.loads(body)} == {bad, gone}
    assert one.get("/feeds?failing=perhaps")[0] == 400

    table = headlinectl("feeds", "-c", one.config).stdout
    head, *lines = table.splitlines()
    assert head.split() == ["STATE", "ASKED", "NEXT", "LISTED", "NEW", "ALL",
                            "FEED", "URL"]
    line = next(text for text in lines if good in text)
    assert line.index("Example News") == head.index("FEED")
    assert line.index(good) == head.index("URL")
    assert re.match(r"ok +\d+s ago ", line)
    assert re.search(r"^gone .* never ", table, re.M)
    assert "http_404" in table
    assert "\033" not in table
    table = headlinectl("feeds", "--failing", "-c", one.config).stdout
    assert good not in table
    assert bad in table
    done = headlinectl("feeds", "--flailing", "-c", one.config)
    assert done.returncode == 2
    assert "--failing" in done.stderr


def test_feeds_in_colour(daemon, feeds, receiver):
    """feeds: coloured on a terminal, and not where NO_COLOR is set"""
    bad = feeds.url("/missing")
    one = daemon(config(receiver, bad))
    wait_until(lambda: rows(one)[bad]["state"] == "failing", "the bad one")
    for env, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        clean = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
        ours, theirs = pty.openpty()
        done = subprocess.run([HEADLINECTL, "feeds", "-c", one.config],
                              stdout=theirs, check=True, env={**clean, **env})
        assert done.returncode == 0
        os.close(theirs)
        text = os.read(ours, 1 << 16).decode()
        os.close(ours)
        assert "failing" in text
        assert ("\033[31mfailing" in text) == is_coloured


def test_no_feed_fails(daemon, feeds, receiver):
    """feeds --failing, when none fails: it says so, or an empty array"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    one = daemon(config(receiver, url))
    wait_until(lambda: rows(one)[url]["state"] == "ok", "the feed")
    assert rows(one, "--failing") == {}
    done = headlinectl("feeds", "--failing", "-c", one.config)
    assert done.stdout == "no feed fails\n"


def test_many_feeds(daemon, receiver, tmp_path):
    """feeds: thousands of rows come whole; who hangs up in between, or reads
    nothing, holds up nobody, and a reload meanwhile changes nothing of it"""
    many = [f"file://{tmp_path}/{n}.xml" for n in range(4000)]
    whole = config(receiver)
    whole["feeds"] = [{"file": f"{n}.xml", "every": "1d"}
                      for n in range(4000)]
    one = daemon(whole)
    reader = one.connect()
    reader.sendall(b"GET /feeds HTTP/1.1\r\nHost: x\r\n\r\n")
    assert reader.recv(1000)
    quitter = one.connect()
    quitter.sendall(b"GET /feeds HTTP/1.1\r\nHost: x\r\n\r\n")
    assert quitter.recv(1000)
    quitter.close()
    assert list(rows(one)) == many
    whole["feeds"] = whole["feeds"][:10]
    one.configure(whole)
    done = headlinectl("reload", "-c", one.config)
    assert done.returncode == 0, done.stderr
    assert list(rows(one)) == many[:10]
    text = b""
    while not text.endswith(b"0\r\n\r\n"):
        piece = reader.recv(1 << 16)
        assert piece, "the answer was cut off"
        text += piece
    reader.close()
    assert b"/3999.xml" in text, "of the feeds that it began with"
