# SPDX-License-Identifier: ISC
"""When feeds are asked: what documents and servers say about it is kept to,
over 304s and a restart, and a feed that may have lost items says so."""
import email.utils
import json
import threading
import time

import pytest

from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until

# An hour of the daemon takes this many real seconds.
HOUR_REAL_S = 1
HOUR_S = 3600
SCALE = HOUR_S // HOUR_REAL_S
# What a request may seem early by, in the daemon's seconds: two requests take
# different times from the daemon's decision to the server's note.
TOLERANCE_S = 0.05 * SCALE


class VirtualTime:
    """The daemon's own clock, some minutes past a full hour when made."""

    def __init__(self, scale):
        self.scale = scale
        self.origin = int(time.time())
        while not 60 < self.now() % HOUR_S < 600 + scale:
            self.origin -= 1

    def at(self, real):
        return self.origin + (real - self.origin) * self.scale

    def now(self):
        return self.at(time.time())

    def asked(self, request):
        return self.at(request.time - (request.monotonic - request.arrived))

    def env(self):
        return {"HEADLINED_TIME_SCALE": str(self.scale),
                "HEADLINED_TIME_ORIGIN": str(self.origin)}


def config(feeds, receiver, **poll):
    return {"feeds": feeds, "poll": poll,
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def channel(head):
    """A document of one item, with this in its channel."""
    return rss(rss_item("a", "War")).replace("<channel>", "<channel>" + head)


def conditional(body, headers=None, later=None):
    """200 with an ETag and these headers, then 304s with those of `later`."""
    def answer(request):
        if request.headers.get("if-none-match"):
            return Answer("", 304, later)
        return Answer(body, headers={"ETag": '"a"', **(headers or {})})
    return answer


def expiring(request):
    """Two hours by the server's own clock, which gives Date: ours is not
    asked."""
    expires = email.utils.formatdate(time.time() + 2 * HOUR_S, usegmt=True)
    return conditional(PLAIN, {"Expires": expires})(request)


SY = ('<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/'
      'syndication/">daily</sy:updatePeriod><sy:updateFrequency xmlns:sy='
      '"http://purl.org/rss/1.0/modules/syndication/">12'
      '</sy:updateFrequency>')
PLAIN = channel("")

# Each asks for two hours, in its own way.
TWO_HOURS = {
    "/ttl": conditional(channel("<ttl>120</ttl>")),
    "/sy": conditional(channel(SY)),
    "/max-age": conditional(PLAIN, {"Cache-Control": "max-age=9000",
                                    "Age": "1800"}),
    "/expires": expiring,
    "/each-304": conditional(PLAIN, None, {"Cache-Control":
                                           "max-age=7200"}),
}


@pytest.mark.short
def test_hints(daemon, feeds, receiver):
    """ttl, sy:updatePeriod, max-age and Expires hold, over 304s too; a feed
    that says nothing is asked oftener"""
    clock = VirtualTime(SCALE)
    urls = [feeds.set(path, answer) for path, answer in TWO_HOURS.items()]
    urls.append(feeds.set("/plain", conditional(PLAIN)))
    urls.append(feeds.set("/no-cache", conditional(
        PLAIN, {"Cache-Control": "no-cache, max-age=7200"})))
    one = daemon(config(urls, receiver, min="30m"), start=False)
    one.env = clock.env()
    one.start()
    for path in TWO_HOURS:
        wait_until(lambda path=path: len(feeds.requests_of(path)) >= 4,
                   f"four requests of {path}")
        times = [clock.asked(r) for r in feeds.requests_of(path)]
        gaps = [b - a for a, b in zip(times, times[1:])]
        if path == "/each-304":
            gaps = gaps[1:]         # the first answer was a 200 without
        assert min(gaps) > 2 * HOUR_S - TOLERANCE_S, (path, gaps)
    for path in "/plain", "/no-cache":
        assert len(feeds.requests_of(path)) > 6, path
    one.stop()


@pytest.mark.short
def test_skip_hours(daemon, feeds, receiver):
    """nobody is asked in an hour that the document skips, also when the
    daemon starts in one with the poll overdue; `every` knows no such hours"""
    # Three seconds an hour: long enough to be met by a start.
    clock = VirtualTime(SCALE // 3)
    first = int(clock.now() // HOUR_S)
    skipped = [(first + n) % 24 for n in (2, 3, 5)]
    body = channel("<skipHours>" + "".join(
        f"<hour>{h}</hour>" for h in skipped) + "</skipHours>")
    url = feeds.set("/skips", conditional(body))
    every = feeds.set("/every", conditional(body))
    one = daemon(config([url, {"url": every, "every": "20m"}], receiver,
                        min="20m"), start=False)
    one.env = clock.env()
    one.start()

    def hours(path):
        return [int(clock.asked(r) // HOUR_S) - first
                for r in feeds.requests_of(path)]

    wait_until(lambda: clock.now() // HOUR_S == first + 2, "a skipped hour")
    one.stop()
    wait_until(lambda: clock.now() // HOUR_S == first + 3, "the next one")
    one.start()
    wait_until(lambda: 6 in hours("/skips"), "the hour behind the last")
    one.stop()
    asked = hours("/skips")
    assert {0, 4, 6} <= set(asked), asked
    assert not {2, 3, 5} & set(asked), asked
    assert {3, 5} <= set(hours("/every"))


def test_gap(daemon, feeds, receiver):
    """a document that shares no item with the one before is counted and
    shown as a gap, and logged until one shares some; one that does is not"""
    lost = iter(range(10000))
    kept = iter(range(10000))

    overlaps = threading.Event()

    def answer_new(request):
        n = next(lost) if not overlaps.is_set() else 9999
        return Answer(rss(*(rss_item(f"{n}-{i}", "War") for i in range(3))))

    def answer_overlap(request):
        n = next(kept)
        return Answer(rss(*(rss_item(f"{n + i}", "War") for i in range(3))))

    bad = feeds.set("/bad", answer_new)
    good = feeds.set("/good", answer_overlap)
    one = daemon(config([{"url": bad, "every": "1s"},
                         {"url": good, "every": "1s"}], receiver))

    def rows():
        return {r["url"]: r for r in json.loads(one.get("/feeds")[1])}

    wait_until(lambda: rows()[bad]["gaps"] >= 2, "two gaps")
    wait_until(lambda: len(feeds.requests_of("/good")) > 3, "more polls")
    assert rows()[bad]["notes"] == ["gaps"]
    assert rows()[bad]["last_gap"]
    assert rows()[good]["gaps"] == 0
    assert rows()[good]["notes"] == []
    shown = headlinectl("feeds", "--socket", one.socket).stdout
    assert shown.count("gaps: ") == 1, shown
    overlaps.set()
    wait_until(lambda: one.events("feed_gap_over"), "documents that overlap")
    one.stop()
    [begun], [over] = one.events("feed_gap"), one.events("feed_gap_over")
    assert f"feed={bad} " in begun and f"feed={bad} " in over


def test_what_is_new(daemon, feeds, receiver):
    """a 226 brings what is new and takes nothing away: what it does not list
    is known still; one that was not asked for is refused, and the next
    request asks for all"""
    answers = [
        ("a", Answer(rss(rss_item("1", "Peace one"), rss_item("2", "War")),
                     headers={"ETag": '"a"'})),
        ("b", Answer(rss(rss_item("3", "Peace three")), 226,
                     {"ETag": '"b"', "IM": "feed"})),
        ("c", Answer("a patch", 226, {"ETag": '"c"', "IM": "vcdiff"})),
        ("d", Answer(rss(rss_item("1", "Peace one"), rss_item("2", "War"),
                         rss_item("3", "Peace three"),
                         rss_item("4", "Peace four")),
                     headers={"ETag": '"d"'})),
    ]

    def answer(request):
        return answers.pop(0)[1] if answers else Answer("", 304)

    url = feeds.set("/rss", answer)
    one = daemon(config([{"url": url, "every": "1s"}], receiver))
    wait_until(lambda: one.trouble(url), "the refusal")
    assert one.trouble(url)["word"] == "http_226"
    wait_until(lambda: len(feeds.requests_of("/rss")) >= 5, "five requests")
    wait_until(lambda: len(receiver.messages()) == 3, "the alerts")
    one.stop()
    sent = [(r.headers.get("if-none-match"), r.headers.get("a-im"))
            for r in feeds.requests_of("/rss")[:5]]
    assert sent == [(None, None), ('"a"', "feed"), ('"b"', "feed"),
                    (None, None), ('"d"', "feed")]
    assert receiver.titles() == ["Peace one", "Peace three", "Peace four"]
    assert not one.events("feed_gap")
