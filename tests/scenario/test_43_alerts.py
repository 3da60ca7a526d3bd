# SPDX-License-Identifier: ISC
"""What was alerted, where it went, what was held back behind it; and as it
comes."""
import contextlib
import json
import os
import pty
import socket
import sqlite3
import subprocess
import urllib.parse

import pytest

from harness import HEADLINECTL, headlinectl, wait_until
from test_42_alert_per import (OWN, WIRE, alerts_of, config, sites,
                               wait_heard)

__all__ = ["sites"]

HOSTILE = "Dam \x9b31m\u202eburst\u2028 \x07now"


def listed(one, *words, code=0):
    done = headlinectl("alerts", "--socket", one.socket, *words)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def listed_json(one, *words):
    return json.loads(listed(one, "--json", *words))["alerts"]


def ask(one, **how):
    status, body = one.get("/alerts?" + urllib.parse.urlencode(how))
    return status, json.loads(body)


def wait_sent(one, n):
    """n alerts, all of them sent."""
    wait_until(lambda: [s["state"] for a in listed_json(one)
                        for s in a["sinks"]] == n * ["sent"],
               f"{n} alerts to be sent")


@pytest.mark.short
def test_copies_are_found_with_their_alert(daemon, sites, receiver):
    """Copies that were held back are counted and named at the alert that told
    their text first; so is what told no more of a story; over a restart."""
    topics = {"texts": {"match": "dam", "alert_per": "text",
                        "severity": "warning"},
              "once": {"match": "dam", "alert_per": "story"}}
    one = daemon(config(sites, receiver, topics))
    assert listed(one) == "no alerts\n"
    assert listed_json(one) == []
    sites.give("a", "Dam bursts", WIRE)
    wait_heard(receiver, "texts", "a")
    sites.give("b", "Thousands flee", WIRE)
    wait_until(lambda: one.status()["alerts_held"] == 2, "the copy")
    one.kill()
    one.start()
    sites.give("c", "Water everywhere", WIRE)
    wait_until(lambda: one.status()["alerts_held"] == 2, "another copy")
    sites.give("c", "Engineers had warned of the dam", OWN)
    wait_heard(receiver, "texts", "a", "c")
    wait_until(lambda: one.status()["alerts_held"] == 3, "the report")
    wait_sent(one, 3)
    texts = listed_json(one, "--topic", "texts")
    once, = listed_json(one, "--topic", "once")
    assert [(a["title"], a["severity"], a["topic"]) for a in texts] == [
        ("Dam bursts", "warning", "texts"),
        ("Engineers had warned of the dam", "warning", "texts")]
    first, own = texts
    sent = alerts_of(receiver, "texts")[0]
    assert (first["id"], first["url"], first["story"]) == (
        sent["id"], sent["data"]["item"]["url"], sent["data"]["story"]["id"])
    assert first["time"] == sent["time"]
    assert first["feed"]["url"] == sites.urls[0]
    assert first["feed"]["site"] == "127.0.0.1"
    sink, = first["sinks"]
    assert (sink["sink"], sink["state"], sink["tries"]) == ("desk", "sent", 1)
    assert (first["held"]["copies"], first["held"]["story"]) == (2, 0)
    assert [(i["why"], i["title"], i["feed"]) for i in
            first["held"]["items"]] == [
        ("copy", "Water everywhere", sites.urls[2]),
        ("copy", "Thousands flee", sites.urls[1])]
    assert all(i["url"] and i["seen"] and i["id"].startswith("msg_")
               for i in first["held"]["items"])
    assert own["held"] == {"copies": 0, "story": 0, "items": []}
    assert (once["held"]["copies"], once["held"]["story"]) == (0, 3)
    assert {i["why"] for i in once["held"]["items"]} == {"story"}
    lines = listed(one, "--topic", "texts").splitlines()
    assert lines[0] == f"{first['time']}  warning  texts  Dam bursts"
    assert lines[1].split()[0] == "127.0.0.1"
    assert lines[1].split()[-1] == first["url"]
    assert lines[2:7] == ["    desk sent", "    held back: 2 copies",
                          "      copy  Water everywhere  (127.0.0.1)",
                          "      copy  Thousands flee  (127.0.0.1)",
                          f"    {first['id']}  story {first['story']}"]
    assert ("    held back: 3 other items of the story\n"
            "      story  ") in listed(one)
    sites.give("b", "Engineers", OWN)
    wait_until(lambda: one.status()["alerts_held"] == 5, "its copy")
    lines = listed(one, "--topic", "once").splitlines()
    assert lines[3] == "    held back: 4 other items of the story"
    assert [line.split()[0] for line in lines[4:7]] == 3 * ["story"]
    assert lines[7] == "      +1 more"


def test_where_it_went(daemon, sites):
    """A sink that does not take it is named with its reason."""
    settings = {"feeds": [{"url": u, "every": "1s"} for u in sites.urls],
                "topics": {"t": {"match": "dam", "notify": "desk"}},
                "sinks": {"desk": {"webhook": "http://127.0.0.1:9/"}}}
    one = daemon(settings)
    sites.give("a", "Dam bursts", WIRE)
    wait_until(lambda: any(s.get("error") for a in listed_json(one)
                           for s in a["sinks"]), "the first try")
    alert, = listed_json(one)
    sink, = alert["sinks"]
    assert sink["state"] == "waiting" and sink["next"] and sink["tries"] >= 1
    assert "    desk waiting (" in listed(one)


def many(daemon, sites, receiver, n):
    """A daemon that has alerted of n items."""
    one = daemon(config(sites, receiver, {"t": {
        "match": "dam", "alert_per": "item"}}))
    for i in range(n):
        sites.give("a", f"Dam {i}", f"Number {i}.")
    wait_until(lambda: len(receiver.alerts()) == n, "all of them")
    return one


def test_pieces(daemon, sites, receiver):
    """A long list comes in pieces, each of which says where the next begins;
    together they are all, in the order in which they were stored."""
    one = many(daemon, sites, receiver, 7)
    whole = listed_json(one)
    seqs = [a["seq"] for a in whole]
    assert len(whole) == 7 and seqs == sorted(seqs)
    found, after = [], 0
    for _ in range(4):
        status, piece = ask(one, after=after, limit=2)
        assert status == 200
        found += [a["seq"] for a in piece["alerts"]]
        assert len(piece["alerts"]) <= 2
        after = piece["next"]
    assert found == seqs and not piece["more"]
    assert ask(one, after=after) == (200, {"alerts": [], "next": after,
                                           "more": False})


def test_since_and_topic(daemon, sites, receiver):
    """What is older, or of another topic, is left out; what is asked for and
    is not known is told."""
    one = many(daemon, sites, receiver, 1)
    one.stop()
    with contextlib.closing(sqlite3.connect(one.store)) as db, db:
        db.execute("UPDATE alert SET time = time - 7200")
        db.execute("INSERT INTO alert (id, topic, feed, time, body)"
                   " SELECT 'msg_x', 'removed', feed, time, body FROM alert")
    one.start()
    assert listed(one, "--since", "1h") == "no alerts\n"
    assert [a["id"][:4] for a in listed_json(one, "--since", "3h")] == [
        "msg_", "msg_"]
    # It is configured no more, and what it alerted is there.
    alert, = listed_json(one, "--topic", "removed")
    assert alert["id"] == "msg_x" and alert["sinks"] == []
    assert "for no sink" in listed(one, "--topic", "removed")
    said = listed(one, "--topic", "tt", code=1)
    assert "did you mean t?" in said
    said = listed(one, "--topic", "remved", code=1)
    assert said == ("headlinectl: no topic is called remved"
                    " (did you mean removed?)\n")
    said = listed(one, "--since", "never\x1b", code=2)
    assert said.startswith('headlinectl: since: "never" is not a duration (')
    assert "7d" in said and "400d" in said
    assert "topic: it needs a name" in listed(one, "--topic", "", code=2)
    assert "usage: headlinectl alerts" in listed(one, "more", code=2)
    assert "usage: headlinectl alerts" in listed(one, "--none", code=2)
    for wrong in ({"limit": 0}, {"limit": 1001}, {"held": -1}, {"x": 1},
                  {"after": "x"}, {"wait": "61s"}, {"since": "401d"}):
        status, answer = ask(one, **wrong)
        assert status == 400 and answer["message"], wrong
    assert ask(one, topic="tt")[0] == 404


class Follower:
    """headlinectl alerts --follow, and the lines that it has printed."""

    def __init__(self, one, *words):
        self.process = subprocess.Popen(
            [HEADLINECTL, "alerts", "--follow", "--socket",
             one.socket, *words], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def line(self):
        return self.process.stdout.readline()

    def end(self):
        out, said = self.process.communicate(timeout=30)
        return self.process.returncode, out, said


def test_follow(daemon, sites, receiver):
    """What was there is printed, then what comes, as it is stored; a stop of
    the daemon ends it."""
    one = many(daemon, sites, receiver, 1)
    follower = Follower(one, "--json")
    assert json.loads(follower.line())["title"] == "Dam 0"
    for i in range(1, 4):
        sites.give("b", f"Dam {i}", f"Other {i}.")
        assert json.loads(follower.line())["title"] == f"Dam {i}"
    one.stop()
    code, out, said = follower.end()
    assert (code, out) == (0, "")
    assert said == ("headlinectl: headlined has stopped or answers no more, "
                    "so this list ends here\n")


def test_reader_that_goes(daemon, sites, receiver):
    """Whoever reads a part of what is followed is not waited for; what comes
    on the other way of a socket in its place is of no matter."""
    one = many(daemon, sites, receiver, 1)
    follower = Follower(one, "--json")
    assert json.loads(follower.line())["title"] == "Dam 0"
    follower.process.stdout.close()
    assert follower.process.wait(timeout=30) == 0
    assert follower.process.stderr.read() == ""
    follower.process.stderr.close()
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen(
            [HEADLINECTL, "alerts", "--follow", "--json", "--socket",
             one.socket], stdout=theirs) as process:
        theirs.close()
        assert b"Dam 0" in ours.recv(65536)
        ours.sendall(b"x")
        sites.give("b", "Dam 1", "Other.")
        assert b"Dam 1" in ours.recv(65536)
        process.terminate()


def test_file_that_is_followed_into(daemon, sites, receiver, tmp_path):
    """A file has no other end that closes, of which nothing need be said."""
    one = many(daemon, sites, receiver, 1)
    path = tmp_path / "followed"
    with open(path, "w") as to, subprocess.Popen(
            [HEADLINECTL, "alerts", "--follow", "--json", "--socket",
             one.socket], stdout=to, stderr=subprocess.PIPE,
            text=True) as process:
        wait_until(lambda: "Dam 0" in path.read_text(), "the first alert")
        sites.give("b", "Dam 1", "Other.")
        wait_until(lambda: "Dam 1" in path.read_text(), "the next alert")
        one.stop()
        assert process.wait(timeout=30) == 0
        said = process.stderr.read()
    assert said == ("headlinectl: headlined has stopped or answers no more, "
                    "so this list ends here\n")


def test_followers_that_go(daemon, sites, receiver):
    """Too many that wait are told so, and keep out nobody who only asks;
    whoever hangs up leaves its place, which one that follows takes; who is
    still there hears of the next alert."""
    one = many(daemon, sites, receiver, 1)
    last = ask(one, after=0)[1]["next"]
    question = (f"GET /alerts?after={last}&wait=60s HTTP/1.1\r\n"
                "Host: x\r\n\r\n").encode()

    def code():
        """None: the queue of those who connect is full."""
        with contextlib.suppress(BlockingIOError):
            return ask(one, after=last, wait="1s")[0]

    waiting = []
    for _ in range(64):
        waiting.append(one.connect())
        waiting[-1].sendall(question)
    wait_until(lambda: code() == 503, "all to wait")
    assert ask(one, after=last)[0] == 200
    follower = Follower(one, "--json")
    assert json.loads(follower.line())["title"] == "Dam 0"
    assert "too many wait" in follower.process.stderr.readline()
    for raw in waiting[1:]:
        raw.close()
    wait_until(lambda: code() == 200, "their places")
    sites.give("b", "Dam 1", "Other.")
    assert json.loads(follower.line())["title"] == "Dam 1"
    with waiting[0] as raw:
        assert raw.recv(64).startswith(b"HTTP/1.1 200")
    one.stop()
    ended, _, said = follower.end()
    assert ended == 0
    assert said.startswith("headlinectl: headlined has stopped")


def on_terminal(one, *words, **env):
    """What a terminal shows."""
    parent, child = pty.openpty()
    with subprocess.Popen([HEADLINECTL, "alerts", "--socket",
                           one.socket, *words], stdout=child,
                          env={**os.environ, **env}) as process:
        os.close(child)
        out = b""
        with contextlib.suppress(OSError):
            while chunk := os.read(parent, 65536):
                out += chunk
        os.close(parent)
        assert process.wait() == 0
    return out.decode()


def test_terminal(daemon, sites, receiver):
    """Colour on a terminal alone, not where NO_COLOR is set; nothing that a
    title holds reaches it but words."""
    one = many(daemon, sites, receiver, 1)
    one.stop()
    with contextlib.closing(sqlite3.connect(one.store)) as db, db:
        seq, body = db.execute("SELECT seq, body FROM alert").fetchone()
        event = json.loads(body)
        event["data"]["item"]["title"] = HOSTILE
        event["data"]["item"]["url"] = "http://e.org/\x1b]0;x\x07"
        db.execute("UPDATE alert SET body = ? WHERE seq = ?",
                   (json.dumps(event), seq))
    one.start()
    shown = on_terminal(one, NO_COLOR="")
    assert "\033[36mnotice \033[0m" in shown and "\033[32msent" in shown
    plain = on_terminal(one, NO_COLOR="1")
    assert "  notice   t  Dam 31m" in plain
    for text in (plain, listed(one)):
        assert not any(c in text for c in "\033\x07\x9b\u202e\u2028")
    assert "\033" not in listed(one)
