# SPDX-License-Identifier: ISC
"""Sinks that take so much and no more, alerts collected on purpose, several at
once, and an endpoint that is down for a working day."""
import pytest

from feed_server import Answer
from harness import rss, rss_item, wait_until
from webhook_receiver import WebhookReceiver

ALERT = "io.headlined.alert.v1"
DIGEST = "io.headlined.digest.v1"


def config(feeds, receiver, n, **sink):
    url = feeds.set("/rss", Answer(rss(*(
        rss_item(f"n-{i}", f"Peace number {i}") for i in range(n)))))
    return {
        "feeds": [{"url": url, "every": "1d"}],
        "topics": {"peace": {"match": "peace", "notify": ["desk"],
                             "alert_per": "item"}},
        "poll": {"first": "all"},
        "sinks": {"desk": {"webhook": receiver.url("/in"), **sink}}}


def said(receiver):
    """What came: a title each, and the count of a digest."""
    return [m["data"]["count"] if m["type"] == DIGEST else
            m["data"]["item"]["title"] for m in receiver.alerts()]


def total(receiver):
    return sum(s if isinstance(s, int) else 1 for s in said(receiver))


@pytest.mark.short
def test_rate(daemon, feeds, receiver):
    """what a sink's rate has no room for comes as one digest that counts all
    and names them; nothing is lost or told twice"""
    one = daemon(config(feeds, receiver, 50, rate="5/h"), start=False)
    one.env = {"HEADLINED_TIME_SCALE": "600"}
    one.start()
    wait_until(lambda: total(receiver) >= 50, "all alerts")
    got = receiver.alerts()
    assert [m["type"] for m in got].count(DIGEST) >= 1
    assert len(got) < 10, "fewer than one each, however late they came"
    named = [a["id"] for m in got if m["type"] == DIGEST
             for a in m["data"]["alerts"]]
    alone = [m["id"] for m in got if m["type"] == ALERT]
    assert len(set(named + alone)) == 50
    for message in receiver.messages():
        assert message.headers["webhook-id"].startswith("msg_")
    assert total(receiver) == 50


class Holding(WebhookReceiver):
    """Leaves the first digest without an answer."""

    def __init__(self):
        super().__init__()
        self.held = None

    def find_answer(self, request):
        if self.held is None and DIGEST.encode() in request.body:
            self.held = self.gate()
            return Answer([self.held, "late"])
        return super().find_answer(request)

    def digests(self):
        return [m for m in self.messages() if DIGEST.encode() in m.body]


def test_rate_over_a_kill(daemon, feeds):
    """a digest that has no answer yet comes again under its id after a kill"""
    receiver = Holding()
    try:
        one = daemon(config(feeds, receiver, 30, rate="1/s"))
        wait_until(receiver.digests, "the digest's first try")
        one.kill()
        receiver.held.open()
        one.start()
        wait_until(lambda: len(receiver.digests()) >= 2, "its second")
        first, second = receiver.digests()[:2]
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.body == second.body
        wait_until(lambda: total(receiver) >= 30, "all alerts")
    finally:
        receiver.close()


def test_collected(daemon, feeds, receiver):
    """digest: an hour's alerts come as one message, a single one as it is"""
    one = daemon(config(feeds, receiver, 7, digest="1h"), start=False)
    one.env = {"HEADLINED_TIME_SCALE": "3600"}
    one.start()
    wait_until(receiver.messages, "the digest")
    assert said(receiver) == [7]
    feeds.set("/rss", Answer(rss(rss_item("late", "Peace at last"))))
    wait_until(lambda: len(receiver.messages()) > 1, "the single one")
    assert said(receiver) == [7, "Peace at last"]


def test_parallel(daemon, feeds, receiver):
    """several messages are under way at once, and each comes once"""
    gates = [receiver.hang() for _ in range(4)]
    daemon(config(feeds, receiver, 40, parallel=4))
    wait_until(lambda: len(receiver.messages()) == 4, "four at once")
    for gate in gates:
        gate.open()
    wait_until(lambda: len(receiver.messages()) == 40, "all")
    assert len(set(said(receiver))) == 40
