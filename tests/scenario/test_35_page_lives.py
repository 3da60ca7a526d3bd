# SPDX-License-Identifier: ISC
"""What waits for pages is in the store: over kill -9, a restart, a reload."""
import random

import pytest

from feed_server import Answer
from harness import REPORT, rss, stays_true, wait_until
from lives import how_many
from pages import (HTML, came_to, config, counts, item, of_pages, page,
                   raised, scaled, story, wait_for_end)
from test_17_reload import reload_well
from test_21_identity import asked_again

WORD = "They agreed that peacekeepers will stand at the border."


def kill(one):
    one.kill()
    assert not REPORT.search(one.log()), one.log()


def of_paths(feeds):
    """The pages that were asked for."""
    with feeds.lock:
        return [r.path for r in feeds.requests
                if r.path.startswith("/page-")]


def ids(receiver):
    return {a["id"] for a in receiver.alerts()}


@pytest.mark.short
def test_kill_before_the_answer(daemon, feeds, receiver):
    """kill -9 between feed and page: the page is asked for once more, and
    its item alerts once, though its feed does not list it any more"""
    gates = [feeds.gate(), None]

    def answer(_request):
        gate = gates.pop(0)
        text = story(WORD)
        return Answer([text[:300], gate, text[300:]] if gate else text,
                      headers=HTML)

    link = feeds.set("/a", answer)
    url = feeds.set("/rss", rss(item("a", link)))
    held = gates[0]
    one = daemon(config(receiver, url))
    wait_until(held.reached.is_set, "half a page")
    wait_until(lambda: one.sink("desk")["waiting"] == 0 and
               receiver.messages(), "the summary's alert")
    kill(one)
    feeds.set("/rss", rss())
    one.start()
    assert wait_for_end(one, url, 1) == {"read": 1}
    assert len(feeds.requests_of("/a")) == 2
    assert raised(receiver) == [("summit", "feed", link),
                                ("peacekeepers", "page", link)]
    held.open()


def test_no_fifth_request(daemon, feeds, receiver):
    """killed with each answer under way, it asks for a page four times, ever:
    it may be the page that kills"""
    gates = []

    def answer(_request):
        gates.append(feeds.gate())
        return Answer([story(WORD)[:300], gates[-1]], headers=HTML)

    link = feeds.set("/a", answer)
    url = feeds.set("/rss", rss(item("a", link)))
    one, clock = scaled(daemon(config(receiver, url), start=False), 60)
    for life in range(1, 5):
        one.start()
        wait_until(lambda life=life: len(feeds.requests_of("/a")) == life,
                   f"request {life}")
        kill(one)
    one.start()
    assert wait_for_end(one, url, 1) == {"failed": 1}
    times = [clock.asked(r) for r in feeds.requests_of("/a")]
    assert len(times) == 4
    assert times[2] - times[1] > 55, "no burst of deaths uses them up"
    assert times[3] - times[2] > 115
    assert of_pages(receiver) == []


def test_two_answers(daemon, feeds, receiver):
    """what was cut off by a kill is no answer; what a server answers twice
    with an error is asked for no more"""
    gates = [feeds.gate()]

    def answer(_request):
        return Answer([story(WORD)[:300], gates.pop()], headers=HTML) \
            if gates else Answer("no", 500)

    held = gates[0]
    url = feeds.set("/rss", rss(item("a", feeds.set("/a", answer))))
    one, _ = scaled(daemon(config(receiver, url), start=False), 600)
    one.start()
    wait_until(held.reached.is_set, "half a page")
    kill(one)
    one.start()
    assert wait_for_end(one, url, 1) == {"failed": 1}
    assert len(feeds.requests_of("/a")) == 3


def test_kills_in_a_row(daemon, feeds, receiver):
    """six kills within seconds, each with requests under way, lose no page"""
    n = 120
    gate = [feeds.gate()]

    def answer(_request):
        whole = story(WORD)
        if gate[0] is None:
            return page(WORD)
        return Answer([whole[:300], gate[0], whole[300:]], headers=HTML)

    links = [feeds.set(f"/page-{i}", answer) for i in range(n)]
    url = feeds.set("/rss", rss(*[item(f"i{i}", link) for i, link in
                                  enumerate(links)]))
    one, _ = scaled(daemon(config(receiver, url, per_host=4,
                                  topics=["peacekeepers"]), start=False), 20)
    for _ in range(6):
        before = len(of_paths(feeds))
        one.start(wait=False)
        wait_until(lambda before=before: len(of_paths(feeds)) > before + 2,
                   "some requests")
        kill(one)
    gate[0] = None
    one.start()
    assert wait_for_end(one, url, n) == {"read": n}
    assert len(ids(receiver)) == n


def test_kill_after_the_answer(daemon, feeds, receiver):
    """kill -9 the moment that a page was answered, again and again: each is
    asked for at most twice, and alerts under one id"""
    lives = 5
    killed = []
    one = None

    def on_answered(request):
        if request.path.startswith("/page-") and request.path not in killed:
            killed.append(request.path)
            one.process.kill()

    def answer(n):
        """Once all before it have alerted: it alone is under way then."""
        wait_until(lambda: len(ids(receiver)) == n, f"{n} alerts")
        return page(WORD)

    links = [feeds.set(f"/page-{n}", lambda _, n=n: answer(n))
             for n in range(lives)]
    url = feeds.set("/rss", lambda _: Answer(rss(*[
        item(f"i{n}", link) for n, link in
        enumerate(links[:len(killed) + 1])])))
    feeds.on_answered = on_answered
    one = daemon(settings(receiver, url), start=False)
    one.start(wait=False)
    for life in range(lives):
        wait_until(lambda life=life: len(killed) > life, f"death {life}")
        one.process.wait()
        assert not REPORT.search(one.log()), one.log()
        one.start(wait=False)
    wait_until(one.is_ready, "the last life")
    assert wait_for_end(one, url, lives) == {"read": lives}
    for n in range(lives):
        assert 1 <= len(feeds.requests_of(f"/page-{n}")) <= 2
    assert len(ids(receiver)) == lives
    assert {a["data"]["item"]["url"] for a in receiver.alerts()} == set(links)


def test_kills_at_random(daemon, feeds, receiver, seed):
    """killed at random moments while many pages are read: none is asked for
    five times, none alerts under two ids, and none is forgotten"""
    rng = random.Random(seed)
    n = 80
    links = [feeds.set(f"/page-{i}", page(WORD)) for i in range(n)]
    url = feeds.set("/rss", rss(*[item(f"i{i}", link) for i, link in
                                  enumerate(links)]))
    one, _ = scaled(daemon(config(receiver, url, per_host=3,
                                  topics=["peacekeepers"]), start=False), 20)
    for _ in range(how_many("HEADLINED_KILLS", 14, 5)):
        most = len(of_paths(feeds)) + rng.randrange(8)
        one.start(wait=False)
        wait_until(lambda most=most: len(of_paths(feeds)) >= min(most, n),
                   f"{most} requests")
        kill(one)
    one.start()
    said = wait_for_end(one, url, n)
    read, failed = said.pop("read"), said.pop("failed", 0)
    assert (read + failed, said) == (n, {})
    paths = of_paths(feeds)
    assert max(paths.count(p) for p in paths) <= 4
    alerted = {a["data"]["item"]["url"] for a in receiver.alerts()}
    assert len(alerted) == len(ids(receiver)) == read
    assert read > n / 2, "the run has shown something"


def held_up(daemon, feeds, receiver, n=5):
    """A daemon with n items, of which the first one's page hangs and the
    others wait for it; the feed, the pages' links, and the gate."""
    gate = feeds.gate()
    whole = story(WORD)
    links = [feeds.set("/page-0", Answer([whole[:300], gate, whole[300:]],
                                         headers=HTML))]
    links += [feeds.set(f"/page-{i}", page(WORD)) for i in range(1, n)]
    url = feeds.set("/rss", rss(*[item(f"i{i}", link) for i, link in
                                  enumerate(links)]))
    one = daemon(settings(receiver, url))
    wait_until(gate.reached.is_set, "half a page")
    wait_until(lambda: counts(one, url)["waiting"] == n, "all to wait")
    return one, url, links, gate


def settings(receiver, url):
    whole = config(receiver, url, per_host=1, topics=["peacekeepers"])
    whole["feeds"][0]["every"] = "1s"
    return whole


def test_restart(daemon, feeds, receiver):
    """stopped while pages wait, it asks for them in the next life, and for
    the one that was under way once more"""
    one, url, links, gate = held_up(daemon, feeds, receiver)
    one.stop()
    assert not gate.opened.is_set(), "the stop did not wait for the page"
    assert raised(receiver) == []
    feeds.set("/page-0", page(WORD))
    one.start()
    assert wait_for_end(one, url, 5) == {"read": 5}
    assert sorted(u for _, _, u in raised(receiver)) == sorted(links)
    assert [len(feeds.requests_of(f"/page-{i}")) for i in range(5)] == \
        [2, 1, 1, 1, 1]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_behind_one_that_hangs(daemon, feeds, receiver, end):
    """however often it ends while pages wait for their host's gate, those are
    asked for when they come through it, and what hung comes behind them"""
    lives, n = 5, 7
    gate = feeds.gate()
    paths = [f"/page-{i}" for i in range(n)]
    links = [feeds.set(path, Answer([story(WORD)[:300], gate], headers=HTML))
             for path in paths]
    url = feeds.set("/rss", rss(*[item(f"i{i}", link) for i, link in
                                  enumerate(links)]))
    whole = settings(receiver, url)
    # What hangs must not be given up, however slow the machine.
    whole["poll"]["timeout"] = "1h"
    one, _ = scaled(daemon(whole, start=False), 30)
    for life in range(lives):
        one.start()
        wait_until(lambda life=life: feeds.requests_of(paths[life]),
                   "the page that hangs")
        wait_until(lambda: counts(one, url)["waiting"] == n, "all to wait")
        one.stop() if end == "stop" else kill(one)
    for path in paths:
        feeds.set(path, page(WORD))
    one.start()
    assert wait_for_end(one, url, n) == {"read": n}
    assert [path for path in of_paths(feeds) if path in paths] == \
        paths + paths[:lives]


def test_reload_to_feed(daemon, feeds, receiver):
    """a reload to text: feed while items wait: no page is asked for any more,
    and the feed goes on"""
    one, url, _, gate = held_up(daemon, feeds, receiver)
    whole = settings(receiver, url)
    whole["feeds"][0]["text"] = "feed"
    reload_well(one, whole)
    gate.open()
    polls = len(feeds.requests_of("/rss"))
    stays_true(lambda: all(feeds.requests_of(f"/page-{i}") == []
                           for i in range(1, 5)), "no other page",
               lambda: len(feeds.requests_of("/rss")) > polls + 2)
    assert counts(one, url) is None
    feeds.set("/rss", rss(item("new", feeds.set("/page-new", page(WORD)),
                               title="peacekeepers")))
    wait_until(receiver.messages, "a new item's alert")
    assert [a["data"]["item"]["text_from"]
            for a in receiver.alerts()][-1] == "feed"
    assert feeds.requests_of("/page-new") == []


def test_reload_of_the_topics(daemon, feeds, receiver):
    """a topic that is new while items wait is matched with their pages"""
    one, url, links, gate = held_up(daemon, feeds, receiver)
    whole = settings(receiver, url)
    whole["topics"]["border"] = {"match": "border", "notify": "desk"}
    reload_well(one, whole)
    gate.open()
    assert wait_for_end(one, url, 5) == {"read": 5}
    assert {(t, u) for t, _, u in raised(receiver) if t == "border"} == {
        ("border", link) for link in links}
    assert came_to(one, url) == {"read": 5}


def test_a_feed_that_comes_back(daemon, feeds, other_feeds, receiver):
    """a reload takes a feed out while its items wait, the next one puts it
    back: they are asked for as if nothing had been"""
    one, url, links, gate = held_up(daemon, feeds, receiver)
    other = other_feeds.set("/other", rss(item("o", "")))
    whole = settings(receiver, url)
    without = settings(receiver, other)
    reload_well(one, without)
    gate.open()
    asked_again(other_feeds, "/other", 2)
    assert feeds.requests_of("/page-1") == []
    reload_well(one, whole)
    wait_until(lambda: counts(one, url)["waiting"] == 0, "their pages")
    assert came_to(one, url).get("read", 0) >= 4
    assert {u for _, _, u in raised(receiver)} >= set(links[1:])
    assert [len(feeds.requests_of(f"/page-{i}")) for i in range(1, 5)] == \
        [1, 1, 1, 1]
