# SPDX-License-Identifier: ISC
"""Which item is which: feeds whose ids cannot be believed."""
import itertools

import pytest

from feed_server import Answer
from harness import RSS_HEAD, RSS_TAIL, rss, rss_item, wait_until


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
    items[0][2] = "a, edited"
    items[2][2] = "peace after all"
    wait_until(lambda: len(receiver.messages()) == 3, "the third item")
    asked_again(feeds, "/rss", 2)
    one.stop()
    one.start()
    asked_again(feeds, "/rss", 2)
    items[1][2] = "b, edited"
    asked_again(feeds, "/rss", 2)
    items.insert(0, ["4", "Peace four", "d"])
    wait_until(lambda: len(receiver.messages()) >= 4, "a new item")
    asked_again(feeds, "/rss", 2)
    assert receiver.titles() == ["Peace one", "Peace two", "War",
                                 "Peace four"]
    assert not one.events("feed_ids_change"), "it is known by now"


def test_duplicate_guids(daemon, feeds, receiver):
    """items under one guid are told apart by link and title, whatever their
    order and wherever a new one comes"""
    items = [item("same", "1", "Peace one", "a"),
             item("same", "2", "Peace two", "b")]
    url = feeds.set("/rss", lambda _: Answer(rss(*items)))
    daemon(config(receiver, url))
    wait_until(lambda: len(receiver.messages()) == 2, "both alerts")
    items.reverse()
    asked_again(feeds, "/rss", 2)
    items.insert(0, item("same", "3", "Peace three", "c"))
    wait_until(lambda: len(receiver.messages()) >= 3, "the new one")
    asked_again(feeds, "/rss", 2)
    assert receiver.titles() == ["Peace one", "Peace two", "Peace three"]
    assert len({a["data"]["item"]["id"] for a in receiver.alerts()}) == 3


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
