# SPDX-License-Identifier: ISC
"""One bad feed is in trouble alone, visibly, and the others go on."""
import os

import pytest

from feed_server import Answer, free_port
from harness import (DATA, RSS_HEAD, RSS_TAIL, rss, rss_item, stays_true,
                     wait_until)


def run_beside(daemon, feeds, receiver, bad, poll=None):
    """A daemon with a bad feed and a good one whose item alerts; gives the
    daemon and what status says of the bad one."""
    good = feeds.set("/good", rss(rss_item("good", "Peace")))
    one = daemon({"feeds": [bad, {"url": good, "every": "1s"}],
                  "poll": poll or {},
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(receiver.messages, "the good feed's alert")
    if isinstance(bad, str):
        url = bad
    else:
        url = bad["url"] if "url" in bad else f"file://{bad['file']}"
    trouble = wait_until(lambda: one.trouble(url), "the bad feed, reported")
    asked = len(feeds.requests_of("/good"))
    wait_until(lambda: len(feeds.requests_of("/good")) > asked,
               "another poll of the good feed")
    assert one.trouble(good) is None
    assert one.status()["feeds"]["total"] == 2
    assert trouble["failures"] >= 1
    assert trouble["message"]
    return one, trouble


@pytest.mark.short
def test_html(daemon, feeds, receiver):
    """an HTML page in place of a feed"""
    with open(os.path.join(DATA, "page.html"), encoding="utf-8") as page:
        bad = feeds.set("/bad", Answer(page.read(), headers={
            "Content-Type": "text/html"}))
    one, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["status"] == 200
    assert "HTML" in trouble["message"]
    assert one.status()["feeds"]["failing"] == 1


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_refused(daemon, feeds, receiver, status):
    """a status that refuses"""
    bad = feeds.set("/bad", Answer("no", status))
    _, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["status"] == status
    assert trouble["word"] == f"http_{status}"
    assert trouble["next"]


def test_gone(daemon, feeds, receiver):
    """410: the feed is gone and never asked again, nor after a restart"""
    url = feeds.set("/bad", Answer("gone", 410))
    one, trouble = run_beside(daemon, feeds, receiver,
                              {"url": url, "every": "1s"})
    assert trouble["status"] == 410
    assert trouble["next"] is None
    assert one.status()["feeds"]["gone"] == 1
    one.stop()
    one.start()
    asked = len(feeds.requests_of("/good"))
    stays_true(lambda: len(feeds.requests_of("/bad")) == 1,
               "the gone feed was asked once",
               lambda: len(feeds.requests_of("/good")) >= asked + 2)


def test_too_big(daemon, feeds, receiver):
    """over poll.max_body"""
    big = rss(*[rss_item(str(n), "War", "x" * 1000) for n in range(200)])
    bad = feeds.set("/bad", big)
    _, trouble = run_beside(daemon, feeds, receiver, bad,
                            {"max_body": "64KiB"})
    assert trouble["word"] == "too_big"


def test_hanging(daemon, feeds, receiver):
    """a server that stops in the middle, over poll.timeout: its items so far
    count"""
    gate = feeds.gate()
    bad = feeds.set("/bad", Answer([
        RSS_HEAD + rss_item("early", "Peace, early"), gate, RSS_TAIL]))
    _, trouble = run_beside(daemon, feeds, receiver, bad, {"timeout": "1s"})
    assert trouble["word"] == "timeout"
    wait_until(lambda: "Peace, early" in receiver.titles(), "the early item")
    assert not gate.opened.is_set()


def test_held_open(daemon, feeds, receiver):
    """a whole document is read, though its server never ends the answer"""
    gate = feeds.gate()
    url = feeds.set("/rss", Answer([
        RSS_HEAD + rss_item("a", "Peace") + RSS_TAIL, gate, " "]))
    one = daemon({"feeds": [url], "poll": {"timeout": "1s"},
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(receiver.messages, "the alert")
    wait_until(lambda: one.status()["feeds"]["waiting"] == 0, "the poll's end")
    assert one.status()["feeds"]["failing"] == 0
    assert not gate.opened.is_set()


def test_never_whole(daemon, feeds, receiver):
    """a feed whose documents never end is new once only: what comes later
    alerts under `first: none` too"""
    cut = RSS_HEAD + rss_item("a", "Peace one")
    url = feeds.set("/rss", cut)
    one = daemon({"feeds": [{"url": url, "every": "1s"}],
                  "poll": {"first": "none"},
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(lambda: one.status()["feeds"]["failing"] == 1, "the first poll")
    feeds.set("/rss", cut + rss_item("b", "Peace two"))
    wait_until(receiver.messages, "the later item")
    assert receiver.titles() == ["Peace two"]


def test_silent(daemon, feeds, receiver):
    """a server that takes the connection and says nothing"""
    gate = feeds.gate()

    def silent(_request):
        gate.opened.wait()
        return Answer("late")

    bad = feeds.set("/bad", silent)
    _, trouble = run_beside(daemon, feeds, receiver, bad, {"timeout": "1s"})
    assert trouble["word"] == "timeout"
    assert trouble["status"] == 0


def test_no_listener(daemon, feeds, receiver):
    """nobody listens there"""
    bad = f"http://127.0.0.1:{free_port()}/rss"
    _, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["status"] == 0
    assert "refused" in trouble["message"]


def test_truncated(daemon, feeds, receiver):
    """a document that ends in the middle: its items so far count"""
    whole = rss(rss_item("early", "Peace, early"), rss_item("late", "Late"))
    bad = feeds.set("/bad", whole[:whole.index("Late")])
    _, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["word"] == "truncated"
    wait_until(lambda: "Peace, early" in receiver.titles(), "the early item")


def test_cut_off(daemon, feeds, receiver):
    """a connection that ends before Content-Length is reached"""
    body = rss(rss_item("early", "Peace, early"), rss_item("b", "Late"))
    cut = body[:body.index("Late")]
    bad = feeds.set("/bad", Answer(cut, length=len(body)))
    _, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["failures"] == 1
    wait_until(lambda: "Peace, early" in receiver.titles(), "the early item")


def test_loop(daemon, feeds, receiver):
    """a redirect that leads back to itself"""
    bad = feeds.url("/bad")
    feeds.set("/bad", Answer("", 301, {"Location": bad}))
    _, trouble = run_beside(daemon, feeds, receiver, bad)
    assert trouble["word"] == "redirect_loop"
    assert len(feeds.requests_of("/bad")) == 1


def test_missing_file(daemon, feeds, receiver, tmp_path):
    """a watched file that is not there, and then is"""
    path = tmp_path / "wire.xml"
    good = feeds.set("/good", rss(rss_item("good", "Peace")))
    one = daemon({"feeds": [{"file": str(path), "every": "1s"}, good],
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(receiver.messages, "the good feed's alert")
    trouble = wait_until(lambda: one.trouble(f"file://{path}"), "its trouble")
    assert "No such file" in trouble["message"]
    fresh = tmp_path / "fresh"
    fresh.write_text(rss(rss_item("late", "Peace, on file")))
    fresh.rename(path)
    wait_until(lambda: "Peace, on file" in receiver.titles(), "the file")


def test_unreadable_file(daemon, feeds, receiver):
    """a watched file whose reading fails: the machine's own reason is said"""
    _, trouble = run_beside(daemon, feeds, receiver,
                            {"file": "/proc/self/mem"})
    assert trouble["word"] == "file"
    assert "Input/output error" in trouble["message"]


def test_well_again(daemon, feeds, receiver):
    """a feed that failed is out of trouble once it answers"""
    answers = [Answer("no", 500)]
    bad = feeds.set("/bad", lambda r: answers.pop() if answers else
                    Answer(rss(rss_item("a", "Peace, again"))))
    one = daemon({"feeds": [{"url": bad, "every": "1s"}],
                  "topics": {"t": {"match": "peace", "notify": "desk"}},
                  "sinks": {"desk": {"webhook": receiver.url("/in")}}})
    wait_until(receiver.messages, "the alert")
    wait_until(lambda: one.status()["feeds"]["failing"] == 0, "no trouble")
    assert one.trouble(bad) is None
