# SPDX-License-Identifier: ISC
"""Lines that a feed repeats over its items are learned and not matched."""
import collections
import contextlib
import json
import os
import sqlite3

import pytest

from feed_server import Answer
from harness import Daemon, headlinectl, rss, rss_item, wait_until
from pages import HTML, config, html, item, of_pages, wait_for_end

ADVERT = "Lampify is the best solution for dropshipping."
TITLES = ["Fire in a port", "Floods in a valley", "Vote on a budget",
          "Talks on grain", "Gold at its height", "Songs of whales",
          "Court on a wall", "Ice on a lake", "Trains to the coast",
          "Bees come back", "Salt is taxed", "Wheat falls again"]


def real_feeds():
    """Paths of feeds that are kept beside the tests, if they are."""
    folder = os.path.join(os.environ.get("HEADLINED_SUITES", ""),
                          "real-feeds")
    return [os.path.join(folder, n) for n in sorted(os.listdir(folder))] \
        if os.path.isdir(folder) else []


def story(n, advert=ADVERT):
    """An item whose text is its own, but for its last line."""
    own = f"Word{chr(97 + n)} of {TITLES[n].lower()} is out."
    return rss_item(f"i{n}", TITLES[n],
                    f"<p>{own}</p><p>{advert}</p>")


@pytest.fixture
def one(tmp_path, feeds, receiver):
    items = []
    url = feeds.set("/rss", lambda r: Answer(rss(*items)))
    whole = {
        "feeds": [{"url": url, "every": "1s"}],
        "topics": {
            "advert": {"match": "dropshipping", "notify": "desk"},
            "whole": {"match": "dropshipping", "notify": "desk",
                      "boilerplate": "keep"},
            "all": {"match": "is", "notify": "desk"}},
        "sinks": {"desk": {"webhook": receiver.url("/in")}}}
    daemon = Daemon(tmp_path, whole)
    daemon.whole = whole
    daemon.items = items
    daemon.receiver = receiver
    yield daemon
    if daemon.is_running():
        daemon.stop()


def raised(one, topic):
    return [a["data"]["item"]["title"] for a in one.receiver.alerts()
            if a["data"]["topic"] == topic]


def publish(one, n, **how):
    """The next item alone is new, and all topics have seen it."""
    one.items.insert(0, story(n, **how))
    wait_until(lambda: TITLES[n] in raised(one, "all"), f"item {n}")


def row(one):
    done = headlinectl("feeds", "--socket", one.socket, "--json")
    assert done.returncode == 0, done.stderr
    [feed] = json.loads(done.stdout)
    return feed


def why(one, n):
    done = headlinectl("why", "--socket", one.socket, "--json",
                       f"https://news.example.com/i{n}")
    assert done.returncode == 0, done.stderr
    [item] = json.loads(done.stdout)["items"]
    [text] = item["texts"]
    return text


def test_an_advert_is_learned(one):
    """three items alert on a word of an advert, and then none; the topic that
    keeps goes on; so it is after a restart"""
    one.start()
    for n in range(5):
        publish(one, n)
    assert raised(one, "advert") == TITLES[:3]
    wait_until(lambda: raised(one, "whole") == TITLES[:5], "who keeps")
    one.stop()
    one.start()
    publish(one, 5)
    assert raised(one, "advert") == TITLES[:3]
    wait_until(lambda: raised(one, "whole") == TITLES[:6], "who keeps")
    # An advert of another name is one of its template.
    publish(one, 6, advert=ADVERT.replace("Lampify", "Boat Genie"))
    publish(one, 7, advert="Dropshipping is banned in Peru.")
    wait_until(lambda: TITLES[7] in raised(one, "advert"), "the news")
    assert raised(one, "advert") == TITLES[:3] + TITLES[7:8]


def test_what_was_left_out_is_told(one):
    """by feeds, by why, and by match of the same items; backtest sees what
    topics saw"""
    one.start()
    for n in range(5):
        publish(one, n)
    wait_until(lambda: row(one)["boilerplate"]["feed"]["lines"] == 1, "it")
    [line] = row(one)["boilerplate"]["feed"]["first"]
    assert line["items"] == 5
    assert ADVERT.startswith(line["text"]) and len(line["text"]) > 30
    shown = headlinectl("feeds", "--socket", one.socket).stdout
    assert "1 line is left out of its text: \"Lampify" in shown
    assert why(one, 2)["left_out"] == []
    text = why(one, 4)
    [piece] = text["left_out"]
    assert piece["field"] == "summary" and piece["text"] == ADVERT
    assert text["summary"].endswith(ADVERT)
    assert text["summary"].encode()[piece["offset"]:].decode() == ADVERT
    assert {t["topic"] for t in text["held"]} == {"all", "whole"}
    done = headlinectl("backtest", "--socket", one.socket, "--json",
                       "--since", "1d")
    assert done.returncode == 0, done.stderr
    found = collections.Counter()
    for day in json.loads(done.stdout)["days"]:
        found[day["topic"]] += day["alerts"]
    assert found == {"advert": 3, "whole": 5, "all": 5}
    # Of a file they are learned in its order.
    file = os.path.join(one.folder, "feed.xml")
    with open(file, "w", encoding="utf-8") as out:
        out.write(rss(*reversed(one.items)))
    done = headlinectl("match", "--query", "dropshipping", "--explain",
                       "--json", file)
    told = json.loads(done.stdout)
    assert [len(a["topics"]) for a in told] == [1, 1, 1, 0, 0]
    assert [[p["text"] for p in a["left_out"]] for a in told] == \
        [[], [], [], [ADVERT], [ADVERT]]
    done = headlinectl("match", "--query", "is", "--explain", file)
    assert done.stdout.count(f": {ADVERT}") == 2


def test_an_item_that_is_edited_counts_once(one):
    """its text is another each time, its last line the same"""
    one.start()
    publish(one, 0)
    publish(one, 1)
    for edit in range(4):
        one.items[0] = rss_item("i1", TITLES[1], f"Edit{chr(97 + edit)} "
                                f"is here.<br>{ADVERT}")
        seen = f"Edit{chr(97 + edit)}"
        wait_until(lambda: seen in kept(one), "the edit")
    publish(one, 2)
    assert TITLES[2] in raised(one, "advert")
    publish(one, 3)
    assert TITLES[3] not in raised(one, "advert")


def kept(one):
    done = headlinectl("why", "--socket", one.socket, "--json",
                       "https://news.example.com/i1")
    return done.stdout


def test_a_feed_that_keeps(one):
    """nothing is left out of it, and nothing is learned"""
    one.whole["feeds"][0]["boilerplate"] = "keep"
    one.configure(one.whole)
    one.start()
    for n in range(5):
        publish(one, n)
    wait_until(lambda: raised(one, "advert") == TITLES[:5], "all of them")
    assert row(one)["boilerplate"] is None
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        assert db.execute("SELECT count(*) FROM boilerplate").fetchone()[0] \
            == 0


def test_a_poll_without_news_writes_nothing(one):
    """the row is that of the last item"""
    one.start()
    for n in range(3):
        publish(one, n)
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        def saved():
            return db.execute("SELECT seen, saved FROM boilerplate"
                              ).fetchall()

        wait_until(lambda: row(one)["boilerplate"]["feed"]["lines"] == 1,
                   "the third item")
        before = saved()
        asked = row(one)["last_poll"]
        wait_until(lambda: row(one)["last_poll"] > asked, "a poll")
        assert saved() == before


def test_pages_have_a_table_of_their_own(tmp_path, feeds, receiver):
    """what the pages repeat is learned from them, side by side as they are
    read, and left out from the fourth on"""
    links, items = [], []
    for n, title in enumerate(TITLES[:8]):
        own = [f"{title} {word}{n} was said to be {word}{m} of it all, and "
               f"nobody who {word}ed at {word}{n}{m} has yet come back from "
               f"where the {word}s of {title.lower()} are kept by night."
               for m, word in enumerate(spelled(n))]
        links.append(feeds.set(f"/p{n}", Answer(
            html(*own, ADVERT, title=title), headers=HTML)))
        items.append(item(f"i{n}", links[n], title, f"Of {spelled(n)[0]}."))
    url = feeds.set("/rss", rss(*items))
    one = Daemon(tmp_path, config(receiver, url, topics=["dropshipping"]))
    one.start()
    assert wait_for_end(one, url, 8) == {"read": 8}
    assert len(of_pages(receiver)) == 3
    lines = row(one)["boilerplate"]
    assert lines["feed"] == {"lines": 0, "first": []}
    assert lines["pages"]["lines"] == 1
    assert lines["pages"]["first"][0]["items"] == 8
    shown = headlinectl("feeds", "--socket", one.socket).stdout
    assert "1 line is left out of its pages: \"Lampify" in shown
    one.stop()


def spelled(n):
    """Words that no other page has."""
    return [chr(97 + n) * 2 + chr(97 + m) * 3 for m in range(8)]


@pytest.mark.skipif(not real_feeds(), reason="no real feeds here")
def test_real_feeds(capsys):
    """what would be left out of feeds as they are: nothing of the first three
    items; printed, for people to look at"""
    lines = collections.Counter()
    for path in real_feeds():
        done = headlinectl("match", "--query", "zzzq", "--explain", "--json",
                           path)
        if done.returncode != 0:
            continue
        told = json.loads(done.stdout)
        assert all(a["left_out"] == [] for a in told[:3]), path
        lines.update(p["text"][:100] for a in told for p in a["left_out"])
    with capsys.disabled():
        for text, n in lines.most_common(20):
            print(f"# {n:4} {text!r}")
    assert lines
