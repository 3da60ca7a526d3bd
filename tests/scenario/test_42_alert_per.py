# SPDX-License-Identifier: ISC
"""Copies and stories: which of several items about one thing alert."""
import json

import pytest

from feed_server import Answer
from harness import headlinectl, rss, rss_item, wait_until
from pages import config as of_pages
from pages import item, page, wait_for_end
from test_17_reload import reload_well

WIRE = ("The Korvala dam in the Marnesh valley burst on Tuesday night, and "
        "1,240 people fled to higher ground, the governor Ilse Brandvoort "
        "said. \"We had forty minutes of warning,\" she told reporters. "
        "Repairs will cost 18.5 million crowns.")
OWN = ("Weeks before the Korvala dam burst over the Marnesh valley, an "
       "inspection had found 37 cracks in its wall, documents show. Ilse "
       "Brandvoort, the governor, called for an inquiry into the burst dam. "
       "People who had fled spent a second night in schools and tents, and "
       "the army brought 6,500 blankets.")

THIRD = ("Families from the Marnesh valley want Ilse Brandvoort to say why the "
         "Korvala dam burst. Many of those who fled the flood have no house "
         "to go back to; insurers speak of 930 claims, and the governor has "
         "named no date for repairs of the dam.")


class Sites:
    """Feeds at hosts of their own (127.0.0.1 is one site, localhost another),
    each with the items that it was given."""

    def __init__(self, feeds):
        self.feeds = feeds
        self.items = {}
        self.urls = []

    def feed(self, name, host="127.0.0.1"):
        self.items[name] = []
        url = self.feeds.set(f"/{name}", lambda r, name=name: Answer(
            rss(*self.items[name])))
        self.urls.append(url.replace("127.0.0.1", host))
        return self

    def give(self, name, title, text):
        self.items[name].append(rss_item(
            f"{name}-{len(self.items[name])}", title, text))


def config(sites, receiver, topics):
    return {"feeds": [{"url": u, "every": "1s"} for u in sites.urls],
            "topics": {name: {"notify": "desk", **topic}
                       for name, topic in topics.items()},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


@pytest.fixture
def sites(feeds):
    return Sites(feeds).feed("a").feed("b").feed("c")


def alerts_of(receiver, topic):
    """Its alerts, each once: after a kill one may come twice."""
    return list({a["id"]: a for a in receiver.alerts()
                 if a["subject"] == topic}.values())


def heard(receiver, topic):
    """The feeds whose items the topic has alerted of."""
    return [a["data"]["feed"]["url"].rsplit("/", 1)[1]
            for a in alerts_of(receiver, topic)]


def wait_heard(receiver, topic, *feeds):
    wait_until(lambda: sorted(heard(receiver, topic)) == sorted(feeds),
               f"{topic} to have heard of {feeds}")


@pytest.mark.short
def test_copies(daemon, sites, receiver):
    """a copy alerts those topics that want each item, and not those that want
    each text, not after a kill either; one that holds what the first did not
    alerts all; the story says how many there were"""
    topics = {"texts": {"match": "dam OR blankets", "alert_per": "text"},
              "items": {"match": "dam OR blankets", "alert_per": "item"}}
    one = daemon(config(sites, receiver, topics))
    sites.give("a", "Dam bursts", WIRE)
    wait_heard(receiver, "items", "a")
    sites.give("b", "Thousands flee", WIRE)
    wait_heard(receiver, "items", "a", "b")
    wait_until(lambda: one.status()["alerts_held"] == 1, "the copy")
    one.kill()
    one.start()
    sites.give("c", "Flood", WIRE)
    wait_heard(receiver, "items", "a", "b", "c")
    assert heard(receiver, "texts") == ["a"]
    stories = [a["data"]["story"] for a in alerts_of(receiver, "items")]
    assert len({s["id"] for s in stories}) == 1
    assert [s["copies"] for s in stories] == [0, 1, 2]
    sites.give("c", "Flood, and blankets", WIRE)
    wait_heard(receiver, "texts", "a", "c")


def test_why_nothing_came(daemon, sites, receiver):
    """who asks for an item that was held back is told so, and by which
    story; not for the topic that alerted of it"""
    topics = {"texts": {"match": "dam", "alert_per": "text"},
              "once": {"match": "dam", "alert_per": "story"},
              "items": {"match": "dam", "alert_per": "item"}}
    one = daemon(config(sites, receiver, topics))
    sites.give("a", "Dam bursts", WIRE)
    wait_heard(receiver, "items", "a")
    sites.give("b", "Thousands flee", WIRE)
    wait_heard(receiver, "items", "a", "b")
    story = alerts_of(receiver, "items")[0]["data"]["story"]["id"]
    url = alerts_of(receiver, "items")[1]["data"]["item"]["url"]
    done = headlinectl("why", "--socket", one.socket, url)
    assert done.returncode == 0, done.stderr
    assert f"  texts (notice: holds; held back as a copy, story {story})" \
        in done.stdout
    assert ("  once (notice: holds; held back, told already: story "
            f"{story})") in done.stdout
    assert "  items (notice: holds; alerted " in done.stdout


def test_stories(daemon, sites, receiver):
    """once a story, and once more when so many sites have it, copies not
    counted; the sites are named"""
    sites.feed("d", host="localhost")
    topics = {"once": {"match": "dam", "alert_per": "story"},
              "again": {"match": "dam", "alert_per": "story",
                        "realert_at_sites": 2},
              "items": {"match": "dam", "alert_per": "item"}}
    one = daemon(config(sites, receiver, topics))
    sites.give("a", "Dam bursts", WIRE)
    wait_heard(receiver, "items", "a")
    sites.give("b", "Dam: engineers had warned", OWN)
    wait_heard(receiver, "items", "a", "b")
    sites.give("d", "After the Korvala flood, questions", THIRD)
    wait_heard(receiver, "items", "a", "b", "d")
    assert heard(receiver, "once") == ["a"]
    assert heard(receiver, "again") == ["a", "d"]
    last = alerts_of(receiver, "again")[-1]
    assert sorted(last["data"]["story"]["sites"]) == \
        ["127.0.0.1", "localhost"]
    wait_until(lambda: one.status()["alerts_held"] == 3, "those held back")


def test_one_text_under_all_titles(daemon, sites, receiver):
    """items whose text is always the same are told apart by their titles"""
    text = ("This article is for subscribers only. Log in or subscribe today "
            "to read the full report on our website and in our app.")
    daemon(config(sites, receiver, {"t": {"match": "dam",
                                          "alert_per": "text"}}))
    sites.give("a", "Governor votes on the dam", text)
    sites.give("a", "Dam at Korvala bursts", text)
    sites.give("b", "Talks on a new dam open in Nollern", text)
    wait_heard(receiver, "t", "a", "a", "b")


def test_pages_under_one_title(daemon, feeds, receiver):
    """a feed of titles alone, which are the same each day: its pages are no
    copies of one another"""
    items = []
    url = feeds.set("/rss", lambda r: Answer(rss(*items)))
    settings = of_pages(receiver, url, topics=["peacekeepers"])
    settings["feeds"][0]["every"] = "1s"
    settings["topics"]["peacekeepers"]["alert_per"] = "text"
    one = daemon(settings)
    for n, word in enumerate(("arrived", "left"), start=1):
        link = feeds.set(f"/{word}", page(f"The peacekeepers {word}."))
        items.append(item(word, link, title="Morning briefing", text=""))
        wait_for_end(one, url, n)
    assert [m["data"]["item"]["url"].rsplit("/", 1)[1]
            for m in receiver.alerts()] == ["arrived", "left"]


def test_default(daemon, sites, receiver):
    """without a word about it a topic hears of each text once; a reload that
    says item lets it hear of each item"""
    topics = {"t": {"match": "dam"}}
    settings = config(sites, receiver, topics)
    one = daemon(settings, start=False)
    as_written = json.loads(json.dumps(settings))
    with open(one.config, encoding="utf-8") as file:
        whole = json.load(file)
    del whole["topics"]["t"]["alert_per"]
    with open(one.config, "w", encoding="utf-8") as file:
        json.dump(whole, file)
    one.start()
    sites.give("a", "Dam bursts", WIRE)
    wait_heard(receiver, "t", "a")
    sites.give("b", "Flood", WIRE)
    wait_until(lambda: one.status()["alerts_held"] == 1, "the copy")
    as_written["topics"]["t"]["alert_per"] = "item"
    reload_well(one, as_written)
    sites.give("c", "Dam", WIRE)
    wait_heard(receiver, "t", "a", "c")
