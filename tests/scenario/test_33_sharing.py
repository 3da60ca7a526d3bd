# SPDX-License-Identifier: ISC
"""Feeds that are led to one URL: however they come together and part, its
server sees the manners of one poller, and every topic is told each item,
once."""
import pytest

from feed_server import Answer
from harness import wait_until
from test_25_moves import Tagged, gaps, go
from test_30_merging import secret, two, wait_alert  # noqa: F401


def polite(whole, floor):
    whole["poll"] = {"min": floor}
    return whole


def is_guest(request):
    return "authorization" not in request.headers


@pytest.mark.short
def test_led_to_a_configured_url(daemon, feeds, receiver, secret):
    """who is led to a configured feed's URL without its rights, and that feed
    itself, are one asker to the server: never within the floor"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    a = feeds.set("/a", go(302, m.url))
    one = daemon(polite(two(receiver, a, m.url, a_every="3s", b_every="2s",
                            **secret), "2s"))
    wait_alert(receiver, "a", "Peace one")

    def both():
        guests = [is_guest(r) for r in m.requests()]
        return guests.count(True) > 2 and guests.count(False) > 5
    wait_until(both, "polls of both")
    one.stop()
    assert min(gaps(m)) > 1.9, gaps(m)


@pytest.mark.short
def test_guest_told_off(daemon, feeds, receiver, secret):
    """what the server said to one who was led there holds for the feed whose
    URL it is"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    b = feeds.set("/b", lambda r: Answer("", 503, {"Retry-After": "6"})
                  if is_guest(r) else m.answer(r))
    a = feeds.set("/a", go(302, b))
    daemon(polite(two(receiver, a, b, **secret), "1s"))

    def after_refusal():
        asked = m.requests()
        refused = [i for i, r in enumerate(asked) if is_guest(r)]
        return asked[refused[0]:] if refused and \
            len(asked) > refused[0] + 1 else None
    first, then = wait_until(after_refusal, "a refusal and a poll")[:2]
    assert then.arrived - first.arrived > 5.9
