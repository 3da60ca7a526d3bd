# SPDX-License-Identifier: ISC
"""Feeds that move: redirects for good and for a while, several feeds that are
led to one URL, and what a publisher's log shows of it."""
import json
import threading
import time
from calendar import timegm

import pytest

from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until
from test_17_reload import reload_well, wait_poll
from test_21_identity import rows

DAY_S = 86400
SCALE = 40000           # three days are some six seconds
EVERY_S = 12 * 3600


def seconds(text):
    return timegm(time.strptime(text.split(".")[0].rstrip("Z"),
                                "%Y-%m-%dT%H:%M:%S"))


def scaled_env():
    """The same days over a restart."""
    return {"HEADLINED_TIME_SCALE": str(SCALE),
            "HEADLINED_TIME_ORIGIN": str(int(time.time()))}


def go(status, where):
    return Answer("", status, {"Location": where})


class Tagged:
    """A feed with validators, whose items come one after another."""

    def __init__(self, feeds, path):
        self.feeds = feeds
        self.path = path
        self.items = []
        self.url = feeds.set(path, self.answer)

    def answer(self, request):
        etag = f'"{len(self.items)}"'
        if request.headers.get("if-none-match") == etag:
            return Answer("", 304, {"ETag": etag})
        return Answer(rss(*self.items), headers={"ETag": etag})

    def add(self, title):
        self.items.insert(0, rss_item(f"{self.path[1:]}-{len(self.items)}",
                                      title))

    def requests(self):
        return self.feeds.requests_of(self.path)

    def polls(self):
        return len(self.requests())


def config(receiver, feeds, every="1s", topics=("t",)):
    """feeds: URLs by name; a topic that is one of the names selects that feed
    only."""
    return {"feeds": [{"url": u, "name": n, "every": every}
                      for n, u in feeds.items()],
            "topics": {t: {"match": "peace", "notify": "desk",
                           **({"feeds": [t]} if t in feeds else {})}
                       for t in topics},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def alerted(receiver):
    """(topic, title) of each alert, in order of their names."""
    return sorted((a["data"]["topic"], a["data"]["item"]["title"])
                  for a in receiver.alerts())


def slow(receiver, feeds):
    """On the days of scaled_env."""
    return {**config(receiver, feeds, f"{EVERY_S}s"),
            "poll": {"min": f"{EVERY_S}s"}}


@pytest.mark.short
@pytest.mark.parametrize("status", [301, 308])
def test_stored(daemon, feeds, receiver, status):
    """a feed that redirects for good is stored there after three days, not
    before, and asked there alone from then on, also after a restart; nothing
    alerts twice"""
    new = Tagged(feeds, "/new")
    new.add("Peace one")
    old = feeds.set("/old", go(status, "/new"))
    one = daemon(slow(receiver, {"a": old}), start=False)
    one.env = scaled_env()
    one.start()
    moving = wait_until(lambda: rows(one)[old]["moving"], "a sighting")
    assert moving["to"] == new.url and moving["wanted"] == 3
    assert (seconds(moving["believed_from"]) - seconds(moving["since"]) ==
            3 * DAY_S)
    row = wait_until(lambda: rows(one)[old]["asked_url"] and rows(one)[old],
                     "the move")
    assert row["asked_url"] == new.url
    assert row["moving"] is None and row["notes"] == ["moved"]
    [move] = row["moves"]
    assert (move["from"], move["to"]) == (old, new.url)
    assert seconds(move["at"]) - seconds(moving["since"]) >= 3 * DAY_S
    asked = len(feeds.requests_of("/old"))
    assert 5 <= asked <= 7, "each half day, for three days"
    assert len(one.events("feed_moved")) == 1
    assert f"moved: is asked at {new.url} (" in headlinectl(
        "feeds", "--socket", one.socket).stdout
    new.add("Peace two")
    wait_until(lambda: len(receiver.messages()) == 2, "what comes there")
    wait_poll(new)
    one.stop()
    one.start()
    wait_poll(new)
    assert len(feeds.requests_of("/old")) == asked
    assert [r for r in new.requests()
            if "if-none-match" not in r.headers] == new.requests()[:1]
    assert receiver.titles() == ["Peace one", "Peace two"]
    assert {a["data"]["feed"]["url"] for a in receiver.alerts()} == {old}


def test_not_stored(daemon, feeds, receiver):
    """a redirect for a while is never stored, alone or in a chain, nor one to
    a page"""
    for name in ("for_good", "302", "303", "307", "chain"):
        Tagged(feeds, f"/{name}-new").add("Peace")
    feeds.set("/page-new", Answer("<html><title>moved</title></html>",
                                  headers={"Content-Type": "text/html"}))
    feeds.set("/chain-on", go(302, "/chain-new"))
    urls = {"for_good": feeds.set("/for_good", go(301, "/for_good-new")),
            "page": feeds.set("/page", go(301, "/page-new")),
            "chain": feeds.set("/chain", go(301, "/chain-on"))}
    for status in (302, 303, 307):
        urls[f"s{status}"] = feeds.set(f"/{status}",
                                       go(status, f"/{status}-new"))
    one = daemon(slow(receiver, urls), start=False)
    one.env = scaled_env()
    one.start()
    wait_until(lambda: rows(one)[urls["for_good"]]["asked_url"], "the move")
    asked = len(feeds.requests_of("/302"))
    wait_until(lambda: len(feeds.requests_of("/302")) > asked + 2, "polls")
    for name, url in urls.items():
        row = rows(one)[url]
        assert bool(row["asked_url"]) == (name == "for_good"), row
        assert bool(row["moves"]) == (name == "for_good"), row
        assert row["moving"] is None, row
    assert len(one.events("feed_moved")) == 1


def test_stored_target_dies(daemon, feeds, receiver):
    """where a stored move's target fails for long the configured URL is tried
    again, and asked from then on when it is a feed"""
    new, old = Tagged(feeds, "/new"), Tagged(feeds, "/old")
    new.add("Peace one")
    feeds.set("/old", go(301, "/new"))
    one = daemon(slow(receiver, {"a": old.url}), start=False)
    one.env = scaled_env()
    one.start()
    wait_until(lambda: rows(one)[old.url]["asked_url"], "the move")
    asked = old.polls()
    old.items = list(new.items)
    old.add("Peace two")
    feeds.set("/old", old.answer)
    feeds.set("/new", Answer("sold", 404))
    fails = new.polls()
    wait_until(lambda: not rows(one)[old.url]["asked_url"], "the return")
    assert old.polls() == asked + 1
    assert new.polls() == fails + 4
    row = rows(one)[old.url]
    assert [(m["from"], m["to"]) for m in row["moves"]] == [
        (old.url, new.url), (new.url, old.url)]
    assert row["state"] == "ok"
    assert len(one.events("feed_moved")) == 1
    [back] = one.events("feed_moved_back")
    assert f"feed={old.url} from={new.url}" in back
    assert "moved: was asked elsewhere, and is asked again at " + old.url in \
        headlinectl("feeds", "--socket", one.socket).stdout
    wait_until(lambda: len(receiver.messages()) == 2, "what is new there")
    assert receiver.titles() == ["Peace one", "Peace two"]


# Several feeds, one document

@pytest.mark.short
def test_same_document_elsewhere(daemon, feeds, receiver):
    """a redirect for a while to the very document that was read before: its
    server's validators are sent there from the second time on"""
    there = Tagged(feeds, "/there")
    there.add("Peace")
    moved = []

    def answer(request):
        if moved:
            return go(302, "/there")
        return Answer(rss(*there.items), headers={"ETag": '"home"'})

    home = feeds.set("/home", answer)
    one = daemon(config(receiver, {"t": home}))
    wait_until(lambda: rows(one)[home]["last_success"], "a poll")
    moved.append(True)
    wait_until(lambda: there.polls() >= 3, "polls of where it was led")
    tags = [r.headers.get("if-none-match") for r in there.requests()]
    assert tags[:3] == [None, '"1"', '"1"']


def gaps(growing):
    times = [r.arrived for r in growing.requests()]
    return [b - a for a, b in zip(times, times[1:])]


def unconditional(growing):
    return [r for r in growing.requests()
            if "if-none-match" not in r.headers]


def followers(one):
    return {u: r["same_as"] for u, r in rows(one).items() if r["same_as"]}


def shown_ever(one):
    """The column ALL of the table, by the feeds' URLs."""
    lines = headlinectl("feeds", "--socket", one.socket).stdout.splitlines()
    return {words[-1]: int(words[-3]) for words in map(str.split, lines)
            if words[0] == "ok"}


@pytest.mark.short
@pytest.mark.parametrize("kinds", [(301, 302), (308, 301), (307, 307)])
def test_merge(daemon, feeds, receiver, kinds):
    """two feeds that are led to one URL are one poller of it: the topics of
    each alert, once, and the second takes over when the first leaves"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(s, "/m")) for n, s in zip("ab", kinds)}
    topics = ["a", "b", "both"]
    one = daemon(config(receiver, urls, topics=topics))
    wait_until(lambda: followers(one), "the merge")
    [(follower, owner)] = followers(one).items()
    assert {follower, owner} == set(urls.values())
    name = {u: n for n, u in urls.items()}
    assert rows(one)[follower]["state"] == "ok"
    assert "same_as: leads to what is read for " + owner in headlinectl(
        "feeds", "--socket", one.socket).stdout
    m.add("Peace two")
    wait_until(lambda: len([a for a in alerted(receiver)
                            if a[1] == "Peace two"]) == 3, "all topics")
    wait_until(lambda: rows(one)[owner]["items_total"] == 2, "both items")
    by = rows(one)[follower]["by_way_of"]
    assert (by["url"], by["state"], by["items_total"]) == (owner, "ok", 2)
    assert rows(one)[owner]["by_way_of"] is None
    assert shown_ever(one) == {owner: 2, follower: 2}
    done = headlinectl("poll", "--socket", one.socket, "--json", follower)
    answer = json.loads(done.stdout)
    assert (answer["url"], answer["by_way_of"]) == (follower, owner)
    assert answer["message"].startswith(
        f"{follower}: its document is read for {owner}, which is ")
    polls = len(feeds.requests_of("/" + name[follower]))
    wait_until(lambda: len(feeds.requests_of("/" + name[follower])) >
               polls + 2, "polls of the follower's own URL")
    # The owner leaves.
    left = {name[follower]: follower}
    reload_well(one, config(receiver, left,
                            topics=[name[follower], "both"]))
    wait_poll(m)
    assert not followers(one)
    before = alerted(receiver)
    m.add("Peace three")
    wait_until(lambda: len(alerted(receiver)) == len(before) + 2,
               "what comes then")
    wait_poll(m)
    assert shown_ever(one) == {follower: 3}
    assert len(set(alerted(receiver))) == len(alerted(receiver)), \
        alerted(receiver)
    assert min(gaps(m)) > 0.9, gaps(m)
    assert len(unconditional(m)) == 2, "each has read it, and holds it"


@pytest.mark.short
def test_merge_into_configured(daemon, feeds, receiver):
    """a feed that is led to another's configured URL leaves it to that one,
    and reads for itself when the redirect ends"""
    c, a = Tagged(feeds, "/c"), Tagged(feeds, "/a")
    c.add("Peace one")
    a.add("Peace apart")
    feeds.set("/a", go(301, "/c"))
    urls = {"a": a.url, "c": c.url}
    one = daemon(config(receiver, urls, topics=["a", "c"]))
    wait_until(lambda: followers(one) == {a.url: c.url}, "the merge")
    c.add("Peace two")
    wait_until(lambda: ("a", "Peace two") in alerted(receiver),
               "the follower's topic")
    assert min(gaps(c)) > 0.9, gaps(c)
    assert len(unconditional(c)) == 2, "each has read it, and holds it"
    feeds.set("/a", a.answer)
    wait_until(lambda: not followers(one), "the end of the redirect")
    wait_until(lambda: ("a", "Peace apart") in alerted(receiver),
               "what it has by itself")
    c.add("Peace three")
    wait_until(lambda: ("c", "Peace three") in alerted(receiver), "c's own")
    wait_poll(c)
    assert ("a", "Peace three") not in alerted(receiver)
    assert len(set(alerted(receiver))) == len(alerted(receiver))


@pytest.mark.parametrize("configured", [False, True])
def test_merged_feeds_move(daemon, feeds, receiver, configured):
    """of feeds that move for good to one URL each is stored there, also those
    for which another one reads it: the end of an old address harms none, and
    who is left when the reader goes reads at the new one"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(s, "/m"))
            for n, s in (("a", 301), ("b", 308))}
    if configured:
        urls["b"] = m.url
    one = daemon(slow(receiver, urls), start=False)
    one.env = scaled_env()
    one.start()
    wait_until(lambda: followers(one), "the merge")
    [(follower, owner)] = followers(one).items()
    row = wait_until(lambda: all(m.url in (u, r["asked_url"]) for u, r in
                                 rows(one).items()) and
                     rows(one)[follower], "the moves")
    assert row["moving"] is None and row["same_as"] == owner
    [move] = row["moves"]
    assert (move["from"], move["to"]) == (follower, m.url)
    for name in "ab":
        feeds.set("/" + name, Answer("", 404))
    polls = m.polls()
    wait_until(lambda: m.polls() > polls + 2, "polls of the new URL")
    assert [r["failures"] for r in rows(one).values()] == [0, 0]
    one.configure(slow(receiver, {n: u for n, u in urls.items()
                                  if u == follower}))
    assert headlinectl("reload", "--socket", one.socket).returncode == 0
    m.add("Peace two")
    wait_until(lambda: ("t", "Peace two") in alerted(receiver),
               "what comes to the follower")
    assert list(rows(one)) == [follower]
    assert rows(one)[follower]["state"] == "ok"
    assert unconditional(m) == m.requests()[:1], "the document is held"


def test_merge_over_a_kill(daemon, feeds, receiver):
    """a kill and a stop change nothing: one poller, never early, and nothing
    is asked for whole again"""
    m = Tagged(feeds, "/m")
    m.add("Peace one")
    urls = {n: feeds.set(f"/{n}", go(301, "/m")) for n in "abcd"}
    whole = config(receiver, urls, topics=list(urls))
    whole["workers"] = 3
    one = daemon(whole)
    wait_until(lambda: len(followers(one)) == 3, "the merge")
    before = followers(one)
    wait_poll(m)
    whole_ones = len(unconditional(m))
    one.kill()
    one.start()
    wait_poll(m)
    one.stop()
    one.start()
    m.add("Peace two")
    wait_until(lambda: {(n, "Peace two") for n in urls} <=
               set(alerted(receiver)), "all topics")
    wait_poll(m)
    assert followers(one) == before
    assert min(gaps(m)) > 0.9, gaps(m)
    assert len(unconditional(m)) == whole_ones
    assert len(set(alerted(receiver))) == len(alerted(receiver))


@pytest.mark.short
def test_owner_told_off(daemon, feeds, receiver):
    """what the server of a document says to the feed that reads it is no
    failure of the feed that follows, and holds for it too"""
    off = []

    def answer(request):
        if off:
            return Answer("", 503, {"Retry-After": "600"})
        return Answer(rss(rss_item("a", "War")))

    feeds.set("/m", answer)
    urls = {n: feeds.set("/" + n, go(302, "/m")) for n in ("a", "b")}
    one = daemon(config(receiver, urls))
    wait_until(lambda: followers(one), "the merge")
    [(follower, owner)] = followers(one).items()
    off.append(True)
    wait_until(lambda: rows(one)[owner]["failures"] == 1, "the refusal")
    asked = len(feeds.requests_of("/m"))
    wait_until(lambda: rows(one)[follower]["next_in_s"] > 60, "its next poll")
    row = rows(one)[follower]
    assert (row["state"], row["failures"]) == ("ok", 0), row
    assert len(feeds.requests_of("/m")) == asked


@pytest.mark.short
def test_host_told_off(daemon, feeds, receiver):
    """a redirect to a host that told another feed off is not followed before
    that is over: no failure, and no request"""
    moved = []

    def answer(request):
        return go(301, there) if moved else Answer(rss(rss_item("a", "War")))

    port = feeds.url("/").split(":")[2]
    there = f"http://localhost:{port}m"
    home = feeds.set("/home", answer)
    feeds.set("/m", Answer(rss(rss_item("m", "War"))))
    feeds.set("/busy", Answer("", 429, {"Retry-After": "600"}))
    busy = f"http://localhost:{port}busy"
    one = daemon(config(receiver, {"home": home, "busy": busy}))
    wait_until(lambda: rows(one)[busy]["failures"] == 1 and
               rows(one)[home]["last_success"], "a poll of each")
    moved.append(True)
    wait_until(lambda: rows(one)[home]["next_in_s"] > 60, "the redirect")
    row = rows(one)[home]
    assert (row["state"], row["failures"]) == ("ok", 0), row
    assert row["next_in_s"] <= 700, row
    assert not feeds.requests_of("/m")


@pytest.mark.short
def test_owner_that_a_reload_brings(daemon, feeds, receiver):
    """a poll that began before a reload brought the owner of what it is led
    to leaves it to that one"""
    led = threading.Event()

    def answer(request):
        led.wait(9)
        return go(302, "/m")

    m = Tagged(feeds, "/m")
    m.add("Peace")
    owner = feeds.set("/owner", go(302, "/m"))
    slow_one = feeds.set("/slow", answer)
    one = daemon(config(receiver, {"owner": owner}))
    wait_until(lambda: rows(one)[owner]["last_success"], "a poll")
    reload_well(one, config(receiver, {"slow": slow_one}))
    wait_until(lambda: feeds.requests_of("/slow"), "a poll under way")
    reload_well(one, config(receiver, {"owner": owner, "slow": slow_one}))
    led.set()
    wait_until(lambda: followers(one), "the merge")
    assert followers(one) == {slow_one: owner}


# Chains

@pytest.mark.short
def test_chains(daemon, feeds, receiver):
    """five redirects are followed, six are not; no URL of a chain is asked
    twice, nor are two feeds sent round in a circle"""
    Tagged(feeds, "/end").add("Peace")
    for n in range(1, 6):
        feeds.set(f"/{n}", go(302, f"/{n + 1}" if n < 5 else "/end"))
    feeds.set("/l1", go(301, "/l2"))
    feeds.set("/l2", go(301, "/loop"))
    urls = {"six": feeds.set("/0", go(302, "/6")),
            "five": feeds.url("/1"),
            "loop": feeds.set("/loop", go(302, "/l1")),
            "to": feeds.set("/to", go(302, "/fro")),
            "fro": feeds.set("/fro", go(302, "/to"))}
    for n in range(6, 12):
        feeds.set(f"/{n}", go(302, f"/{n + 1}"))
    one = daemon(config(receiver, urls, every="1h"))
    wait_until(lambda: all(r["last_poll"] for r in rows(one).values()),
               "all polls")
    row = {n: rows(one)[u] for n, u in urls.items()}
    assert row["five"]["state"] == "ok"
    assert row["six"]["word"] == "redirect_limit"
    assert row["loop"]["word"] == "redirect_loop"
    assert sorted((row["to"]["word"] or "", row["fro"]["word"] or "")) == [
        "", "redirect_loop"]
    assert not feeds.requests_of("/11")
    with feeds.lock:
        paths = [r.path for r in feeds.requests]
    assert len(paths) == len(set(paths)), paths


@pytest.mark.short
def test_gap_between_hops(daemon, feeds, receiver):
    """redirects within one host keep its gap"""
    Tagged(feeds, "/end").add("Peace")
    feeds.set("/next", go(302, "/end"))
    url = feeds.set("/a", go(302, "/next"))
    whole = config(receiver, {"a": url}, every="1h")
    whole["poll"] = {"host_gap": "1s"}
    daemon(whole)
    wait_until(receiver.messages, "the alert")
    times = [feeds.requests_of(p)[0].arrived for p in ("/a", "/next", "/end")]
    assert times[1] - times[0] > 0.9 and times[2] - times[1] > 0.9, times


@pytest.mark.short
def test_one_request_when_added(daemon, feeds, receiver, tmp_path):
    """a feed that two OPML lists and the YAML have is asked once"""
    a, b = Tagged(feeds, "/a"), Tagged(feeds, "/b")
    a.add("Peace")
    opml = ('<opml version="2.0"><body>'
            f'<outline type="rss" text="a" xmlUrl="{a.url}"/>'
            f'<outline type="rss" text="again" xmlUrl="{a.url}"/>'
            '</body></opml>')
    for name in ("one.opml", "two.opml"):
        (tmp_path / name).write_text(opml, encoding="utf-8")
    whole = config(receiver, {"b": b.url}, every="1s")
    lists = {**whole, "feeds": whole["feeds"] + [
        {"url": a.url, "every": "1h"}, {"opml": "one.opml", "every": "1h"},
        {"opml": "two.opml", "every": "1h"}]}
    one = daemon(lists)
    wait_until(receiver.messages, "the alert")
    reload_well(one, whole)
    reload_well(one, lists)
    wait_poll(b)
    one.stop()
    one.start()
    wait_poll(b)
    assert a.polls() == 1
    assert len(receiver.messages()) == 1
