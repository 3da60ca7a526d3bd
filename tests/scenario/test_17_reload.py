# SPDX-License-Identifier: ISC
"""The configuration changes while it runs."""
import os
import signal

import pytest

from feed_server import Answer
from flood import Flood
from harness import headlinectl, headlined, rss, rss_item, wait_until
from lives import how_many
from webhook_receiver import WebhookReceiver


def hup(one):
    one.process.send_signal(signal.SIGHUP)


def reload_well(one, config):
    """The daemon has taken this configuration."""
    before = len(one.events("reloaded"))
    one.configure(config)
    hup(one)
    wait_until(lambda: len(one.events("reloaded")) > before, "the reload")


def spoil(one, text=None):
    """A configuration with a fault in it, in place of the good one."""
    with open(one.config, encoding="utf-8") as file:
        whole = file.read()
    with open(one.config, "w", encoding="utf-8") as file:
        file.write(text if text is not None else
                   whole.replace('"match"', '"mach"', 1))


def config(feeds, receiver, words=("peace",)):
    """Topics are named by their words, feeds by their URLs."""
    return {"feeds": [{"url": u, "every": "1s"} for u in feeds],
            "topics": {w: {"match": w, "notify": "desk"} for w in words},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


class Growing:
    """A feed at a path, whose items come one after another."""

    def __init__(self, feeds, path):
        self.feeds = feeds
        self.path = path
        self.items = []
        self.url = feeds.set(path, lambda r: Answer(rss(*self.items)))

    def add(self, title):
        self.items.append(rss_item(f"{self.path[1:]}-{len(self.items)}",
                                   title))

    def polls(self):
        return len(self.feeds.requests_of(self.path))


def wait_poll(*growing):
    """One whole poll of each that begins from now on."""
    before = [g.polls() for g in growing]
    wait_until(lambda: all(g.polls() > n + 1 for g, n in
                           zip(growing, before)), "polls")


@pytest.fixture
def other_receiver():
    server = WebhookReceiver()
    yield server
    server.close()


@pytest.mark.short
def test_feeds(daemon, feeds, receiver):
    """a feed that is added is polled, one that is removed is not any more,
    one that stays is not asked out of turn"""
    a, b, c = (Growing(feeds, f"/{n}") for n in "abc")
    for one in (a, b, c):
        one.add(f"Peace {one.path}")
    one = daemon(config([a.url, b.url], receiver))
    wait_until(lambda: len(receiver.messages()) == 2, "the first alerts")
    reload_well(one, config([a.url, c.url], receiver))
    wait_until(lambda: len(receiver.messages()) == 3, "the new feed's")
    asked = b.polls()
    b.add("Peace unseen")
    wait_poll(a, c)
    assert b.polls() == asked
    times = [r.arrived for r in feeds.requests_of("/a")]
    assert min(y - x for x, y in zip(times, times[1:])) > 0.75
    assert one.status()["feeds"]["total"] == 2
    # What was removed and comes back is known.
    reload_well(one, config([a.url, b.url], receiver))
    wait_until(lambda: len(receiver.messages()) == 4, "what b has new")
    assert sorted(receiver.titles()) == sorted(
        ["Peace /a", "Peace /b", "Peace /c", "Peace unseen"])


@pytest.mark.short
def test_words(daemon, feeds, receiver):
    """the words of the stream are learned: one that every item has is warned
    of from then on, one that hardly any has is not"""
    a = Growing(feeds, "/a")
    for n in range(600):
        a.add(f"Zorbline number {n}: the rest")
    settings = {**config([a.url], receiver), "workers": 1}
    settings["topics"]["all"] = {
        "match": "(quarry OR zorbline) AND armistice"}
    one = daemon(settings)

    def warnings():
        return headlined("-c", one.config, "--check").stderr

    wait_until(lambda: "nearly every item" in warnings(), "the warning")
    assert warnings().count("nearly every item") == 1
    assert '"zorbline"' in warnings()


@pytest.mark.short
def test_topics(daemon, feeds, receiver):
    """a topic that is added or changed looks at what comes from then on; one
    that is removed does not"""
    a = Growing(feeds, "/a")
    a.add("Peace and talks")
    one = daemon(config([a.url], receiver))
    wait_until(lambda: receiver.topics() == ["peace"], "the first alert")
    reload_well(one, config([a.url], receiver, ["talks"]))
    wait_poll(a)
    a.add("Peace and talks again")
    wait_until(lambda: receiver.topics() == ["peace", "talks"], "the next")
    changed = config([a.url], receiver, ["talks"])
    changed["topics"]["talks"]["match"] = "treaty"
    reload_well(one, changed)
    a.add("Talks without end")
    a.add("A treaty")
    wait_until(lambda: len(receiver.messages()) == 3, "the changed topic's")
    wait_poll(a)
    assert receiver.titles() == ["Peace and talks", "Peace and talks again",
                                 "A treaty"]


@pytest.mark.short
def test_sinks(daemon, feeds, receiver, other_receiver):
    """a sink that is changed sends to its new URL, what waited included, and
    nothing twice"""
    a = Growing(feeds, "/a")
    a.add("Peace one")
    one = daemon(config([a.url], receiver))
    wait_until(lambda: one.sink("desk")["sent"] == 1, "the first alert")
    receiver.script += [503] * 100
    a.add("Peace two")
    wait_until(lambda: len(receiver.messages()) == 2, "a try")
    reload_well(one, config([a.url], other_receiver))
    wait_until(lambda: other_receiver.titles() == ["Peace two"],
               "what waited")
    a.add("Peace three")
    wait_until(lambda: other_receiver.titles() == ["Peace two",
                                                   "Peace three"],
               "what is new")
    assert len(receiver.messages()) == 2
    both = config([a.url], other_receiver)
    both["sinks"]["second"] = {"webhook": receiver.url("/in")}
    both["topics"]["peace"]["notify"] = ["desk", "second"]
    receiver.script.clear()
    reload_well(one, both)
    wait_poll(a)
    a.add("Peace four")
    wait_until(lambda: receiver.titles()[-1] == "Peace four" and
               other_receiver.titles()[-1] == "Peace four", "both sinks'")
    assert other_receiver.titles().count("Peace four") == 1


@pytest.mark.short
def test_bad(daemon, feeds, receiver):
    """a configuration with a fault changes nothing and is told in the log, in
    status and by headlinectl reload"""
    a, b = Growing(feeds, "/a"), Growing(feeds, "/b")
    one = daemon(config([a.url], receiver))
    spoil(one)
    done = headlinectl("reload", "--socket", one.socket)
    assert done.returncode == 1
    assert "mach" in done.stderr
    assert f"{one.config}:" in done.stderr
    assert len(one.events("reload_refused")) == 1
    told = one.status()["reload"]
    assert told["ok"] is False
    assert "mach" in told["faults"][0]
    spoil(one, "feeds: [")
    hup(one)
    wait_until(lambda: len(one.events("reload_refused")) == 2, "the refusal")
    os.unlink(one.config)
    hup(one)
    wait_until(lambda: len(one.events("reload_refused")) == 3, "the refusal")
    a.add("Peace")
    wait_until(lambda: receiver.titles() == ["Peace"], "the topic runs on")
    one.configure(config([a.url, b.url], receiver))
    done = headlinectl("reload", "--socket", one.socket)
    assert done.returncode == 0, done.stderr
    assert one.status()["reload"]["ok"] is True
    assert one.status()["feeds"]["total"] == 2


@pytest.fixture
def flood():
    server = Flood(n_feeds=20, per_second=1000)
    yield server
    server.close()


def vary(base, n, receiver, other_url):
    """The n-th good configuration: what it must deliver stays."""
    more = {**base, "feeds": list(base["feeds"]),
            "topics": dict(base["topics"]), "sinks": dict(base["sinks"])}
    if n % 2:
        more["feeds"].append({"url": other_url, "every": "1s"})
    more["topics"][f"topic-{n}"] = {"match": f"nothing{n}",
                                    "notify": "desk"}
    more["sinks"]["desk"] = {"webhook": receiver.url(f"/in/{n % 3}")}
    return more


@pytest.mark.short
def test_flood(daemon, flood, feeds, receiver):
    """good and bad configurations by turns under 1,000 items a second:
    nothing is lost or doubled"""
    reloads = how_many("HEADLINED_RELOADS", 100, 10)
    other = Growing(feeds, "/other")
    base = config(flood.urls, receiver)
    one = daemon(base, start=False)
    one.env = {"HEADLINED_TIME_SCALE": "6"}     # polls come oftener
    one.start()
    wait_until(receiver.messages, "the first alerts")
    for n in range(reloads):
        asked = len(flood.requests)
        if n % 2:
            spoil(one)
            hup(one)
            wait_until(lambda: len(one.events("reload_refused")) ==
                       n // 2 + 1, "the refusal")
        else:
            reload_well(one, vary(base, n // 2, receiver, other.url))
        wait_until(lambda: len(flood.requests) > asked,
                   "a poll between two reloads")
    flood.end()
    wait_until(flood.is_acknowledged, "the last items")
    wait_until(lambda: len(receiver.messages()) >= len(flood.expected()),
               "the last alerts")
    wait_until(lambda: one.sink("desk")["waiting"] == 0, "their marks")
    assert sorted(receiver.titles()) == flood.expected()
    assert len(one.events("reload_refused")) == reloads // 2
    assert flood.made() > 20 * reloads
