# SPDX-License-Identifier: ISC
"""An alert waits neither for the rest of a document nor for a slow server."""
import statistics
import time

import pytest

from feed_server import Answer
from harness import RSS_HEAD, RSS_TAIL, SANITIZED, rss, rss_item, wait_until

ITEMS = 24
# What the product promises; under a sanitizer only a bound of sanity.
PROMISED_S = 2.0 if SANITIZED else 0.2


def config(url, receiver):
    return {"feeds": [url], "topics": {"t": {"match": "peace",
                                             "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


@pytest.mark.short
def test_held_back(daemon, feeds, receiver):
    """the alert for an item arrives while the server withholds the rest of
    the document"""
    gate = feeds.gate()
    url = feeds.set("/rss", Answer([
        RSS_HEAD + rss_item("a", "Peace one"), gate,
        rss_item("b", "Peace two") + RSS_TAIL]))
    one = daemon(config(url, receiver))
    wait_until(receiver.messages, "the alert before the document's end")
    assert gate.reached.is_set() and not gate.opened.is_set()
    assert receiver.titles() == ["Peace one"]
    assert one.status()["feeds"]["waiting"] == 1, "the poll is under way"
    gate.open()
    wait_until(lambda: len(receiver.messages()) == 2, "the rest")
    assert receiver.titles() == ["Peace one", "Peace two"]


def test_json_feed(daemon, feeds, receiver):
    """an item of a JSON Feed alerts while the rest of it is withheld"""
    gate = feeds.gate()
    url = feeds.set("/json", Answer([
        '{"version":"https://jsonfeed.org/version/1.1","title":"J","items":['
        '{"id":"a","title":"Peace one","content_text":"x"},', gate,
        '{"id":"b","title":"Peace two","content_text":"x"}]}']))
    daemon(config(url, receiver))
    wait_until(receiver.messages, "the alert before the document's end")
    assert not gate.opened.is_set()
    assert receiver.titles() == ["Peace one"]
    gate.open()
    wait_until(lambda: len(receiver.messages()) == 2, "the rest")
    assert receiver.titles() == ["Peace one", "Peace two"]


def test_end_tag(daemon, feeds, receiver):
    """an item counts at the last byte of its end tag, not before"""
    before, after = feeds.gate(), feeds.gate()
    item = rss_item("a", "Peace one")
    cut = item.index("</item>") + len("</item>") - 1
    url = feeds.set("/rss", Answer([
        RSS_HEAD + item[:cut], before, item[cut:], after, RSS_TAIL]))
    daemon(config(url, receiver))
    wait_until(before.reached.is_set, "all but the last byte")
    assert not receiver.messages()
    before.open()
    wait_until(receiver.messages, "the alert")
    assert not after.opened.is_set()


def test_latency(daemon, feeds, receiver):
    """from an item's last byte to the webhook in under 200 ms (median)"""
    gates = [feeds.gate() for _ in range(ITEMS)]
    chunks = [RSS_HEAD]
    for number, gate in enumerate(gates):
        chunks += [gate, rss_item(str(number), f"Peace {number}")]
    url = feeds.set("/rss", Answer(chunks + [RSS_TAIL]))
    daemon(config(url, receiver))
    delays = []
    for number, gate in enumerate(gates):
        wait_until(gate.reached.is_set, "the server to stand at the gate")
        opened = time.monotonic()
        gate.open()
        wait_until(lambda n=number: len(receiver.messages()) > n, "an alert")
        delays.append(receiver.messages()[number].monotonic - opened)
    median = statistics.median(delays)
    print(f"latency: median {median * 1000:.1f} ms, "
          f"largest {max(delays) * 1000:.1f} ms over {ITEMS} items")
    assert median < PROMISED_S
    assert receiver.titles() == [f"Peace {n}" for n in range(ITEMS)]


def test_slow_feed_alone(daemon, feeds, receiver):
    """a server that hangs holds up no other feed"""
    gate = feeds.gate()
    slow = feeds.set("/slow", Answer([RSS_HEAD, gate, RSS_TAIL]))
    quick = feeds.set("/quick", rss(rss_item("a", "Peace")))
    both = config(slow, receiver)
    both["feeds"] = [slow, quick]
    daemon(both)
    wait_until(gate.reached.is_set, "the slow server to hang")
    wait_until(receiver.messages, "the quick feed's alert")
    assert not gate.opened.is_set()
