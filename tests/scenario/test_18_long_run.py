# SPDX-License-Identifier: ISC
"""What goes wrong in a long life: edits and refusals that cross a poll, files
left half written, feeds that have not changed for months, stops at a bad
moment."""
import http.client
import json
import os

import pytest

from disks import BadDisk
from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until
from test_17_reload import Growing, config, hup, reload_well, spoil
from test_21_identity import rows


def told_off(seconds, body):
    return Answer(body, 503, {"Retry-After": str(seconds)})


@pytest.mark.short
def test_refused_while_away(daemon, feeds, receiver):
    """a feed that leaves the configuration and comes back while its poll is
    under way obeys what that poll was told"""
    gate = feeds.gate()
    a = feeds.set("/a", lambda r: told_off(600, [gate, "busy"]))
    b = Growing(feeds, "/b")
    one = daemon(config([a, b.url], receiver))
    wait_until(lambda: feeds.requests_of("/a"), "the request")
    reload_well(one, config([b.url], receiver))
    reload_well(one, config([a, b.url], receiver))
    gate.open()
    wait_until(lambda: one.trouble(a), "the refusal")
    polls = b.polls()
    wait_until(lambda: b.polls() > polls + 3, "polls of the other")
    assert len(feeds.requests_of("/a")) == 1


@pytest.mark.short
def test_refusal_in_headers(daemon, feeds, receiver):
    """a refusal holds from its headers on, though the body never ends and a
    kill comes before it does"""
    gate = feeds.gate()
    a = feeds.set("/a", lambda r: told_off(600, ["bu", gate, "sy"]))
    b = Growing(feeds, "/b")
    one = daemon(config([a, b.url], receiver))
    wait_until(lambda: feeds.requests_of("/a"), "the request")
    wait_until(lambda: b.polls() > 1, "polls of the other")
    one.kill()
    gate.open()
    one.start()
    polls = b.polls()
    wait_until(lambda: b.polls() > polls + 3, "polls of the other")
    assert len(feeds.requests_of("/a")) == 1


@pytest.mark.short
def test_redirect_to_refused(daemon, feeds, receiver):
    """nobody is redirected to a feed that asked not to be asked"""
    b = feeds.set("/b", lambda r: told_off(600, "busy"))
    feeds.set("/a", lambda r: Answer("", 302, {"Location": "/b"}))
    c = Growing(feeds, "/c")
    one = daemon(config([b, c.url], receiver))
    wait_until(lambda: one.trouble(b), "the refusal")
    a = feeds.url("/a")
    reload_well(one, config([a, b, c.url], receiver))
    wait_until(lambda: rows(one)[a]["last_poll"], "the first poll")
    # What another feed was told is no fault of this one.
    assert rows(one)[a]["failures"] == 0
    assert len(feeds.requests_of("/b")) == 1


def test_unchanged_for_long(daemon, feeds, receiver):
    """what a feed lists is known as long as it lists it, though no document
    was read for longer than store.keep"""
    items = [rss_item("old", "Peace of old")]

    def answer(request):
        body = rss(*items)
        etag = f'"{len(items)}"'
        if request.headers.get("if-none-match") == etag:
            return Answer("", 304, {"ETag": etag})
        return Answer(body, headers={"ETag": etag})

    url = feeds.set("/a", answer)
    whole = {**config([], receiver), "feeds": [{"url": url, "every": "1h"}],
             "poll": {"first": "none"}}
    one = daemon(whole, start=False)
    whole["store"] = {"path": one.store, "keep": "1d"}
    one.configure(whole)
    one.env = {"HEADLINED_TIME_SCALE": "20000"}
    one.start()
    # Three days and a half of the daemon's own time.
    wait_until(lambda: len(feeds.requests_of("/a")) > 84, "84 hours")
    items.insert(0, rss_item("new", "Peace of now"))
    wait_until(lambda: receiver.titles(), "the alert")
    asked = len(feeds.requests_of("/a"))
    wait_until(lambda: len(feeds.requests_of("/a")) > asked + 2, "more polls")
    assert receiver.titles() == ["Peace of now"]


@pytest.mark.short
@pytest.mark.parametrize("left", ["", "topics: {}\n", "feeds: [http://"])
def test_half_a_file(daemon, feeds, receiver, left):
    """a start with half a file, or nothing of it, runs the last good one,
    says so, and keeps it as the last good one"""
    a = Growing(feeds, "/a")
    one = daemon(config([a.url], receiver))
    wait_until(lambda: a.polls() > 0, "a poll")
    one.stop()
    keep = f"store: {{path: {one.store}}}\ncontrol: {{socket: {one.socket}}}\n"
    for _ in range(2):
        spoil(one, keep + left)
        one.start()
        assert one.events("running_last_good")
        assert one.status()["degraded"] is True
        assert one.status()["feeds"]["total"] == 1
        one.stop()


@pytest.mark.short
def test_ask_beside_a_broken_file(daemon, feeds, receiver):
    """headlinectl finds the daemon by a configuration that is no YAML any
    more, and has the daemon judge it"""
    a = Growing(feeds, "/a")
    one = daemon(config([a.url], receiver))
    with open(one.config, "a", encoding="utf-8") as file:
        file.write("\n]\n")
    assert headlinectl("status", "-c", one.config).returncode == 0
    done = headlinectl("reload", "-c", one.config)
    assert done.returncode == 1
    assert one.config in done.stderr
    assert one.events("reload_refused")


@pytest.mark.parametrize("verb", ["status", "feeds", "reload"])
@pytest.mark.parametrize("text, says", [
    (None, ": cannot open: No such file or directory"),
    ("feeds: [\n", ":2: "), ("control: {sokcet: x}\n",
                             ":1: control.sokcet: no such key"),
], ids=["no such file", "no YAML", "a fault where the socket is named"])
def test_ask_nobody_else(tmp_path, verb, text, says):
    """where -c's file does not tell the socket no other daemon is asked"""
    path = tmp_path / "h.yaml"
    if text is not None:
        path.write_text(text)
    done = headlinectl(verb, "-c", path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"headlinectl: {path}{says}" in done.stderr
    assert "so its socket is not known" in done.stderr
    assert "no answer" not in done.stderr


def test_store_of_no_configuration(tmp_path):
    """where -c's file is missing no other store is looked at"""
    path = tmp_path / "h.yaml"
    done = headlinectl("store", "check", "-c", path)
    assert done.returncode == 1
    assert done.stderr == f"headlinectl: {path}: No such file or directory\n"


def test_no_answer(tmp_path):
    """a daemon that does not answer is told by its socket alone"""
    done = headlinectl("status", "--socket", tmp_path / "sock")
    assert done.returncode == 1
    assert f"no answer on {tmp_path / 'sock'}: " in done.stderr
    assert "localhost" not in done.stderr


@pytest.mark.short
def test_needs_restart(daemon, feeds, receiver):
    """keys that wait for the next start are named by reload and by status,
    until they are as they were"""
    a = Growing(feeds, "/a")
    whole = config([a.url], receiver)
    one = daemon({**whole, "workers": 1})
    for workers, needs in ((3, "workers"), (3, "workers"), (1, None)):
        one.configure({**whole, "workers": workers})
        done = headlinectl("reload", "-c", one.config, "--json")
        assert done.returncode == 0
        assert (json.loads(done.stdout)["needs_restart"] or None) == needs
        assert one.status()["needs_restart"] == needs


@pytest.mark.short
def test_user_agent(daemon, feeds, receiver):
    """the page that the user agent names changes with a reload"""
    a = Growing(feeds, "/a")
    one = daemon(config([a.url], receiver))
    wait_until(lambda: a.polls() > 0, "a poll")
    reload_well(one, {**config([a.url], receiver), "poll": {
        "user_agent_url": "https://example.org/bot"}})
    asked = a.polls()
    wait_until(lambda: a.polls() > asked + 1, "polls")
    assert "(+https://example.org/bot)" in \
        feeds.requests_of("/a")[-1].headers["user-agent"]


@pytest.mark.short
def test_bounds(daemon, feeds, receiver):
    """poll.max made shorter by a reload holds at once"""
    a = Growing(feeds, "/a")
    whole = {**config([], receiver), "feeds": [a.url]}
    one = daemon({**whole, "poll": {"min": "1h", "max": "2h"}})
    wait_until(lambda: a.polls() == 1, "the first poll")
    wait_until(lambda: one.status()["polls"] == 1, "its end")
    reload_well(one, {**whole, "poll": {"min": "1s", "max": "1s"}})
    wait_until(lambda: a.polls() > 1, "the next poll")


@pytest.mark.short
def test_bounds_during_poll(daemon, feeds, receiver):
    """also for a feed that is being asked meanwhile"""
    gate = feeds.gate()
    head, tail = rss(rss_item("a", "War")).split("<item>", 1)
    url = feeds.set("/slow", Answer([head, gate, "<item>" + tail]))
    whole = {**config([], receiver), "feeds": [url]}
    one = daemon({**whole, "poll": {"min": "1h", "max": "2h"}})
    wait_until(lambda: len(feeds.requests_of("/slow")) == 1, "the request")
    reload_well(one, {**whole, "poll": {"min": "1s", "max": "1s"}})
    assert one.status()["polls"] == 0
    gate.open()
    wait_until(lambda: len(feeds.requests_of("/slow")) > 1, "the next poll")


@pytest.mark.short
def test_bounds_of_who_returns(daemon, feeds, receiver):
    """also for one that left and came back while it was asked"""
    gate = feeds.gate()
    head, tail = rss(rss_item("a", "War")).split("<item>", 1)
    url = feeds.set("/slow", Answer([head, gate, "<item>" + tail]))
    other = feeds.set("/other", rss(rss_item("b", "War")))
    one = daemon({**config([], receiver), "feeds": [url],
                  "poll": {"min": "1h", "max": "2h"}})
    wait_until(lambda: len(feeds.requests_of("/slow")) == 1, "the request")
    reload_well(one, {**config([], receiver), "feeds": [other],
                      "poll": {"min": "1h", "max": "2h"}})
    reload_well(one, {**config([], receiver), "feeds": [url, other],
                      "poll": {"min": "1s", "max": "1s"}})
    assert len(feeds.requests_of("/slow")) == 1
    gate.open()
    wait_until(lambda: len(feeds.requests_of("/slow")) > 1, "the next poll")


@pytest.mark.short
def test_stop_with_health_under_way(daemon, feeds, receiver, tmp_path):
    """a stop while a health alert is on its way to a slow disk"""
    disk = BadDisk(tmp_path / "disk", "slow:2000")
    a = Growing(feeds, "/a")
    whole = {**config([a.url], receiver), "health": {"notify": "desk"},
             "store": {"path": os.path.join(disk.folder, "headlined.db")}}
    one = daemon(whole, start=False)
    one.env = disk.env
    one.start()
    wait_until(lambda: a.polls() > 0, "a poll")
    disk.break_down()
    spoil(one)
    hup(one)
    wait_until(lambda: one.events("reload_refused"), "the refusal")
    one.stop()
    disk.heal()
    one.configure(whole)
    one.start()
    wait_until(lambda: [a for a in receiver.alerts()
                        if a["type"] == "io.headlined.health.v1"],
               "a word about it")
    one.stop()


@pytest.mark.short
def test_reload_of_a_pipe(daemon, feeds, receiver):
    """a configuration that became a pipe is refused, and holds up no stop"""
    a = Growing(feeds, "/a")
    one = daemon(config([a.url], receiver))
    os.rename(one.config, one.config + ".good")
    os.mkfifo(one.config)
    hup(one)
    wait_until(lambda: one.events("reload_refused"), "the refusal")
    one.stop()


@pytest.mark.short
def test_methods(daemon, feeds, receiver):
    """a path asked by another method than its own"""
    a = Growing(feeds, "/a")
    one = daemon(config([a.url], receiver))
    assert one.get("/reload")[0] == http.client.METHOD_NOT_ALLOWED
    assert one.get("/healthz")[0] == http.client.OK
