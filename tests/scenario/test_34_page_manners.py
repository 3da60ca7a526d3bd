# SPDX-License-Identifier: ISC
"""How pages are asked for: robots.txt, the gap between requests, how many a
day, and what a server's refusals mean for all that is asked of it."""
import itertools

import pytest

from feed_server import Answer
from harness import rss, wait_until
from pages import (came_to, config, counts, item, of_pages, page, raised,
                   said_of_pages, scaled, wait_for_end)
from test_17_reload import reload_well

DAY_S = 86400
WORD = "They agreed that peacekeepers will stand at the border."
TEXT = {"Content-Type": "text/plain"}
# By how much real time requests may seem nearer to each other than they left.
JITTER_S = 0.1


def start_scaled(daemon, whole, scale):
    """A daemon whose own clock runs so many times faster."""
    one, clock = scaled(daemon(whole, start=False), scale)
    return one.start(), clock


@pytest.mark.short
def test_robots(daemon, feeds, receiver):
    """robots.txt forbids some pages: nobody asks for them, the others are
    read, and `feeds` says so"""
    feeds.set("/robots.txt", Answer(
        "User-agent: *\nDisallow: /\n\nUser-agent: Headlined\n"
        "Disallow: /closed/\nAllow: /closed/open\n", headers=TEXT))
    links = [feeds.set(path, page(WORD)) for path in
             ("/a", "/closed/a", "/closed/open", "/closed/b?x=1")]
    links.append(feeds.set("/moved", Answer("", 302, {
        "Location": "/closed/a"})))
    url = feeds.set("/rss", rss(*[item(f"i{n}", link) for n, link in
                                  enumerate(links)]))
    one = daemon(config(receiver, url, topics=["peacekeepers"]))
    assert wait_for_end(one, url, 5) == {"read": 2, "robots": 3}
    assert feeds.requests_of("/closed/a") == []
    assert feeds.requests_of("/closed/b?x=1") == []
    assert sorted(u for _, _, u in raised(receiver)) == sorted(
        [links[0], links[2]])
    assert "2 read, 3 that robots.txt forbids" in said_of_pages(one)
    assert counts(one, url)["today"] == 3, "what is forbidden is not counted"
    assert len(feeds.requests_of("/robots.txt")) == 1


def test_robots_unreachable(daemon, feeds, receiver):
    """robots.txt cannot be read: the log says so, and what is counted of its
    pages does not say that they were asked for"""
    feeds.set("/robots.txt", Answer("", 503))
    link = feeds.set("/a", page(WORD))
    url = feeds.set("/rss", rss(item("i", link)))
    one, _ = start_scaled(daemon, config(receiver, url), 3600)
    wait_until(lambda: one.events("robots_unreachable"), "the log")
    line = one.events("robots_unreachable")[0]
    assert f"origin={feeds.url('').rstrip('/')}" in line
    assert "why=http_503" in line
    assert wait_for_end(one, url, 1) == {"failed": 1}
    assert "1 that could not be had" in said_of_pages(one)
    assert feeds.requests_of("/a") == []


def test_robots_once_a_day(daemon, feeds, receiver):
    """robots.txt is asked for once in 24 hours, however many pages follow"""
    numbers = itertools.count()
    scale = DAY_S / 4
    fresh = {}

    def answer(_request):
        n = next(numbers)
        fresh[n] = feeds.set(f"/page-{n}", page(WORD))
        return Answer(rss(item(f"i{n}", fresh[n])))

    url = feeds.set("/rss", answer)
    feeds.set("/robots.txt", Answer("User-agent: *\nDisallow: /x\n",
                                    headers=TEXT))
    whole = config(receiver, url, topics=["peacekeepers"], host_gap="1s")
    whole["feeds"][0].update(every="1h", page_limit=1000)
    _, clock = start_scaled(daemon, whole, int(scale))

    def asked():
        return feeds.requests_of("/robots.txt")

    def pages_between():
        times = [r.arrived for r in asked()]
        return [sum(a < r.arrived < b for r in list(feeds.requests)
                    if r.path.startswith("/page-"))
                for a, b in zip(times, times[1:])]

    wait_until(lambda: len(asked()) == 4, "three days")
    days = [clock.asked(r) for r in asked()]
    gaps = [b - a for a, b in zip(days, days[1:])]
    assert min(gaps) > DAY_S - JITTER_S * scale, gaps
    assert min(pages_between()) >= 3, pages_between()
    for n in fresh:
        assert len(feeds.requests_of(f"/page-{n}")) <= 1, n


def test_thousand_pages(daemon, feeds, receiver):
    """a thousand new items at once: their pages are asked for one after
    another, no nearer than host_gap, and feeds of that host still have their
    turns between them"""
    n, gap_s, scale = 1000, 1, 80
    links = [feeds.set(f"/page-{i}", page(WORD)) for i in range(n)]
    url = feeds.set("/rss", rss(*[item(f"i{i}", link, title=f"Number {i}")
                                  for i, link in enumerate(links)]))
    other = feeds.set("/other", rss(item("o", "")))
    whole = config(receiver, url, topics=["peacekeepers"],
                   host_gap=f"{gap_s}s")
    whole["feeds"][0]["page_limit"] = n
    whole["feeds"].append({"url": other, "every": "30s"})
    one, clock = start_scaled(daemon, whole, scale)
    wait_until(lambda: came_to(one, url).get("read") == n, "all of them",
               300)
    times = sorted(clock.asked(r) for r in feeds.requests)
    # A request may be noted late, but not a hundred in a row.
    for stride in 20, 100, 500:
        spans = [b - a for a, b in zip(times, times[stride:])]
        assert min(spans) > stride * gap_s - JITTER_S * scale, stride
    first, last = (feeds.requests_of(p)[0] for p in
                   ("/page-0", f"/page-{n - 1}"))
    between = [clock.asked(r) for r in feeds.requests_of("/other")
               if first.arrived < r.arrived < last.arrived]
    assert len(between) >= n * gap_s / 30 / 3, len(between)
    assert all(len(feeds.requests_of(f"/page-{i}")) == 1 for i in range(n))
    wait_until(lambda: len(receiver.messages()) == n, "an alert for each")
    assert len({a["id"] for a in receiver.alerts()}) == n


def test_page_limit(daemon, feeds, receiver):
    """no more than page_limit pages of a feed in a day, over a restart too: as
    many wait for the next one, of others the feed's text stands, and they are
    counted"""
    limit = 3
    links = [feeds.set(f"/{n}", page(WORD)) for n in range(9)]
    items = [item(f"i{n}", link) for n, link in enumerate(links)]
    url = feeds.set("/rss", rss(*items[:7]))
    whole = config(receiver, url)
    # All summaries are one here, which is what boilerplate is.
    whole["feeds"][0].update(every="1h", page_limit=limit, boilerplate="keep")
    one, clock = scaled(daemon(whole, start=False), DAY_S // 8)
    # What is sent late in a day may be seen in the next.
    wait_until(lambda: clock.now() % DAY_S < DAY_S / 4, "a morning")
    one.start()
    wait_until(lambda: came_to(one, url) == {"read": limit, "left": 4},
               "the first day's")
    one.stop()
    feeds.set("/rss", rss(*items))
    one.start()
    assert wait_for_end(one, url, 9) == {"read": 5, "left": 4}
    asked = [r for r in feeds.requests if r.path in {f"/{n}" for n in
                                                     range(9)}]
    days = [int(clock.asked(r) // DAY_S) for r in asked]
    assert len(asked) == 5
    assert max(days.count(d) for d in days) <= limit, days
    assert "4 left out, over page_limit" in said_of_pages(one)
    from_feed = [u for topic, _, u in raised(receiver) if topic == "summit"]
    assert sorted(from_feed) == sorted(links), "each by its summary"
    assert len(of_pages(receiver)) == 5


def test_told_off(daemon, feeds, other_feeds, receiver):
    """429 for a page: nothing is asked of its host for as long as it says,
    feeds neither; the page once more after that"""
    scale, wait_s = 600, 1800
    answers = [Answer("no", 429, {"Retry-After": str(wait_s)})]
    link = feeds.set("/a", lambda _: answers.pop() if answers else page(WORD))
    url = feeds.set("/rss", rss(item("a", link)))
    other = feeds.set("/other", rss(item("o", "")))
    third = other_feeds.set("/third", rss(item("t", "")))
    whole = config(receiver, url, topics=["peacekeepers"], per_host=1)
    whole["feeds"] += [{"url": u, "every": "5m"} for u in (other, third)]
    one, clock = start_scaled(daemon, whole, scale)
    assert wait_for_end(one, url, 1) == {"read": 1}
    told_off, again = feeds.requests_of("/a")
    least = wait_s - JITTER_S * scale
    # One after another: the list has their order, the kernel's clock ticks.
    later = feeds.requests[feeds.requests.index(told_off) + 1:]
    assert clock.asked(later[0]) - clock.asked(told_off) > least, \
        later[0].path
    assert clock.asked(again) - clock.asked(told_off) > least
    assert any(told_off.arrived < r.arrived < later[0].arrived
               for r in other_feeds.requests), "other hosts are asked"
    wait_until(lambda: feeds.requests_of("/other")[-1].arrived >
               told_off.arrived, "the feed of that host, again")
    assert raised(receiver) == [("peacekeepers", "page", link)]


def test_links_to_one_page(daemon, feeds, receiver):
    """ten links of a feed that lead to one page: it is asked for once; so
    where another feed's links lead there, whose items have its text"""
    target = feeds.set("/page", page(WORD))

    def leading(name):
        return feeds.set(f"/to/{name}", Answer("", 302, {
            "Location": f"{target}#{name}"}))

    links = [leading(f"i{n}") for n in range(10)]
    url = feeds.set("/rss", rss(*[item(f"i{n}", link) for n, link in
                                  enumerate(links)]))
    one = daemon(config(receiver, url, topics=["peacekeepers"]))
    assert wait_for_end(one, url, 10) == {"read": 1, "shared": 9}
    assert len(feeds.requests_of("/page")) == 1
    assert len(raised(receiver)) == 1
    second = feeds.set("/second", rss(item("s", leading("later")),
                                      item("t", links[-1])))
    reload_well(one, config(receiver, url, second, topics=["peacekeepers"]))
    assert wait_for_end(one, second, 2) == {"read": 2}
    assert len(raised(receiver)) == 3
    paths = [r.path for r in feeds.requests]
    assert paths.count("/page") == 1
    assert all(paths.count(p) == 1 for p in paths if p.startswith("/to/"))


def test_way_of_a_hostile_feed(daemon, feeds, other_feeds, receiver):
    """a feed that redirects to another's page, and may ask no more that day,
    neither keeps that page from the other one nor gives it words of its own"""
    target = other_feeds.set("/story", page(WORD))
    answers = [Answer("", 302, {"Location": target}),
               page("It was said that a coup has begun in the capital.")]
    trap = feeds.set("/x", lambda _: answers.pop(0) if len(answers) > 1
                     else answers[0])
    hostile = feeds.set("/rss", rss(item("x", trap)))
    url = other_feeds.set("/rss", rss())
    whole = config(receiver, hostile, url, topics=["peacekeepers", "coup"])
    whole["feeds"][0]["page_limit"] = 1
    one, _ = start_scaled(daemon, whole, 3600)
    wait_until(lambda: feeds.requests_of("/x"), "the redirect")
    other_feeds.set("/rss", rss(item("a", target)))
    assert wait_for_end(one, url, 1) == {"read": 1}
    wait_for_end(one, hostile, 1)
    assert len(other_feeds.requests_of("/story")) == 1
    assert [r for r in raised(receiver) if r[2] == target] == [
        ("peacekeepers", "page", target)]
