# SPDX-License-Identifier: ISC
"""The main job: an item on a server, a topic that asks for it, an alert."""
import json
import re
import time
from datetime import datetime, timezone

import pytest

from feed_server import Answer
from harness import headlined, headlinectl, rss, rss_item, wait_until
from webhook_receiver import sign

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"


def desk(receiver):
    return {"desk": {"webhook": receiver.url("/in")}}


def seconds(stamp):
    """An RFC 3339 time in UTC as Unix seconds."""
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=timezone.utc).timestamp()


@pytest.mark.short
def test_webhook(daemon, feeds, receiver, tmp_path):
    """an item becomes one webhook message, with every field and header as
    promised, signed"""
    key = tmp_path / "desk.key"
    key.write_text(SECRET + "\n")
    key.chmod(0o600)
    url = feeds.set("/rss", Answer(
        '<?xml version="1.0"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
        "<title>Example News</title><link>https://news.example.com/</link>"
        "<language>en</language><item>"
        "<title>Peacekeepers for Ukraine, says Macron</title>"
        "<link>https://news.example.com/1</link>"
        '<guid isPermaLink="false">n-1</guid>'
        "<dc:creator>A. Writer</dc:creator>"
        "<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>"
        "<description>He named &lt;b&gt;no date&lt;/b&gt;.</description>"
        "</item></channel></rss>"))
    started = time.time()
    one = daemon({
        "feeds": [{"url": url, "every": "1s"}],
        "topics": {"ukraine-peacekeepers": {
            "match": "peacekeep* AND ukraine", "severity": "warning",
            "notify": ["desk"]}},
        "sinks": {"desk": {"webhook": receiver.url("/in"),
                           "secret_file": str(key)}}})
    wait_until(receiver.messages, "the message")
    message = receiver.messages()[0]

    assert message.method == "POST"
    assert message.path == "/in"
    headers = message.headers
    assert headers["content-type"].split(";")[0] == \
        "application/cloudevents+json"
    assert re.fullmatch(r"headlined/\d\S*", headers["user-agent"])
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["webhook-signature"] == sign(SECRET, message)

    body = json.loads(message.body)
    assert len(message.body) <= 20000
    assert body["specversion"] == "1.0"
    assert re.fullmatch(r"msg_[0-9a-f]{32}", body["id"])
    assert headers["webhook-id"] == body["id"]
    assert body["source"] == "urn:headlined:desk-1"
    assert body["type"] == "io.headlined.alert.v1"
    assert body["subject"] == "ukraine-peacekeepers"
    assert started - 1 <= seconds(body["time"]) <= time.time() + 1
    assert body["timestamp"] == body["time"]
    assert body["datacontenttype"] == "application/json"
    data = body["data"]
    assert data["topic"] == "ukraine-peacekeepers"
    assert data["severity"] == "warning"
    item = data["item"]
    assert item["id"] == "n-1"
    assert item["url"] == "https://news.example.com/1"
    assert item["title"] == "Peacekeepers for Ukraine, says Macron"
    assert item["summary"] == "He named no date."
    assert item["authors"] == ["A. Writer"]
    assert item["published"] == "2026-11-23T10:00:00Z"
    assert started - 1 <= seconds(item["first_seen"]) <= time.time() + 1
    assert item["language"] == "en"
    assert item["text_from"] == "feed"
    assert data["feed"]["title"] == "Example News"
    assert data["feed"]["url"] == url
    assert data["feed"]["site"]
    assert [(m["term"], m["field"], m["text"]) for m in data["matches"]] == [
        ("peacekeep*", "title", "Peacekeepers"),
        ("ukraine", "title", "Ukraine")]
    assert all("Peacekeepers for Ukraine" in m["context"]
               for m in data["matches"])
    assert data["entities"] == []
    assert data["story"]["copies"] == 0

    wait_until(lambda: len(feeds.requests_of("/rss")) >= 4, "more polls")
    assert len(receiver.messages()) == 1, "the same item again is no news"
    assert one.sink("desk")["sent"] == 1


@pytest.mark.short
def test_terminal(daemon, feeds):
    """the terminal sink writes the alert on standard output, without colour
    where that is a file"""
    url = feeds.set("/rss", rss(rss_item("a", "Peacekeepers leave")))
    one = daemon({"feeds": [url], "topics": {"peace": {
        "match": "peacekeepers", "notify": ["terminal"]}}})
    wait_until(lambda: "https://news.example.com/a" in one.output(), "it")
    assert "peace" in one.output()
    assert "Peacekeepers leave" in one.output()
    assert "\x1b" not in one.output()


def test_hostile_text(daemon, feeds, receiver):
    """no control character and no bidirectional override reaches a sink"""
    url = feeds.set("/rss", rss(rss_item(
        "a", "Peace\u202e talks\u0085 \u2066here\u007f", "one\x9btwo")))
    one = daemon({"feeds": [url], "sinks": desk(receiver),
                  "topics": {"t": {"match": "peace",
                                   "notify": ["desk", "terminal"]}}})
    wait_until(receiver.messages, "the message")
    wait_until(lambda: "Peace" in one.output(), "the line")
    for text in (receiver.titles()[0], one.output().replace("\n", "")):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
                             text), ascii(text)


def test_topics(daemon, feeds, receiver):
    """each topic alerts for what it asks: title:, AND, OR, NOT, brackets,
    prefix, phrase, the short form"""
    url = feeds.set("/rss", rss(
        rss_item("a", "Embargo on machine parts", "Ceasefire talks go on"),
        rss_item("b", "Ceasefire talks fail", "No embargo yet"),
        rss_item("c", "Rare earths found", "In Greenland"),
        rss_item("d", "A quiet day", "Nothing")))
    topics = {
        "in-title": "title:embargo",
        "both": "embargo AND ceasefire",
        "either": "greenland OR embargo",
        "but-not": "embargo NOT title:ceasefire",
        "group": "(greenland OR quiet) AND (rare* OR none)",
        "prefix": "cease*",
        "phrase": '"talks go"',
        "never": "talks AND greenland"}
    daemon({"feeds": [url], "sinks": desk(receiver),
            "defaults": {"notify": "desk"},
            "topics": {**{n: {"match": q} for n, q in topics.items()},
                       "short": ["rare earth*", "quiet"]}})
    want = {("in-title", "a"), ("both", "a"), ("both", "b"), ("either", "a"),
            ("either", "b"), ("either", "c"), ("but-not", "a"),
            ("group", "c"), ("prefix", "a"), ("prefix", "b"),
            ("phrase", "a"), ("short", "c"), ("short", "d")}
    wait_until(lambda: len(receiver.messages()) >= len(want), "all alerts")
    got = [(a["subject"], a["data"]["item"]["id"])
           for a in receiver.alerts()]
    assert sorted(got) == sorted(want)


def test_feed_choice(daemon, feeds, receiver):
    """a topic looks at the feeds it names, by tag or by name"""
    tagged = feeds.set("/tagged", rss(rss_item("t", "Peace one")))
    named = feeds.set("/named", rss(rss_item("n", "Peace two")))
    other = feeds.set("/other", rss(rss_item("o", "Peace three")))
    daemon({"feeds": [{"url": tagged, "tags": ["world", "x"]},
                      {"url": named, "name": "Wire"}, other],
            "sinks": desk(receiver), "defaults": {"notify": "desk"},
            "topics": {"some": {"match": "peace",
                                "feeds": ["world", "Wire"]},
                       "all": {"match": "peace"}}})
    wait_until(lambda: len(receiver.messages()) >= 5, "five alerts")
    got = {(a["subject"], a["data"]["item"]["id"])
           for a in receiver.alerts()}
    assert got == {("some", "t"), ("some", "n"), ("all", "t"), ("all", "n"),
                   ("all", "o")}


def test_until(daemon, feeds, receiver):
    """a topic past its `until` alerts no more"""
    url = feeds.set("/rss", rss(rss_item("a", "Peace")))
    one = daemon({"feeds": [url], "sinks": desk(receiver),
                  "defaults": {"notify": "desk"},
                  "topics": {"over": {"match": "peace",
                                      "until": "2020-01-01"},
                             "now": {"match": "peace"}}})
    wait_until(receiver.messages, "the topic that holds")
    one.stop()
    assert receiver.topics() == ["now"]


def test_first(daemon, feeds, receiver):
    """of a new feed, items older than poll.first are remembered, not
    alerted; an item without a date is new"""
    url = feeds.set("/rss", rss(
        rss_item("old", "Peace", date="Mon, 06 Jan 2020 10:00:00 GMT"),
        rss_item("dateless", "Peace")))
    config = {"feeds": [{"url": url, "every": "1s"}],
              "sinks": desk(receiver), "poll": {"first": "24h"},
              "topics": {"t": {"match": "peace", "notify": "desk"}}}
    daemon(config)
    wait_until(lambda: len(feeds.requests_of("/rss")) >= 3, "three polls")
    wait_until(receiver.messages, "the message")
    assert [a["data"]["item"]["id"] for a in receiver.alerts()] == [
        "dateless"]


def test_file_feed(daemon, receiver, tmp_path):
    """a watched file alerts, and again what is new when it is replaced"""
    wire = tmp_path / "wire.xml"
    wire.write_text(rss(rss_item("a", "Peace one")))
    one = daemon({"feeds": [{"file": "wire.xml"}], "sinks": desk(receiver),
                  "topics": {"t": {"match": "peace", "notify": "desk"}}})
    wait_until(lambda: len(receiver.messages()) == 1, "the first item")
    row, = json.loads(headlinectl("feeds", "--json", "--socket",
                                  one.socket).stdout)
    assert (row["next"], row["next_in_s"]) == (None, None)
    told = headlinectl("feeds", "--socket", one.socket).stdout
    assert re.search(r"^ok +\d+s ago +watched +1 ", told, re.M), told
    fresh = tmp_path / "fresh"
    fresh.write_text(rss(rss_item("a", "Peace one"),
                         rss_item("b", "Peace two")))
    fresh.rename(wire)
    wait_until(lambda: len(receiver.messages()) >= 2, "the second item")
    assert receiver.titles() == ["Peace one", "Peace two"]


@pytest.mark.short
def test_status(daemon, feeds, receiver):
    """status: counts of feeds, topics, items, alerts and sinks; the same
    over plain HTTP on the socket and with headlinectl, as JSON and for
    people"""
    good = feeds.set("/rss", rss(rss_item("a", "Peace"),
                                 rss_item("b", "War")))
    bad = feeds.url("/missing")
    one = daemon({"feeds": [good, bad], "sinks": desk(receiver),
                  "topics": {"t": {"match": "peace", "notify": "desk"}}})
    wait_until(lambda: one.sink("desk")["sent"] == 1, "the alert, sent")
    wait_until(lambda: one.trouble(bad), "the feed in trouble")
    status = one.status()
    assert status["version"] == headlined("--version").stdout.split()[1]
    assert status["instance"] == "desk-1"
    assert status["uptime_s"] >= 0
    assert status["degraded"] is False
    assert status["faults"] == []
    assert status["feeds"] == {"total": 2, "failing": 1, "gone": 0,
                               "waiting": 0}
    assert status["topics"] == 1
    assert status["items_seen"] == 2
    assert status["alerts_raised"] == 1
    assert one.sink("desk") == {
        "name": "desk", "kind": "webhook", "format": "cloudevents",
        "state": "works", "waiting": 0, "sent": 1, "retried": 0, "given_up": 0,
        "dropped": 0, "in_digest": 0, "oldest_waiting": None, "disabled": False,
        "since": None, "tries": 0, "next": None, "reason": None}
    trouble = one.trouble(bad)
    assert trouble["status"] == 404
    assert trouble["word"] == "http_404"
    assert trouble["message"]
    assert trouble["failures"] >= 1     # its interval is short here
    assert seconds(trouble["next"]) > time.time()

    done = headlinectl("status", "--socket", one.socket, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sinks"] == status["sinks"]
    done = headlinectl("status", "-c", one.config)
    assert done.returncode == 0, done.stderr
    for word in ("desk-1", "2, 1 failing", "desk", bad, "http_404"):
        assert word in done.stdout
    assert one.get("/healthz")[0] == 200
    assert one.get("/no-such-path")[0] == 404


def test_no_daemon(tmp_path):
    """status without a daemon: exit 1 and where it looked"""
    done = headlinectl("status", "--socket", tmp_path / "none.sock")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "none.sock" in done.stderr
