# SPDX-License-Identifier: ISC
"""Two feeds that are led to one URL, one of them hostile or just unlucky: what
is shared is the document there, among equals, and nothing more."""
import base64
import os

import pytest

from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until
from test_17_reload import reload_well, wait_poll
from test_21_identity import rows
from test_25_moves import Tagged, alerted, config, gaps, go, unconditional


def two(receiver, a, b, a_every="1s", b_every="1s", **b_more):
    """Feeds a and b, and for each a topic of its own."""
    whole = config(receiver, {"a": a, "b": b}, topics=("a", "b"))
    whole["feeds"][0]["every"] = a_every
    whole["feeds"][1].update({"every": b_every, **b_more})
    return whole


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("user:secret\n", encoding="utf-8")
    os.chmod(path, 0o600)
    return {"credentials_file": str(path)}


def guarded(inner):
    wanted = "Basic " + base64.b64encode(b"user:secret").decode()

    def answer(request):
        if request.headers.get("authorization") != wanted:
            return Answer("no", 401, {"Content-Type": "text/plain"})
        return inner(request)
    return answer


def same_as(one, url):
    return rows(one)[url]["same_as"]


def wait_alert(receiver, topic, title):
    wait_until(lambda: (topic, title) in alerted(receiver),
               f"{title} in {topic}", seconds=40)


def assert_once(receiver):
    assert len(set(alerted(receiver))) == len(alerted(receiver)), \
        alerted(receiver)


@pytest.mark.short
def test_forged(daemon, feeds, receiver):
    """what the owner of a URL reads elsewhere reaches nobody who follows the
    URL, who misses nothing of it and is told nothing twice"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    a, b = (feeds.set(f"/{n}", go(302, m.url)) for n in "ab")
    whole = two(receiver, a, b)
    one = daemon(whole)
    [(follower, owner)] = wait_until(
        lambda: {u: r["same_as"] for u, r in rows(one).items()
                 if r["same_as"]}, "the merge").items()
    name = {a: "a", b: "b"}
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    # The next item's id, and another's text, before it is there.
    feeds.set("/" + name[owner], Answer(rss(
        rss_item("m-2", "Peace forged"), rss_item("m-3", "Peace four"))))
    wait_alert(receiver, name[owner], "Peace forged")
    m.add("Peace three")
    wait_alert(receiver, name[follower], "Peace three")
    m.add("Peace four")
    wait_alert(receiver, name[follower], "Peace four")
    assert (name[follower], "Peace forged") not in alerted(receiver)
    assert not same_as(one, follower)
    assert_once(receiver)
    assert len(unconditional(m)) <= 3, "its validators went with the owner"


@pytest.mark.short
def test_secrets_are_kept(daemon, feeds, receiver, secret):
    """what is read with a password goes to no feed that has none"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    b = feeds.set("/b", guarded(m.answer))
    a = feeds.set("/a", go(302, b))
    one = daemon(two(receiver, a, b, **secret))
    wait_alert(receiver, "b", "Peace one")
    wait_until(lambda: len(feeds.requests_of("/a")) > 1, "a's polls")
    asked = len(feeds.requests_of("/a"))
    m.add("Peace secret")
    wait_alert(receiver, "b", "Peace secret")
    wait_until(lambda: len(feeds.requests_of("/a")) > asked + 1, "a's next")
    assert not same_as(one, a)
    assert {t for t, _ in alerted(receiver)} == {"b"}
    assert_once(receiver)


@pytest.mark.short
@pytest.mark.parametrize("beside", [False, True])
def test_owner_that_cannot_read(daemon, feeds, other_feeds, receiver, secret,
                                beside):
    """a feed that may not read a URL keeps nobody from it, whether it is
    refused there or kept from asking"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    feeds.set("/m", guarded(m.answer))
    b = feeds.set("/b", guarded(m.answer))
    host = feeds if beside else other_feeds
    a = host.set("/a", go(302, m.url))
    one = daemon(two(receiver, a, b, **secret))
    wait_alert(receiver, "b", "Peace one")
    wait_until(lambda: rows(one)[a]["failures"], "a's failure")
    feeds.set("/b", go(302, m.url))
    m.add("Peace two")
    wait_alert(receiver, "b", "Peace two")
    assert not same_as(one, b)
    assert_once(receiver)


@pytest.mark.short
def test_private_target(daemon, feeds, other_feeds, receiver):
    """a feed of another host is not told what lies at a private address,
    though a feed that may read it does"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    b = feeds.set("/b", go(302, m.url))
    a = other_feeds.set("/a", go(302, m.url))
    one = daemon(two(receiver, a, b))
    wait_alert(receiver, "b", "Peace one")
    wait_until(lambda: rows(one)[a]["failures"], "a's refusal")
    m.add("Peace inside")
    wait_alert(receiver, "b", "Peace inside")
    assert not same_as(one, a)
    assert {t for t, _ in alerted(receiver)} == {"b"}


@pytest.mark.short
def test_owner_gone(daemon, feeds, receiver):
    """a feed that ended with 410 where it was led owns nothing there"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    b = feeds.set("/b", m.answer)
    a = feeds.set("/a", go(302, "/g"))
    feeds.set("/g", Answer("", 410))
    one = daemon(two(receiver, a, b))
    wait_until(lambda: rows(one)[a]["state"] == "gone", "the end of a")
    feeds.set("/g", m.answer)
    feeds.set("/b", go(302, "/g"))
    m.add("Peace two")
    wait_alert(receiver, "b", "Peace two")
    assert not same_as(one, b)


@pytest.mark.short
def test_configured_owner_fails(daemon, feeds, receiver):
    """where the feed whose URL it is cannot be read, who is led there asks by
    itself, never early, and follows again when it is well"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    a = feeds.set("/a", go(302, m.url))
    whole = two(receiver, a, m.url, b_every="2s")
    whole["feeds"][0]["every"] = "3s"
    one = daemon(whole)
    wait_until(lambda: same_as(one, a) == m.url, "the merge")
    feeds.set("/b", Answer("", 410))
    wait_until(lambda: rows(one)[m.url]["state"] == "gone", "the end of b")
    feeds.set("/b", m.answer)
    m.add("Peace two")
    wait_alert(receiver, "a", "Peace two")
    # The alert leaves as soon as its item is read; the state is the poll's.
    wait_until(lambda: not same_as(one, a), "a to read by itself")
    assert_once(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)
    assert len(unconditional(m)) == 2, "each has read it, and holds it"


def test_followers_of_a_feed_that_fails(daemon, feeds, receiver):
    """one of those who follow a feed that fails reads its URL for all, for the
    feed itself, too, until it is well"""
    m = Tagged(feeds, "/c")
    m.add("Peace one")
    urls = {"a": feeds.set("/a", go(302, m.url)),
            "b": feeds.set("/b", go(302, m.url)), "c": m.url}
    one = daemon(config(receiver, urls, topics=tuple(urls)))
    wait_until(lambda: [same_as(one, urls[n]) for n in "ab"] == [m.url] * 2,
               "the merge")
    fails_until = m.polls() + 1
    well = m.answer

    def answer(request):
        return Answer("", 500) if m.polls() <= fails_until else well(request)
    feeds.set("/c", answer)
    wait_until(lambda: rows(one)[m.url]["failures"], "the failure")
    for title in ("Peace two", "Peace three"):
        m.add(title)
        for n in urls:
            wait_alert(receiver, n, title)
    wait_until(lambda: not rows(one)[m.url]["failures"], "it is well")
    m.add("Peace four")
    for n in urls:
        wait_alert(receiver, n, "Peace four")
    assert_once(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)
    assert len(unconditional(m)) == 3, "each has read it, and holds it"


@pytest.mark.short
def test_shorter_interval(daemon, feeds, receiver):
    """the feed with the shorter interval takes the URL over, once the other one
    has read what it has: one poller from then on, and both have all, once"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    a, b = (feeds.set(f"/{n}", go(302, m.url)) for n in "ab")
    whole = two(receiver, a, b, a_every="9s")
    alone = {**whole, "feeds": whole["feeds"][:1],
             "topics": {"a": whole["topics"]["a"]}}
    one = daemon(alone)
    wait_alert(receiver, "a", "Peace one")
    reload_well(one, whole)
    m.add("Peace two")
    for topic in "ba":
        wait_alert(receiver, topic, "Peace two")
    wait_until(lambda: same_as(one, a) == b and not same_as(one, b),
               "the take-over")
    led = len(feeds.requests_of("/a"))
    m.add("Peace three")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace three")
    assert len(feeds.requests_of("/a")) == led, "b has read it for a"
    assert len(unconditional(m)) <= 3, "the document is held"
    assert min(gaps(m)) > 0.9, gaps(m)
    assert_once(receiver)


@pytest.mark.parametrize("how", ["goes", "fails"])
def test_owner_of_three_leaves(daemon, feeds, receiver, how):
    """an owner that goes elsewhere or fails hands all who follow to the next
    one"""
    m, x = Tagged(feeds, "/m"), Tagged(feeds, "/x")
    m.add("Peace one")
    x.add("War")
    urls = {n: feeds.set(f"/{n}", go(302, m.url)) for n in ("a1", "a2", "b")}
    whole = config(receiver, urls, topics=tuple(urls))
    whole["feeds"][2]["every"] = "6s"
    one = daemon(whole)

    def owner_of_two():
        alone = [u for u, r in rows(one).items() if not r["same_as"]]
        return alone[0] if len(alone) == 1 else None
    owner = wait_until(owner_of_two, "the merge", seconds=40)
    [name] = [n for n, u in urls.items() if u == owner]
    feeds.set("/" + name, x.answer if how == "goes" else Answer("", 404))
    asked = len(feeds.requests_of("/" + name))
    wait_until(lambda: len(feeds.requests_of("/" + name)) > asked, "it")
    for title in ("Peace two", "Peace three"):
        m.add(title)
        for n in set(urls) - {name}:
            wait_alert(receiver, n, title)
    assert (name, "Peace three") not in alerted(receiver) or how == "fails"
    assert_once(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)
    assert len(unconditional(m)) <= 3 or how == "goes", "it is held"


@pytest.mark.short
def test_owner_told_off(daemon, feeds, receiver):
    """a follower is not failed by what the owner's document's server said"""
    m = Tagged(feeds, "/b")
    m.add("Peace one")
    a = feeds.set("/a", go(302, m.url))
    one = daemon(two(receiver, a, m.url))
    wait_until(lambda: same_as(one, a) == m.url, "the merge")
    feeds.set("/b", Answer("", 429, {"Retry-After": "4"}))
    wait_until(lambda: rows(one)[m.url]["failures"], "the refusal")
    feeds.set("/b", m.answer)
    m.add("Peace two")
    for topic in "ab":
        wait_alert(receiver, topic, "Peace two")
    assert not [e for e in one.events("feed_failed") if a in e]
    assert_once(receiver)


def test_kept_from_asking(daemon, feeds, receiver):
    """a feed that is led to what asked for peace has not failed, and says what
    it waits for"""
    c = Tagged(feeds, "/c")
    c.add("Peace one")
    feeds.set("/c", Answer("", 503, {"Retry-After": "3600"}))
    a = feeds.set("/a", go(302, c.url))
    whole = two(receiver, a, c.url)
    one = daemon({**whole, "feeds": whole["feeds"][1:],
                  "topics": {"b": whole["topics"]["b"]}})
    wait_until(lambda: rows(one)[c.url]["failures"], "the refusal")
    reload_well(one, whole)
    row = wait_until(lambda: rows(one)[a]["last_poll"] and rows(one)[a],
                     "a's poll")
    assert (row["state"], row["failures"], row["notes"]) == \
        ("waiting", 0, ["held"])
    why = "redirects to a feed that asked not to be asked now"
    assert why in row["message"]
    assert row["next_in_s"] > 3000, "it is not asked in vain"
    assert one.status()["feeds"]["waiting"] == 1
    [told] = one.events("feed_held")
    assert f"feed={a} " in told and why in told
    assert f"         held: 127.0.0.1: {why}: {c.url}\n" in headlinectl(
        "feeds", "--socket", one.socket).stdout
