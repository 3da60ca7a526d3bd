# SPDX-License-Identifier: ISC
"""What became of one item: its texts, who looked, what held, what was
alerted."""
import contextlib
import json
import sqlite3
import threading
import urllib.parse

import pytest

from feed_server import Answer
from harness import Daemon, headlinectl, rss, rss_item, wait_until

TOPICS = {
    "peace": {"match": "peacekeep* NEAR/5 ukraine NOT sport",
              "notify": "desk", "severity": "warning"},
    "talks": {"match": "peacekeepers AND talks", "notify": "desk"},
    "zebra": {"match": "zebra AND lion", "notify": "desk"},
    "other": {"match": "peacekeepers", "notify": "desk", "feeds": "sport"},
    "gone": {"match": "peacekeepers", "notify": "desk",
             "until": "2020-01-01"},
}
TITLE = "Peacekeepers for Ukraine"


@pytest.fixture
def one(tmp_path, feeds):
    items = {}
    url = feeds.set("/rss", lambda r: Answer(rss(*items.values())))
    daemon = Daemon(tmp_path, {
        "feeds": [{"url": url, "every": "1s", "name": "World"},
                  {"url": feeds.set("/sport", rss()), "tags": "sport"}],
        "topics": TOPICS,
        "sinks": {"desk": {"webhook": "http://127.0.0.1:9/"}}})
    daemon.items = items
    daemon.page = "https://news.example.com"
    yield daemon
    if daemon.is_running():
        daemon.stop()


def add(one, name, title, text="Leaders met."):
    one.items[name] = rss_item(name, title, text)


def texts(one):
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        return db.execute("SELECT count(*) FROM item_text").fetchone()[0]


def why(one, *words, code=0):
    done = headlinectl("why", "--socket", one.socket, *words)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def why_json(one, *words):
    return json.loads(why(one, "--json", *words))


def named(topics):
    return {t["topic"]: t for t in topics}


def test_who_looked_and_what_held(one):
    """Each topic that looked is told part by part, with its alert; whom no
    word concerns is counted."""
    add(one, "a", TITLE)
    one.start()
    wait_until(lambda: texts(one) == 1, "the item")
    answer = why_json(one, f"{one.page}/a?utm_source=rss")
    item, = answer["items"]
    assert item["url"] == f"{one.page}/a" and item["watched"]
    assert item["feed_title"]
    text, = item["texts"]
    assert (text["part"], text["title"]) == ("first", TITLE)
    assert text["summary"] == "Leaders met."
    held, missed = named(text["held"]), named(text["missed"])
    assert set(held) == {"peace", "gone"} and set(missed) <= {"talks"}
    assert held["peace"]["alerted"] and held["peace"]["severity"] == "warning"
    assert "alerted" not in held["gone"] and held["gone"]["expired"]
    nodes = held["peace"]["explain"]
    assert [(n["depth"], n["text"], n["held"]) for n in nodes] == [
        (0, "AND", True), (1, "NEAR/5", True), (2, "peacekeep*", True),
        (2, "ukraine", True), (1, "NOT", True), (2, "sport", False)]
    assert nodes[2]["hits"] == [{
        "term": "peacekeep*", "field": "title", "text": "Peacekeepers",
        "offset": 0, "context": TITLE, "context_offset": 0}]
    # `other` does not look at this feed; the rest are counted.
    looked = len(held) + len(missed)
    assert text["n_held"] + text["n_missed"] == looked
    assert looked + text["n_not_asked"] == len(TOPICS) - 1


def test_one_topic_is_told_whether_it_looked_or_not(one, tmp_path):
    """What it lacks is what is asked for; in words, without colour, with
    brackets."""
    add(one, "a", TITLE)
    one.start()
    wait_until(lambda: texts(one) == 1, "the item")
    lines = why(one, "--topic", "talks", f"{one.page}/a").splitlines()
    at = lines.index("  talks (notice: does not hold)")
    assert lines[at + 1] == "    - AND"
    assert lines[at + 2] == "      + peacekeepers"
    assert lines[at + 3].split(None, 2) == [
        "title", "0", "[Peacekeepers] for Ukraine"]
    assert lines[at + 4] == "      - talks"
    assert "\033" not in "".join(lines)
    zebra = why(one, "--topic", "zebra", f"{one.page}/a")
    assert "      - zebra\n      - lion\n" in zebra
    other = why(one, "--topic", "other", f"{one.page}/a")
    assert ("  other (notice: holds; it does not look at this feed)"
            in other)
    whole = why(one, f"{one.page}/a")
    assert "  peace (warning: holds; alerted " in whole
    assert "  gone (notice: holds; not alerted: it had expired)" in whole
    # Match says the same of the same text.
    story = tmp_path / "story.txt"
    story.write_text(TITLE)
    done = headlinectl("match", "--explain", "--query",
                       TOPICS["talks"]["match"], story)
    assert done.stdout.splitlines()[2:] == lines[at + 1:]


def test_an_edit_is_a_text_of_its_own(one):
    """Both texts stand side by side, each with what held in it."""
    add(one, "a", "War", "Nothing else.")
    one.start()
    wait_until(lambda: texts(one) == 1, "the item")
    add(one, "a", TITLE)
    wait_until(lambda: texts(one) == 2, "its edit")
    item, = why_json(one, f"{one.page}/a")["items"]
    first, edited = item["texts"]
    assert (first["part"], edited["part"]) == ("first", "edited")
    assert first["n_held"] == 0
    assert named(edited["held"])["peace"]["alerted"]


def test_what_is_not_there_is_told(one):
    """An unknown item with the nearest one, an unknown topic, questions that
    are none."""
    add(one, "story-of-peace", TITLE)
    one.start()
    wait_until(lambda: texts(one) == 1, "the item")
    said = why(one, f"{one.page}/story-of-peece", code=1)
    assert "no item with this URL is kept" in said
    assert f"did you mean {one.page}/story-of-peace?" in said
    said = why(one, "http://nowhere.example/", code=1)
    assert "0 of this host" in said
    said = why(one, "--topic", "tlaks", f"{one.page}/story-of-peace", code=1)
    assert "did you mean talks?" in said
    assert "one URL is needed" in why(one, code=2)
    assert "at most 1000" in why(one, "--limit", "2000", one.page, code=2)
    for path, code in (("/why", 400), ("/why?url=", 400), ("/why?x=1", 400),
                       ("/why?url=x&limit=-1", 400), ("/why?url=x", 404)):
        status, body = one.get(path)
        assert status == code, (path, body)
        assert json.loads(body)["message"]


def test_many_that_ask_and_hang_up(one):
    """Whoever goes leaves nothing behind; too many at once are told so."""
    add(one, "a", TITLE)
    one.start()
    wait_until(lambda: texts(one) == 1, "the item")
    path = "/why?url=" + urllib.parse.quote(f"{one.page}/a", safe="")
    question = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for _ in range(20):
        raw = one.connect()
        raw.sendall(question)
        raw.close()
    codes = []

    def ask():
        with contextlib.closing(one.connect()) as raw:
            raw.sendall(question)
            codes.append(int(raw.recv(64).split()[1]))

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(codes) == 12 and set(codes) <= {200, 503}
    wait_until(lambda: one.get(path)[0] == 200, "its turn")
