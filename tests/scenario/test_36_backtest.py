# SPDX-License-Identifier: ISC
"""What topics and queries would have alerted on the items kept. What the
daemon has really alerted, day by day, is the measure of what it says."""
import collections
import contextlib
import json
import sqlite3
import time

import pytest

from feed_server import Answer
from harness import Daemon, UnixConnection, headlinectl, rss, rss_item, \
    wait_until

DAY_S = 86400
SCALE = 30000           # a day is 2.9 s
DAYS = 4
ITEMS_A_DAY = 60


class News:
    """One feed that lists each item for good."""

    def __init__(self, feeds):
        self.items = {}
        self.feeds = feeds
        self.url = feeds.set("/rss", lambda r: Answer(
            rss(*self.items.values())))

    def add(self, name, title, text=""):
        self.items[name] = rss_item(name, title, text)

    def polls(self):
        return len(self.feeds.requests_of("/rss"))


def config(news, **topics):
    return {"feeds": [{"url": news.url, "every": "30m", "tags": "world"},
                      {"url": news.feeds.set("/sport", rss()), "every": "30m",
                       "tags": "sport"}],
            "topics": {n: {"match": q, "notify": "desk", "feeds": f}
                       for n, (q, f) in topics.items()},
            "sinks": {"desk": {"webhook": "http://127.0.0.1:9/"}}}


@pytest.fixture
def one(tmp_path, feeds):
    news = News(feeds)
    daemon = Daemon(tmp_path, config(
        news, peace=("peace", "world"), nobody=("peace", "sport")))
    daemon.news = news
    daemon.env = {"HEADLINED_TIME_SCALE": str(SCALE),
                  "HEADLINED_TIME_ORIGIN": str(int(time.time()))}
    yield daemon
    if daemon.is_running():
        daemon.stop()


def rows(one, sql):
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        return db.execute(sql).fetchall()


def texts(one):
    return rows(one, "SELECT count(*) FROM item_text")[0][0]


def alerted(one, topic):
    """Alerts of a topic by day, as they were raised."""
    days = collections.Counter()
    for (at,) in rows(one, "SELECT time FROM alert "
                      f"WHERE topic = '{topic}'"):
        days[time.strftime("%Y-%m-%d", time.gmtime(at))] += 1
    return dict(days)


def backtest(one, *words):
    done = headlinectl("backtest", "--socket", one.socket, "--json",
                       "--since", "30d", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def by_day(answer, topic):
    return {d["day"]: d["alerts"] for d in answer["days"]
            if d["topic"] == topic}


def live_through(one):
    """Items of some days; one in three is about peace."""
    news = one.news
    for day in range(DAYS):
        for n in range(ITEMS_A_DAY):
            title = f"peace {day} {n}" if n % 3 == 0 else f"war {day} {n}"
            news.add(f"{day}-{n}", title, f"Stories, oddity{day}.")
        until = time.monotonic() + DAY_S / SCALE
        wait_until(lambda: texts(one) >= (day + 1) * ITEMS_A_DAY,
                   "the day's items to be kept")
        wait_until(lambda: time.monotonic() > until, "the day to end")


def post(one, path, body=""):
    connection = UnixConnection(one.socket)
    with contextlib.closing(connection):
        connection.request("POST", path, body=body)
        response = connection.getresponse()
        return response.status, response.read().decode()


def test_a_topic_and_a_query_tell_what_was_alerted(one):
    """Counts of each day are those of the alerts that were raised, over a
    kill and while polls go on."""
    one.start()
    live_through(one)
    polls = one.news.polls()
    answer = backtest(one, "--topic", "peace", "--limit", "10")
    assert by_day(answer, "peace") == alerted(one, "peace")
    assert len(by_day(answer, "peace")) >= DAYS - 1
    assert answer["end"]["alerts"] == DAYS * ITEMS_A_DAY / 3
    assert answer["end"]["items"] == DAYS * ITEMS_A_DAY
    assert len(answer["list"]) == 10
    assert answer["list"][-1]["title"].startswith(f"peace {DAYS - 1} ")
    assert answer["list"] == sorted(answer["list"], key=lambda a: a["seen"])
    # Its feeds: are others.
    assert backtest(one, "--topic", "nobody")["end"]["alerts"] == 0
    # A query looks at all of them, at texts too.
    query = backtest(one, "--query", "oddity2 AND war")
    assert sum(by_day(query, "query").values()) == ITEMS_A_DAY * 2 / 3
    # It may name what topics may; theirs is not counted with it.
    named = backtest(one, "--query", "topic:peace AND oddity2")
    assert sum(by_day(named, "query").values()) == ITEMS_A_DAY / 3
    assert {d["topic"] for d in named["days"]} == {"query"}
    whole = backtest(one)
    assert by_day(whole, "peace") == alerted(one, "peace")
    wait_until(lambda: one.news.polls() > polls, "the next poll")
    one.kill()
    one.start()
    again = backtest(one, "--topic", "peace", "--limit", "10")
    assert by_day(again, "peace") == by_day(answer, "peace")
    assert again["list"] == answer["list"]


def test_an_item_alerts_once_whatever_its_edits_say(one):
    """First text and edit of one item are one alert; an edit alone is one."""
    one.news.add("a", "peace one")
    one.news.add("b", "war two")
    one.start()
    wait_until(lambda: texts(one) == 2, "both items")
    one.news.add("a", "peace once more")
    one.news.add("b", "peace two")
    wait_until(lambda: texts(one) == 4, "both edits")
    wait_until(lambda: sum(alerted(one, "peace").values()) == 2, "alerts")
    answer = backtest(one, "--topic", "peace")
    assert by_day(answer, "peace") == alerted(one, "peace")
    assert [a["title"] for a in answer["list"]] == ["peace one", "peace two"]
    assert answer["end"]["items"] == 4


def test_what_is_wrong_is_told(one):
    """A wrong query shows its place, a wrong topic the nearest one."""
    one.start()
    done = headlinectl("backtest", "--socket", one.socket,
                       "--query", "peace talks")
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0].startswith("query:"), done.stderr
    assert lines[1] == "  peace talks" and lines[2].strip() == "^"
    done = headlinectl("backtest", "--socket", one.socket,
                       "--query", "peace AND topic:paece")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        'query:17: topic:paece: no topic has this name (did you mean peace?)',
        "  peace AND topic:paece", " " * 18 + "^"]
    done = headlinectl("backtest", "--socket", one.socket,
                       "--topic", "paece")
    assert done.returncode == 1
    assert "did you mean peace?" in done.stderr
    for path, code in (("/backtest?since=never", 400),
                       ("/backtest?since=9999d", 400),
                       ("/backtest?limit=-1", 400),
                       ("/backtest?x=1", 400),
                       ("/backtest?topic=zzz", 404)):
        status, body = post(one, path)
        assert (status, path) == (code, path), body
    assert post(one, "/backtest?topic=peace", "peace")[0] == 400
    assert one.get("/backtest")[0] == 405
    # Nothing is kept: an answer all the same.
    done = headlinectl("backtest", "--socket", one.socket)
    assert done.returncode == 0 and "0 alerts on 0 items" in done.stdout


def test_who_hangs_up_ends_it_and_leaves_room(one):
    """One at a time; whoever goes takes it along, and the next is served."""
    for n in range(200):
        one.news.add(str(n), f"peace {n}")
    one.start()
    wait_until(lambda: texts(one) == 200, "the items")
    for _ in range(20):
        raw = one.connect()
        raw.sendall(b"POST /backtest HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 0\r\n\r\n")
        raw.close()
    wait_until(lambda: post(one, "/backtest")[0] == 200, "its turn")
    status, body = post(one, "/backtest?limit=3")
    assert status == 200
    lines = [json.loads(line) for line in body.splitlines()]
    assert lines[-1]["end"]["alerts"] == 200
    assert lines[-1]["end"]["listed"] == 3
    assert "progress" in lines[0]


def test_one_is_under_way(one):
    """Whoever asks meanwhile is told so and comes later: here the first does
    not read what it is told."""
    for n in range(3000):
        one.news.add(str(n), f"peace {n} " + "with long words " * 30)
    one.start()
    wait_until(lambda: texts(one) == 3000, "the items")
    with contextlib.closing(one.connect()) as raw:
        raw.sendall(b"POST /backtest?limit=10000 HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 0\r\n\r\n")
        wait_until(lambda: raw.recv(1), "its first byte")
        status, body = post(one, "/backtest?topic=peace")
        assert status == 409, body
        assert "under way (all topics" in json.loads(body)["message"]
        done = headlinectl("backtest", "--socket", one.socket)
        assert done.returncode == 1 and "ask again" in done.stderr
        # Everybody else is answered.
        assert one.get("/healthz")[0] == 200
    wait_until(lambda: post(one, "/backtest")[0] == 200, "its turn")


def test_texts_are_kept_for_their_time(tmp_path, feeds):
    """store.keep: what is older than that is looked at no more."""
    news = News(feeds)
    daemon = Daemon(tmp_path, dict(
        config(news, peace=("peace", "world")),
        store={"path": str(tmp_path / "headlined.db"), "keep": "2d"}))
    daemon.env = {"HEADLINED_TIME_SCALE": str(SCALE),
                  "HEADLINED_TIME_ORIGIN": str(int(time.time()))}
    news.add("a", "peace one")
    daemon.start()
    try:
        wait_until(lambda: texts(daemon) == 1, "the item")
        # Its text goes, and it stays known: it alerts no second time.
        wait_until(lambda: texts(daemon) == 0, "two days to pass")
        news.add("b", "peace two")
        wait_until(lambda: texts(daemon) == 1, "another item")
        answer = backtest(daemon)
        assert [a["title"] for a in answer["list"]] == ["peace two"]
        assert answer["end"]["items"] == 1
    finally:
        daemon.stop()
