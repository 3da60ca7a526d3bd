# SPDX-License-Identifier: ISC
"""Stopping and starting again: nothing lost, nothing twice."""
import os

import pytest

from feed_server import Answer
from harness import RSS_HEAD, RSS_TAIL, rss, rss_item, wait_until


def config(url, receiver):
    return {"feeds": [{"url": url, "every": "1s"}],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def ids(receiver):
    return [m.headers["webhook-id"] for m in receiver.messages()]


def test_twice(daemon, feeds, receiver):
    """after a restart nothing is alerted again, and what is new is"""
    items = [rss_item("a", "Peace one")]
    url = feeds.set("/rss", lambda r: Answer(rss(*items)))
    one = daemon(config(url, receiver))
    wait_until(receiver.messages, "the first alert")
    one.stop()
    asked = len(feeds.requests_of("/rss"))
    one.start()
    wait_until(lambda: len(feeds.requests_of("/rss")) >= asked + 2, "polls")
    assert len(receiver.messages()) == 1
    items.append(rss_item("b", "Peace two"))
    wait_until(lambda: len(receiver.messages()) == 2, "the new item")
    assert receiver.titles() == ["Peace one", "Peace two"]


def test_validators(daemon, feeds, receiver):
    """validators outlive a restart"""
    url = feeds.set("/rss", Answer(rss(rss_item("a", "Peace")),
                                   headers={"ETag": '"kept"'}))
    one = daemon(config(url, receiver))
    wait_until(lambda: len(feeds.requests_of("/rss")) >= 2, "two polls")
    one.stop()
    asked = len(feeds.requests_of("/rss"))
    one.start()
    wait_until(lambda: len(feeds.requests_of("/rss")) > asked, "a poll")
    assert feeds.requests_of("/rss")[asked].headers["if-none-match"] == \
        '"kept"'


def test_killed(daemon, feeds, receiver):
    """kill -9 while the webhook hangs: the alert is delivered after the
    restart, under the same id"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    receiver.hang()
    one = daemon(config(url, receiver))
    wait_until(receiver.messages, "the first try")
    one.kill()
    one.start()
    wait_until(lambda: len(receiver.messages()) >= 2, "the second try")
    assert ids(receiver)[0] == ids(receiver)[1]
    assert receiver.messages()[0].body == receiver.messages()[1].body
    wait_until(lambda: one.sink("desk")["sent"] == 1, "the mark")


@pytest.mark.short
def test_terminated(daemon, feeds, receiver):
    """SIGTERM with a slow server and a hanging webhook: the end waits for
    neither, and the alert goes out after a restart under the same id"""
    gate = feeds.gate()
    url = feeds.set("/rss", Answer([RSS_HEAD + rss_item("a", "Peace"), gate,
                                    RSS_TAIL]))
    receiver.hang()
    one = daemon(config(url, receiver))
    wait_until(receiver.messages, "the first try")
    one.terminate()
    assert one.wait() == 0, one.log()
    assert not os.path.exists(one.socket), "the socket is taken away"
    gate.open()
    one.start()
    wait_until(lambda: len(receiver.messages()) >= 2, "the second try")
    assert ids(receiver)[0] == ids(receiver)[1]
    assert receiver.messages()[0].body == receiver.messages()[1].body


def test_retry(daemon, feeds, receiver):
    """a webhook that answers 503 is tried again, in order, under the same
    ids"""
    receiver.script += [503, 503]
    url = feeds.set("/rss", rss(rss_item("a", "Peace one"),
                                rss_item("b", "Peace two")))
    one = daemon(config(url, receiver), start=False)
    one.env = {"HEADLINED_TIME_SCALE": "20"}
    one.start()
    wait_until(lambda: one.sink("desk")["sent"] == 2, "both alerts")
    assert receiver.titles() == ["Peace one"] * 3 + ["Peace two"]
    assert len(set(ids(receiver))) == 2
    assert len(set(ids(receiver)[:3])) == 1


def test_rejected(daemon, feeds, receiver):
    """400 concerns that one alert: the next goes on"""
    receiver.script += [400]
    url = feeds.set("/rss", rss(rss_item("a", "Peace one"),
                                rss_item("b", "Peace two")))
    one = daemon(config(url, receiver))
    wait_until(lambda: len(receiver.messages()) >= 2, "the next alert")
    assert receiver.titles()[:2] == ["Peace one", "Peace two"]
    wait_until(lambda: one.sink("desk")["sent"] == 1, "the mark")
    assert one.sink("desk")["disabled"] is False


def test_gone(daemon, feeds, receiver):
    """410 disables the sink; status says so and what comes is kept"""
    receiver.script += [410]
    url = feeds.set("/rss", rss(rss_item("a", "Peace one"),
                                rss_item("b", "Peace two")))
    whole = config(url, receiver)
    one = daemon(whole)
    wait_until(lambda: one.sink("desk")["disabled"], "the sink, disabled")
    sink = one.sink("desk")
    assert "410" in sink["reason"]
    assert sink["waiting"] == 2
    one.stop()
    one.start()
    assert one.sink("desk")["disabled"] is True, "also after a restart"
    assert len(receiver.messages()) == 1
    one.stop()
    whole["sinks"]["desk"]["keep_trying"] = "2d"
    one.configure(whole)
    one.start()
    wait_until(lambda: one.sink("desk")["sent"] == 2, "what waited, by a "
               "sink whose settings were changed")


def test_sinks_alone(daemon, feeds, receiver):
    """a sink that hangs holds up no other sink"""
    receiver.hang()
    url = feeds.set("/rss", rss(rss_item("a", "Peace one"),
                                rss_item("b", "Peace two")))
    both = config(url, receiver)
    both["topics"]["t"]["notify"] = ["desk", "terminal"]
    one = daemon(both)
    wait_until(receiver.messages, "the hanging try")
    wait_until(lambda: "Peace two" in one.output(), "the other sink")
    assert one.sink("desk")["sent"] == 0
