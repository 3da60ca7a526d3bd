# SPDX-License-Identifier: ISC
"""Feeds that are led to one URL: however they come together and part, its
server sees the manners of one poller, and every topic is told each item,
once."""
import contextlib
import sqlite3
import threading
from urllib.parse import urlsplit

import pytest

from feed_server import Answer
from harness import rss, rss_item, wait_until
from test_17_reload import wait_poll
from test_21_identity import rows
from test_25_moves import (EVERY_S, Tagged, alerted, config, followers, gaps,
                           go, scaled_env, unconditional)
from test_30_merging import (assert_once, same_as, secret,  # noqa: F401
                             two, wait_alert)


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
    wait_until(both, "polls of both", seconds=60)
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


@pytest.mark.short
def test_owner_held_back(daemon, feeds, receiver, secret):
    """where the owner of a URL is not asked for what its server told another
    one, who follows reads the URL for both"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")

    def lead(request):
        return Answer("", 503, {"Retry-After": "3600"}) \
            if is_guest(request) else go(302, m.url)
    urls = {n: feeds.set(f"/{n}", lead) for n in "ab"}
    guest = feeds.set("/guest", rss())
    whole = config(receiver, {**urls, "guest": guest}, topics=("a", "b"))
    for feed in whole["feeds"][:2]:
        feed.update(secret)
    one = daemon(whole)
    [(_, owner)] = wait_until(lambda: followers(one), "the merge").items()
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    [path] = [f"/{n}" for n in "ab" if urls[n] == owner]
    feeds.set("/guest", go(302, owner))
    wait_until(lambda: any(is_guest(r) for r in feeds.requests_of(path)),
               "the refusal")
    asked = len(feeds.requests_of(path))
    m.add("Peace three")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace three")
    assert len(feeds.requests_of(path)) == asked
    assert not rows(one)[owner]["failures"]
    assert_once(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)


def test_shared_failure(daemon, feeds, receiver):
    """a URL that fails is asked at growing intervals, however many feeds are
    led to it, and at once read by one for all when it is well"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "abcde"}
    one = daemon(polite(config(receiver, urls), "1s"))
    wait_until(lambda: sum(bool(same_as(one, u)) for u in urls.values()) == 4,
               "the merge")
    wait_poll(m)
    feeds.set("/m", Answer("", 404))
    begun = m.polls()
    wait_until(lambda: m.polls() >= begun + 5, "five failures", seconds=60)
    feeds.set("/m", m.answer)
    m.add("Peace two")
    grown = gaps(m)[begun:begun + 3]
    for gap, least in zip(grown, (2, 4, 8)):
        assert gap > least - 0.1, grown
    wait_alert(receiver, "t", "Peace two")
    assert_once(receiver)


@pytest.mark.short
@pytest.mark.parametrize("first", ["owner", "follower"])
def test_joining(daemon, feeds, receiver, first):
    """when a feed begins to share another's document, each topic of either is
    told what came in between, whoever reads it first, and once"""
    m, n = Tagged(feeds, "/m"), Tagged(feeds, "/b")
    m.add("Peace one")
    n.add("Peace zero")
    urls = {"a": feeds.set("/a", go(302, m.url)), "b": n.url}
    whole = config(receiver, urls, topics=("a", "b", "both"))
    slow, quick = (1, 0) if first == "owner" else (0, 1)
    whole["feeds"][slow]["every"] = "6s"
    whole["feeds"][quick]["every"] = "1s"
    one = daemon(whole)
    wait_alert(receiver, "b", "Peace zero")
    wait_alert(receiver, "a", "Peace one")
    feeds.set("/b", go(302, m.url))
    m.add("Peace two")
    wait_alert(receiver, "a" if first == "owner" else "b", "Peace two")
    wait_until(lambda: same_as(one, urls["b"]) == urls["a"], "the merge")
    m.add("Peace three")
    for title in ("Peace two", "Peace three"):
        for topic in whole["topics"]:
            wait_alert(receiver, topic, title)
    wait_alert(receiver, "b", "Peace one")
    wait_poll(m)
    assert_once(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)


@pytest.mark.short
def test_same_topics(daemon, feeds, receiver):
    """who has no topic of his own need not read what the other one has"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "abc"}
    one = daemon(config(receiver, urls))
    wait_until(lambda: sum(bool(same_as(one, u)) for u in urls.values()) == 2,
               "the merge")
    m.add("Peace two")
    wait_alert(receiver, "t", "Peace two")
    wait_poll(m)
    assert alerted(receiver) == [("t", "Peace one"), ("t", "Peace two")]
    assert len(unconditional(m)) == 1


@pytest.mark.short
def test_topics_of_one_source(daemon, feeds, receiver):
    """a topic that asks for a feed's name or language is told what another
    one reads for it"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")

    def of_no_language(request):
        answer = m.answer(request)
        answer.body = answer.body.replace(b"<language>en</language>", b"")
        return answer
    feeds.set("/m", of_no_language)
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    whole = config(receiver, urls, topics=("of-a", "of-b", "german"))
    for feed, name in zip(whole["feeds"], ("Alpha wire", "Beta post")):
        feed["name"] = name
    whole["feeds"][1]["lang"] = "de"
    for topic, query in (("of-a", 'feed:"alpha wire" AND peace'),
                         ("of-b", 'feed:"beta post" AND peace'),
                         ("german", "lang:de AND peace")):
        whole["topics"][topic]["match"] = query
    one = daemon(whole)
    wait_until(lambda: followers(one), "the merge")
    m.add("Peace two")
    for topic in ("of-a", "of-b", "german"):
        wait_alert(receiver, topic, "Peace two")
    wait_poll(m)
    assert_once(receiver)


@pytest.mark.short
def test_known_by_then(daemon, feeds, receiver):
    """what an owner had read of a document before it went elsewhere is told to
    nobody again, though it lists the same there, and days go by"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    whole = config(receiver, urls, f"{EVERY_S}s", topics=("a", "b"))
    whole["poll"] = {"min": f"{EVERY_S}s"}
    one = daemon(whole, start=False)
    one.env = scaled_env()
    one.start()
    [(follower, owner)] = wait_until(lambda: followers(one),
                                     "the merge").items()
    name = {u: n for n, u in urls.items()}
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    asked = m.polls()
    wait_until(lambda: m.polls() > asked + 5, "two days", seconds=60)
    x = Tagged(feeds, "/x")
    x.items = [rss_item("x-9", "Peace elsewhere"), *m.items]
    feeds.set("/" + name[owner], go(302, x.url))
    wait_alert(receiver, name[owner], "Peace elsewhere")
    asked = m.polls()
    wait_until(lambda: m.polls() > asked + 1, "the follower's polls")
    m.add("Peace three")
    wait_alert(receiver, name[follower], "Peace three")
    assert_once(receiver)


@pytest.mark.short
def test_take_over_by_a_stranger(daemon, feeds, receiver):
    """who is led to a URL when its owner has just failed, and never followed
    it, is told all that lies there; who did is told nothing again"""
    m, own = Tagged(feeds, "/m"), Tagged(feeds, "/new")
    m.add("Peace one")
    own.add("Peace apart")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    one = daemon(config(receiver, {**urls, "new": own.url},
                        topics=("a", "b", "new")))
    wait_until(lambda: followers(one), "the merge")
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    wait_poll(m)
    for path in ("/a", "/b"):
        feeds.set(path, Answer("", 404))
    wait_until(lambda: all(rows(one)[u]["failures"] for u in urls.values()),
               "the failures")
    feeds.set("/new", go(302, m.url))
    for title in ("Peace one", "Peace two"):
        wait_alert(receiver, "new", title)
    m.add("Peace three")
    for topic in ("a", "b", "new"):
        wait_alert(receiver, topic, "Peace three")
    assert_once(receiver)


@pytest.mark.short
def test_joined_and_failed(daemon, feeds, receiver):
    """an owner that fails when who begins to follow has read what it has not
    yet reads that itself when it is well"""
    m, own = Tagged(feeds, "/m"), Tagged(feeds, "/own")
    m.add("Peace one")
    urls = {"a": feeds.set("/a", go(302, m.url)),
            "b": feeds.set("/b", own.answer)}
    one = daemon(config(receiver, urls, topics=("a", "b")))
    wait_alert(receiver, "a", "Peace one")
    wait_poll(m)

    def begins(_request):
        if len(m.items) == 1:
            m.add("Peace two")
            feeds.set("/a", Answer("", 404))
        return go(302, m.url)
    feeds.set("/b", begins)
    wait_alert(receiver, "b", "Peace two")
    wait_until(lambda: rows(one)[urls["a"]]["failures"], "the failure")
    wait_poll(m)
    feeds.set("/a", go(302, m.url))
    wait_alert(receiver, "a", "Peace two")
    m.add("Peace three")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace three")
    assert_once(receiver)


@pytest.mark.short
def test_joined_and_taken(daemon, feeds, receiver):
    """who takes what it has begun to follow, its owner having failed, reads
    what it alone was told of for who else follows"""
    m, own = Tagged(feeds, "/m"), Tagged(feeds, "/own")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ac"}
    urls["b"] = feeds.set("/b", own.answer)
    one = daemon(config(receiver, urls, topics=("a", "b", "c")))
    name = {url: n for n, url in urls.items()}
    [(follower, owner)] = wait_until(lambda: followers(one),
                                     "the merge").items()
    m.add("Peace two")
    for topic in "ac":
        wait_alert(receiver, topic, "Peace two")
    wait_poll(m)
    go_on = threading.Event()

    def held(_request):
        go_on.wait(60)
        return go(302, m.url)

    def begins(_request):
        if len(m.items) == 2:
            m.add("Peace three")
            feeds.set("/" + name[owner], Answer("", 404))
            feeds.set("/" + name[follower], held)
        return go(302, m.url)
    feeds.set("/b", begins)
    try:
        for topic in ("b", name[follower]):
            wait_alert(receiver, topic, "Peace three")
    finally:
        go_on.set()
    m.add("Peace four")
    for topic in ("b", name[follower]):
        wait_alert(receiver, topic, "Peace four")
    assert_once(receiver)


@pytest.mark.short
@pytest.mark.parametrize("polls", [1, 2])
def test_led_back(daemon, feeds, receiver, polls):
    """a feed that followed a URL, reads its own for a while and is led there
    again is told nothing of it twice"""
    m, own = Tagged(feeds, "/m"), Tagged(feeds, "/own")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    one = daemon(config(receiver, urls, topics=("a", "b")))
    [(follower, _)] = wait_until(lambda: followers(one), "the merge").items()
    path = {url: f"/{n}" for n, url in urls.items()}[follower]
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    before = len(feeds.requests_of(path))
    feeds.set(path, own.answer)
    wait_until(lambda: len(feeds.requests_of(path)) >= before + polls,
               "its own polls")
    feeds.set(path, go(302, m.url))
    m.add("Peace three")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace three")
    wait_poll(m)
    assert_once(receiver)


@pytest.mark.short
def test_take_over_by_a_new_feed(daemon, feeds, receiver):
    """a feed that was only read for until its owner failed is no new feed: it
    goes on where that one ended"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    whole = config(receiver, urls)
    whole["poll"] = {"first": "none"}
    one = daemon(whole)
    [(_, owner)] = wait_until(lambda: followers(one), "the merge").items()
    m.add("Peace two")
    wait_alert(receiver, "t", "Peace two")
    feeds.set("/a" if owner == urls["a"] else "/b", Answer("", 404))
    wait_until(lambda: rows(one)[owner]["failures"], "the failure")
    m.add("Peace three")
    wait_alert(receiver, "t", "Peace three")
    assert alerted(receiver) == [("t", "Peace three"), ("t", "Peace two")]


@pytest.mark.short
def test_follower_of_its_follower(daemon, feeds, receiver):
    """where a feed failed and is led, when it is well, to what another read by
    way of it, neither fails, and nothing is told twice"""
    m, own = Tagged(feeds, "/m"), Tagged(feeds, "/a")
    m.add("Peace one")
    own.add("Peace apart")
    a, b = own.url, feeds.set("/b", go(302, own.url))
    one = daemon(two(receiver, a, b))
    wait_until(lambda: same_as(one, b) == a, "the merge")
    fails = [True]

    def answer(_):
        return Answer("", 500) if fails and fails.pop() else go(302, m.url)
    feeds.set("/a", answer)
    wait_until(lambda: rows(one)[a]["failures"], "the failure")
    for title in ("Peace two", "Peace three"):
        m.add(title)
        for topic in "ab":
            wait_alert(receiver, topic, title)
    wait_until(lambda: not rows(one)[a]["failures"], "it is well")
    led = len(feeds.requests_of("/b"))
    wait_until(lambda: len(feeds.requests_of("/b")) > led + 3, "b's polls")
    failed = one.events("feed_failed")
    assert len(failed) == 1 and "redirect_loop" not in failed[0], failed
    assert_once(receiver)


@pytest.mark.short
def test_spelling(daemon, feeds, receiver):
    """who reads in the place of a feed that fails asks with its validators,
    however that one's URL is written"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    b = m.url.replace("http://", "HTTP://")
    a = feeds.set("/a", go(302, m.url))
    one = daemon(config(receiver, {"a": a, "b": b}))
    wait_until(lambda: same_as(one, a) == b, "the merge")
    feeds.set("/b", Answer("", 410))
    wait_until(lambda: rows(one)[b]["state"] == "gone", "the end of b")
    feeds.set("/b", m.answer)
    m.add("Peace two")
    wait_alert(receiver, "t", "Peace two")
    assert_once(receiver)
    assert len(unconditional(m)) == 1, "the document is held"


@pytest.mark.short
def test_validators_of_the_last_reader(daemon, feeds, receiver):
    """who takes what others have read, one after the other, since it was led
    there asks with the validators of the last of them"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "abc"}
    whole = config(receiver, urls)
    whole["feeds"][2]["every"] = "12s"
    one = daemon(whole)
    wait_until(lambda: urls["c"] in followers(one), "the merge")
    led = len(feeds.requests_of("/c"))
    wait_until(lambda: len(feeds.requests_of("/c")) > led, "a poll of c")
    owner = wait_until(lambda: followers(one).get(urls["c"]), "its owner")
    other = next(urls[n] for n in "ab" if urls[n] != owner)
    feeds.set(urlsplit(owner).path, Answer("", 404))
    m.add("Peace two")
    wait_alert(receiver, "t", "Peace two")
    wait_until(lambda: followers(one).get(owner, other) == other,
               "the next owner")
    feeds.set(urlsplit(other).path, Answer("", 404))
    wait_until(lambda: rows(one)[other]["failures"], "its failure")
    asked = m.polls()
    wait_until(lambda: m.polls() > asked, "a poll by c")
    assert m.requests()[asked].headers.get("if-none-match") == '"2"'


def test_validators_after_a_restart(daemon, feeds, receiver):
    """of several that read one URL in turn before a kill it is the last who
    owns it then, whatever the rows of the others say until they are asked"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in "ab"}
    one = daemon(config(receiver, urls))
    wait_until(lambda: followers(one), "the merge")
    one.kill()
    # As when a second one has taken it, and has read what is new: the row of
    # the first is what it was until its next turn.
    m.add("Peace two")
    with contextlib.closing(sqlite3.connect(one.store)) as db:
        db.execute("UPDATE feed SET same_as = NULL, (validators_url, etag, "
                   "last_good) = (SELECT validators_url, etag, last_good "
                   "FROM feed WHERE etag IS NOT NULL)")
        db.execute("UPDATE feed SET etag = '\"2\"', last_good = last_good + 1"
                   " WHERE id = (SELECT max(id) FROM feed)")
        db.commit()
    asked = m.polls()
    one.start()
    wait_until(lambda: m.polls() > asked + 2, "polls of what they are led to")
    assert {r.headers.get("if-none-match")
            for r in m.requests()[asked:]} == {'"2"'}
