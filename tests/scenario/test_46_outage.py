# SPDX-License-Identifier: ISC
"""An endpoint that is down for a working day while ten thousand alerts wait.
Time runs 600 times as fast: eight hours are 48 seconds."""
import time

from feed_server import Answer
from harness import rss, rss_item, wait_until
from webhook_receiver import WebhookReceiver

SCALE = 600
FEEDS, ITEMS = 4, 2500
ALERTS = FEEDS * ITEMS
DOWN_S = 8 * 3600
QUARTER_S = 15 * 60
SLACK_S = 1.0       # of the machine's own time


class Endpoint(WebhookReceiver):
    """503 until it is up. Notes when each message came."""

    def __init__(self):
        super().__init__()
        self.up = False
        self.came = []

    def find_answer(self, request):
        with self.lock:
            self.came.append(time.monotonic())
        return Answer("", 200 if self.up else 503)


def test_a_day_down(daemon, feeds):
    """all alerts arrive in order, with at most 50 requests while the endpoint
    is down, and the first within 15 minutes of its return"""
    endpoint = Endpoint()
    try:
        urls = [feeds.set(f"/{n}", Answer(rss(*(
            rss_item(f"n-{i}", f"Peace {n} {i}") for i in range(ITEMS)))))
            for n in range(FEEDS)]
        one = daemon({
            "feeds": [{"url": url, "every": "30d"} for url in urls],
            "topics": {"peace": {"match": "peace", "notify": ["desk"],
                                 "alert_per": "item"}},
            "poll": {"first": "all"},
            "sinks": {"desk": {"webhook": endpoint.url("/in")}}}, start=False)
        one.env = {"HEADLINED_TIME_SCALE": str(SCALE)}
        one.start()
        wait_until(endpoint.messages, "the first try")
        began = time.monotonic()
        wait_until(lambda: one.sink("desk")["waiting"] == ALERTS,
                   "all alerts wait")
        wait_until(lambda: time.monotonic() - began >= DOWN_S / SCALE,
                   "eight hours")
        with endpoint.lock:
            tries = len(endpoint.came)
            endpoint.up = True
        returned = time.monotonic()
        assert tries <= 50
        wait_until(lambda: len(endpoint.messages()) >= tries + ALERTS,
                   "all of them", seconds=300)
        assert endpoint.came[tries] - returned <= QUARTER_S / SCALE + SLACK_S
        ids = [m.headers["webhook-id"] for m in endpoint.messages()[tries:]]
        assert len(set(ids)) == ALERTS
        for n in range(FEEDS):
            order = [int(t.split()[2]) for t in endpoint.titles()[tries:]
                     if t.split()[1] == str(n)]
            assert order == list(range(ITEMS))
    finally:
        endpoint.close()
