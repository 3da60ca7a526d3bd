# SPDX-License-Identifier: ISC
"""Never early: over clocks that are set, restarts, reloads and kills, and when
an administrator wants a poll now."""
import contextlib
import json
import os
import sqlite3
import threading
import time
from datetime import datetime, timezone

import pytest

from feed_server import Answer
from harness import (UnixConnection, headlinectl, rss, rss_item, stays_true,
                     wait_until)

HOUR_S = 3600
# Between the daemon's decision to ask and its request, on a loaded machine.
SLACK_S = 0.25


def feed_text():
    return rss(rss_item("a", "War"))


def config(*list_of_feeds, **poll):
    return {"feeds": list(list_of_feeds), "poll": poll,
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": "http://127.0.0.1:9/"}}}


def asked(feeds, path="/rss"):
    return len(feeds.requests_of(path))


def gaps(feeds, path="/rss"):
    times = sorted(r.arrived for r in feeds.requests_of(path))
    return [b - a for a, b in zip(times, times[1:])]


class Ticks:
    """Another host's feed, polled each second: tells that the daemon goes
    on polling."""

    def __init__(self, server):
        self.server = server
        self.feed = {"url": server.set("/tick", feed_text()), "every": "1s"}

    def more(self, n):
        """True once it was asked n times more than now."""
        goal = asked(self.server, "/tick") + n
        return lambda: asked(self.server, "/tick") >= goal


@pytest.fixture
def ticks(other_feeds):
    return Ticks(other_feeds)


def feed_row(one, url):
    code, body = one.get("/feeds")
    assert code == 200, body
    return next(f for f in json.loads(body) if f["url"] == url)


def seconds_of(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=timezone.utc).timestamp()


def wish(one, *words):
    """(exit status, answer) of a verb that wants something of a feed."""
    done = headlinectl(*words[:-1], "--socket", one.socket, "--json",
                       words[-1])
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def post(one, path):
    """The status of a POST on the control socket."""
    connection = UnixConnection(one.socket)
    with contextlib.closing(connection):
        connection.request("POST", path, body=b"")
        return connection.getresponse().status


# Clocks

OFFSETS = {"forth": ("+2h", 2 * HOUR_S), "back": ("-2h", -2 * HOUR_S)}


def assert_shown(one, url, ahead_s):
    """Spans are as long as they are, times as the wall clock has them."""
    row = feed_row(one, url)
    now = time.time() + ahead_s
    assert HOUR_S - 300 < row["next_in_s"] <= HOUR_S + 400, row
    assert abs(seconds_of(row["next"]) - now - row["next_in_s"]) < 5, row
    assert 0 <= row["last_poll_ago_s"] < 300, row
    assert abs(seconds_of(row["last_poll"]) - now +
               row["last_poll_ago_s"]) < 5, row


@pytest.mark.parametrize("way", OFFSETS)
def test_set_while_running(daemon, feeds, ticks, wall, way):
    """the clock is set while it runs, and then the configuration is read
    again: nobody is asked early, nobody is left out, times are shown right"""
    offset, ahead_s = OFFSETS[way]
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "60m"}, ticks.feed),
                 start=False)
    one.env = wall.env
    one.start()
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    wall.set(offset)
    wait_until(ticks.more(2), "polls after the jump")
    assert_shown(one, url, ahead_s)
    # Another interval, other bounds: each reckons the due time anew.
    for every, most in (("61m", "24h"), (None, "61m"), (None, "62m")):
        feed = {"url": url, "every": every} if every else {"url": url}
        one.configure(config(feed, ticks.feed, min="60m" if not every
                             else "1s", max=most))
        assert headlinectl("reload", "--socket", one.socket).returncode == 0
        stays_true(lambda: asked(feeds) == 1, "no poll is early",
                   ticks.more(2))


@pytest.mark.parametrize("way", OFFSETS)
def test_set_between_starts(daemon, feeds, ticks, wall, way):
    """the clock is set between two starts: the hour is not over, and what is
    due each second goes on"""
    offset, ahead_s = OFFSETS[way]
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "1h"}, ticks.feed),
                 start=False)
    one.env = wall.env
    one.start()
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    one.stop()
    wall.set(offset)
    one.start()
    stays_true(lambda: asked(feeds) == 1, "no poll is early", ticks.more(2))
    assert_shown(one, url, ahead_s)
    one.kill()
    wall.set("+0")
    one.start()
    stays_true(lambda: asked(feeds) == 1, "no poll is early", ticks.more(2))


# Kills

SCALE = 200


def start_fast(daemon, whole):
    one = daemon(whole, start=False)
    one.env = {"HEADLINED_TIME_SCALE": str(SCALE),
               "HEADLINED_TIME_ORIGIN": str(int(time.time()))}
    return one.start()


def test_killed_unanswered(daemon, feeds):
    """killed between the request and its answer: it waits as long again as
    the feed had been told to wait, not poll.min"""
    silent = threading.Event()

    def answer(request):
        if asked(feeds) == 2:
            silent.wait()
        return Answer(feed_text(), headers={"Cache-Control": "max-age=600"})

    one = start_fast(daemon, config({"url": feeds.set("/rss", answer)}))
    wait_until(lambda: asked(feeds) == 2, "the second request")
    one.kill()
    silent.set()
    one.start()
    wait_until(lambda: asked(feeds) == 3, "the third request")
    assert min(gaps(feeds)) >= 600 / SCALE, gaps(feeds)


def test_killed_before_commit(daemon, feeds, receiver):
    """killed while a document arrives: what its headers say of its freshness
    holds, though the store never heard of it"""
    gate = feeds.gate()
    text = rss(rss_item("a", "Peace"))
    cut = text.index("</item>") + len("</item>")
    url = feeds.set("/rss", Answer([text[:cut], gate, text[cut:]], headers={
        "Cache-Control": "max-age=600"}))
    whole = config({"url": url})
    whole["sinks"]["desk"]["webhook"] = receiver.url("/in")
    one = start_fast(daemon, whole)
    wait_until(receiver.messages, "the alert: the headers were read")
    one.kill()
    gate.open()
    one.start()
    wait_until(lambda: asked(feeds) == 2, "the second request")
    assert gaps(feeds)[0] >= 600 / SCALE, gaps(feeds)


@pytest.mark.parametrize("status,others", ((429, 0), (503, 1)))
def test_killed_told_off(daemon, feeds, ticks, status, others):
    """a 429 holds for all feeds of its host, also over a kill, for a day at
    most; a 503 for the one feed"""
    url = feeds.set("/rss", Answer("later", status, {
        "Retry-After": "200000"}))
    other = feeds.set("/other", feed_text())
    one = daemon(config({"url": url, "every": "1s"}, ticks.feed))
    wait_until(lambda: one.trouble(url), "the refusal")
    one.kill()
    one.configure(config({"url": url, "every": "1s"},
                         {"url": other, "every": "60m"}, ticks.feed))
    one.start()
    stays_true(lambda: asked(feeds) == 1 and
               asked(feeds, "/other") <= others, "nobody asks that host",
               ticks.more(3))
    assert asked(feeds, "/other") == others
    if status == 429:
        code, answer = wish(one, "poll", other)
        assert (code, answer["state"], answer["why"]) == \
            (0, "later", "host_refusal")
        assert 85000 < answer["in_s"] <= 86402
    code, answer = wish(one, "poll", url)
    assert (code, answer["state"]) == (0, "later")
    assert 199000 < answer["in_s"] <= 220002      # with its jitter


# What was configured since

def first_poll(one, feeds, url):
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")


LATER = {"poll.min": ({}, "1h"), "every": ({"every": "1h"}, "1s")}


@pytest.mark.parametrize("key", LATER)
@pytest.mark.parametrize("way", ("edited", "reloaded"))
def test_later_by_restart(daemon, feeds, ticks, key, way):
    """a longer interval holds after a restart, whether it was read by that or
    by a reload before it"""
    more, least = LATER[key]
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url}, ticks.feed, min="5s"))
    first_poll(one, feeds, url)
    next_config = config({"url": url, **more}, ticks.feed, min=least)
    if way == "reloaded":
        one.configure(next_config)
        assert headlinectl("reload", "--socket", one.socket).returncode == 0
    one.stop()
    polls = asked(feeds)
    one.configure(next_config)
    one.start()
    stays_true(lambda: asked(feeds) == polls, "it waits", ticks.more(8))


@pytest.mark.parametrize("before,after", (
    ({"every": "1h"}, {"every": "1s"}), ({"every": "1d"}, {}), ({}, {})))
def test_sooner_by_restart(daemon, feeds, before, after):
    """a shorter interval, also by poll.max, holds after a restart"""
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, **before}, min="1h", max="2h"))
    first_poll(one, feeds, url)
    one.stop()
    one.configure(config({"url": url, **after}, min="1s", max="1s"))
    one.start()
    wait_until(lambda: asked(feeds) > 1, "the next poll")


HELD = {
    "/document": lambda n: Answer(feed_text().replace(
        "<item>", "<ttl>120</ttl><item>", 1)),
    "/headers": lambda n: Answer(feed_text(), headers={
        "Cache-Control": "max-age=7200"}),
    "/304": lambda n: Answer("" if n > 1 else feed_text(),
                             304 if n > 1 else 200, headers={
        "ETag": '"a"', "Cache-Control": f"max-age={7200 if n > 1 else 1}"}),
    "/skipping": lambda n: Answer(skipping()),
    "/refusal": lambda n: Answer("", 503, {"Retry-After": "7200"}),
}


@pytest.mark.parametrize("way", ("restart", "reload"))
def test_hints_outlast(daemon, feeds, ticks, way):
    """shorter bounds bring nobody's turn before what the publisher asked
    for"""
    urls = [feeds.set(path, lambda request, path=path, make=make:
                      make(asked(feeds, path)))
            for path, make in HELD.items()]

    def with_bounds(s):
        return config(*[{"url": u} for u in urls], ticks.feed, min=s, max=s)

    def polls():
        return [asked(feeds, path) for path in HELD]

    one = daemon(with_bounds("3s"))
    wait_until(lambda: all((feed_row(one, u)["next_in_s"] or 0) > 600
                           for u in urls), "hints of each")
    before = polls()
    one.configure(with_bounds("1s"))
    if way == "restart":
        one.stop()
        one.start()
    else:
        assert headlinectl("reload", "--socket", one.socket).returncode == 0
    stays_true(lambda: polls() == before, "they wait", ticks.more(4))


# Wishes

def test_poll_ten_times(daemon, feeds):
    """ten wishes in a row make one request, and none nearer than poll.min;
    neither an interval nor the hint that it replaces holds an administrator
    up"""
    url = feeds.set("/rss", Answer(feed_text(), headers={
        "Cache-Control": "max-age=86400"}))
    one = start_fast(daemon, config({"url": url, "name": "News",
                                     "every": "24h"}, min="20m"))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    code, early = wish(one, "poll", "News")
    assert (code, early["state"], early["why"]) == (0, "later", "poll.min")
    assert 0 < early["in_s"] <= 1201
    # That wish is granted when poll.min is over, not a day later.
    wait_until(lambda: asked(feeds) == 2, "the poll that was wished")
    answers = [wish(one, "poll", url) for _ in range(10)]
    assert {code for code, _ in answers} == {0}
    assert {a["state"] for _, a in answers} <= {"now", "later", "under_way"}
    wait_until(lambda: asked(feeds) == 3, "the next one")
    assert min(gaps(feeds)) >= 1200 / SCALE, gaps(feeds)
    one.stop()
    assert asked(feeds) <= 4


def test_next_is_shown(daemon, feeds):
    """`feeds` says when a feed is asked: as it was promised to who wants a
    poll, and by the interval that runs, reloaded or read by a restart"""
    url = feeds.set("/rss", feed_text())

    def with_interval(least, **more):
        return config({"url": url, **more}, min=least)

    def shown():
        return feed_row(one, url)["next_in_s"]

    one = daemon(with_interval("10m", every="1h"))
    first_poll(one, feeds, url)
    assert shown() > 3500
    answer = wish(one, "poll", url)[1]
    assert answer["why"] == "poll.min"
    assert abs(shown() - answer["in_s"]) < 5
    one.configure(with_interval("10m", every="20m"))
    assert headlinectl("reload", "--socket", one.socket).returncode == 0
    assert 1100 < shown() <= 1201
    one.kill()
    one.start()
    assert 1100 < shown() <= 1201
    one.configure(with_interval("40m"))
    assert headlinectl("reload", "--socket", one.socket).returncode == 0
    assert 2300 < shown() <= 2401
    assert asked(feeds) == 1


def test_poll_now(daemon, feeds):
    """a feed whose poll.min is over is polled at once; the tool says so"""
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "1h"}))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    wait_until(lambda: wish(one, "poll", url)[1]["state"] == "now" or
               asked(feeds) == 2, "poll.min to be over")
    wait_until(lambda: asked(feeds) >= 2, "the wished poll")
    done = headlinectl("poll", "--socket", one.socket, url)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{url}: is ")


def skipping():
    """A document that skips today's and tomorrow's hours but for two, which
    are ten hours off at least."""
    now = time.gmtime().tm_hour
    hours = "".join(f"<hour>{h}</hour>" for h in range(24)
                    if h not in ((now + 11) % 24, (now + 12) % 24))
    return feed_text().replace("<item>",
                               f"<skipHours>{hours}</skipHours><item>", 1)


HINTS = {
    "header": (lambda: Answer(feed_text(), headers={
        "Cache-Control": "max-age=7200"}), 7100, 7201),
    "ttl": (lambda: feed_text().replace("<item>", "<ttl>120</ttl><item>", 1),
            7100, 7201),
    "skipHours": (skipping, 9 * HOUR_S, 11 * HOUR_S),
}


@pytest.mark.parametrize("hint", HINTS)
def test_poll_hinted(daemon, feeds, ticks, hint):
    """a wish waits for what the publisher asks for, unless `every` is there
    in its place"""
    make, least, most = HINTS[hint]
    url = feeds.set("/rss", make())
    one = daemon(config(url, ticks.feed))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    code, answer = wish(one, "poll", url)
    assert (code, answer["state"], answer["why"]) == (0, "later", "hint")
    assert least < answer["in_s"] <= most
    assert "its publisher asks for that time" in answer["message"]
    stays_true(lambda: asked(feeds) == 1, "it is left alone", ticks.more(3))
    one.configure(config({"url": url, "every": "1d"}, ticks.feed))
    assert headlinectl("reload", "--socket", one.socket).returncode == 0
    assert wish(one, "poll", url)[1]["state"] == "now"
    wait_until(lambda: asked(feeds) == 2, "the wished poll")


def test_poll_failing(daemon, feeds, ticks):
    """the patience after a failure holds for a wish too"""
    url = feeds.set("/rss", Answer("broken", 500))
    one = daemon(config({"url": url, "every": "1h"}, ticks.feed))
    wait_until(lambda: one.trouble(url), "the failure")
    code, answer = wish(one, "poll", url)
    assert (code, answer["state"], answer["why"]) == (0, "later", "backoff")
    assert 2 * HOUR_S - 100 < answer["in_s"] <= 2.2 * HOUR_S + 1
    done = headlinectl("poll", "--socket", one.socket, url)
    assert "it failed last time" in done.stdout
    stays_true(lambda: asked(feeds) == 1, "it is left alone", ticks.more(3))


def test_poll_refused_for_a_moment(daemon, feeds):
    """a server that asked for two seconds is not said to have asked for the
    feed's own twelve hours"""
    url = feeds.set("/rss", Answer("later", 503, {"Retry-After": "2"}))
    one = daemon(config({"url": url, "every": "12h"}, min="1s"))
    wait_until(lambda: feed_row(one, url)["failures"] == 1, "the refusal")
    code, answer = wish(one, "poll", url)
    assert (code, answer["state"], answer["why"]) == (0, "later", "backoff")
    assert answer["in_s"] > 12 * 3600 - 60
    assert asked(feeds) == 1


def test_poll_every_below_min(daemon, feeds):
    """of `every` and poll.min the shorter one is enough"""
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "2s"}, min="1h"))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    assert wish(one, "poll", url)[1]["in_s"] <= 3


def test_poll_refused(daemon, feeds, tmp_path):
    """a wish waits for what the server asked for, and says so; what is gone
    or watched is said too"""
    path = tmp_path / "wire.xml"
    path.write_text(feed_text(), encoding="utf-8")
    urls = {"later": feeds.set("/later", Answer("", 503, {
                "Retry-After": "7200"})),
            "gone": feeds.set("/gone", Answer("", 410))}
    one = daemon(config(*[{"url": u, "every": "1s"} for u in urls.values()],
                        {"file": str(path), "name": "Wire"}))
    wait_until(lambda: all(one.trouble(u) for u in urls.values()),
               "the refusals")
    code, answer = wish(one, "poll", urls["later"])
    assert (code, answer["state"], answer["why"]) == (0, "later", "refusal")
    assert 7000 < answer["in_s"] < 8100
    assert seconds_of(answer["at"]) - time.time() > 6900
    code, answer = wish(one, "poll", urls["gone"])
    assert (code, answer["state"]) == (1, "gone")
    assert wish(one, "poll", "Wire")[1]["state"] == "watched"
    done = headlinectl("poll", "--socket", one.socket, urls["later"])
    assert "its server asked for that time" in done.stdout
    assert "answered 503, Retry-After 7200 s)" in done.stdout
    assert len(feeds.requests_of("/later")) == 1
    assert len(feeds.requests_of("/gone")) == 1


def test_poll_unknown(daemon, feeds):
    """a feed that is not there is a mistake, with the one that was meant"""
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "1h", "name": "Morning News"}))
    done = headlinectl("poll", "--socket", one.socket, "Mornin News")
    assert done.returncode == 1
    assert "no feed is called Mornin News (did you mean Morning News?)" in \
        done.stderr
    done = headlinectl("poll", "--socket", one.socket)
    assert done.returncode == 2 and "usage" in done.stderr
    done = headlinectl("poll", "--socket", one.socket, "")
    assert done.returncode == 2 and "which one?" in done.stderr
    done = headlinectl("feed", "rename", "--socket", one.socket, url)
    assert done.returncode == 2 and "keep-url" in done.stderr
    # Its own title is what `feeds` shows of a feed without a name.
    other = feeds.set("/other", rss(rss_item("b", "War")).replace(
        "Example News", "Evening Wire"))
    one.configure(config({"url": url, "every": "1h", "name": "Morning News"},
                         {"url": other, "every": "1h"}))
    assert headlinectl("reload", "--socket", one.socket).returncode == 0
    wait_until(lambda: feed_row(one, other)["feed"] == "Evening Wire",
               "its title")
    code, answer = wish(one, "poll", "Evening Wire")
    assert code == 0 and answer["url"] == other
    # Only POST changes something, and a feed must be named.
    assert one.get("/poll?feed=x")[0] == 405
    assert post(one, "/poll?feed=Mornin%20News") == 404
    assert post(one, "/poll") == 400
    assert post(one, "/feed/keep-url?feed=Morning+News") == 200


def test_poll_named(daemon, feeds):
    """a URL means its feed whatever others are called; else a name does, or
    the URL as it is shown, where it is one feed's only"""
    a = feeds.set("/a", feed_text())
    b = feeds.set("/b", feed_text())
    mine = a.replace("://", "://me:secret@")
    one = daemon(config({"url": mine, "every": "1h", "name": "Twice"},
                        {"url": b, "every": "1h", "name": a + "?"},
                        {"url": a + "?", "every": "1h", "name": "Twice"},
                        {"url": b + "?", "every": "1h", "name": "Once"}))
    for said, url in ((a + "?", a + "?"), (b, b), ("Once", b + "?"),
                      (mine, a), (a, a)):
        code, answer = wish(one, "poll", said)
        assert (code, answer["url"]) == (0, url), said
    done = headlinectl("poll", "--socket", one.socket, "Twice")
    assert done.returncode == 1
    assert "several feeds are called Twice (say its URL)" in done.stderr


def change(one, sql):
    with contextlib.closing(sqlite3.connect(one.store)) as db, db:
        db.execute(sql)


def moved(one):
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        return db.execute("SELECT asked_url, kept_from FROM feed").fetchone()


def test_keep_url(daemon, feeds):
    """a stored move is taken back, in the store, and said to be"""
    url = feeds.set("/rss", feed_text())
    one = daemon(config({"url": url, "every": "1h"}))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    code, answer = wish(one, "feed", "keep-url", url)
    assert (code, answer["state"]) == (0, "not_moved")
    one.stop()
    change(one, "UPDATE feed SET asked_url = 'http://new.example/rss'")
    one.start()
    code, answer = wish(one, "feed", "keep-url", url)
    assert (code, answer["state"]) == (0, "kept")
    assert "http://new.example/rss" in answer["message"]
    code, answer = wish(one, "feed", "keep-url", url)
    assert (code, answer["state"]) == (0, "not_moved")
    line, = one.events("feed_url_kept")
    assert f"feed={url} not_at=http://new.example/rss" in line
    one.kill()
    assert moved(one) == (None, "http://new.example/rss")


def test_keep_url_dated(daemon, feeds):
    """a move that is taken back is of that moment, on the clock that the
    daemon goes by"""
    url = feeds.set("/rss", feed_text())
    one = start_fast(daemon, config({"url": url, "every": "20d"}, min="20d"))
    first_poll(one, feeds, url)
    one.stop()
    change(one, "UPDATE feed SET asked_url = 'http://new.example/rss'")
    one.start()
    row = wait_until(lambda: feed_row(one, url)["last_poll_ago_s"] > 600 and
                     feed_row(one, url), "some minutes of its clock")
    assert wish(one, "feed", "keep-url", url)[1]["state"] == "kept"
    [move] = feed_row(one, url)["moves"]
    assert (move["from"], move["to"]) == ("http://new.example/rss", url)
    assert seconds_of(move["at"]) >= seconds_of(row["last_poll"]) + 600


def test_keep_url_waits(daemon, feeds):
    """a poll under way would store the move again: taking it back waits for
    its end"""
    gate = feeds.gate()
    text = feed_text()
    url = feeds.set("/rss", text)
    one = daemon(config({"url": url, "every": "1h"}))
    wait_until(lambda: asked(feeds) == 1 and
               feed_row(one, url)["last_success"], "the first poll")
    one.stop()
    new = feeds.set("/new", Answer([text[:200], gate, text[200:]]))
    feeds.set("/rss", Answer([text[:200], gate, text[200:]]))
    change(one, f"UPDATE feed SET asked_url = '{new}', due = 1,"
           " last_asked = 1")
    os.unlink(one.store + ".claims")
    one.start()
    wait_until(gate.reached.is_set, "half a document")
    assert wish(one, "poll", url)[1]["state"] == "under_way"
    answers = []
    asking = threading.Thread(target=lambda: answers.append(
        wish(one, "feed", "keep-url", url)))
    asking.start()
    # What is asked after it has been answered: it waits.
    for _ in range(3):
        assert wish(one, "poll", url)[1]["state"] == "under_way"
    assert not answers
    gate.open()
    asking.join()
    assert answers[0][1]["state"] == "kept"
    one.stop()
    assert moved(one) == (None, new)
