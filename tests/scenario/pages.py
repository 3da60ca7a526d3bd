# SPDX-License-Identifier: ISC
"""Feeds of summaries and the pages behind their links, as text; and what
`headlinectl feeds` says of them."""
from xml.sax.saxutils import escape

from feed_server import Answer
from harness import headlinectl, wait_until
from test_21_identity import rows
from test_24_schedule import VirtualTime

HTML = {"Content-Type": "text/html; charset=utf-8"}

# Of no topic; enough of it for an article.
FILLER = [
    "Delegates from eleven countries arrived on Monday, after a night in "
    "which the last open question, that of the money, was settled.",
    "The hosts had hoped for a longer list, but several ministers, among "
    "them those of the smaller states, asked for more time to read it.",
    "A second meeting is planned for the spring, officials said, and until "
    "then working groups will look at harbours, roads and railways."]


def html(*paragraphs, title="Leaders meet", head=""):
    """A page of a news site: an article between what stands around one."""
    body = "".join(f"<p>{escape(p)}</p>\n" for p in paragraphs)
    return (f"<!DOCTYPE html>\n<html><head><title>{title}</title>{head}"
            "</head><body><nav><ul><li><a href='/'>Home</a></li>"
            "<li><a href='/world'>World</a></li></ul></nav>\n"
            f"<main><article><h1>{title}</h1>\n{body}</article></main>\n"
            "<footer>Imprint and contact</footer></body></html>\n")


def story(*paragraphs):
    return html(*FILLER, *paragraphs)


def page(*paragraphs):
    """The whole answer: a story that goes on with these paragraphs."""
    return Answer(story(*paragraphs), headers=HTML)


def item(name, link, title="Leaders meet", text="A summit has begun."):
    """An <item> with a summary only, whose link is this."""
    return (f"<item><guid isPermaLink='false'>{name}</guid>"
            f"<title>{escape(title)}</title><link>{escape(link)}</link>"
            f"<description>{escape(text)}</description></item>\n")


def config(receiver, *urls, topics=("summit", "peacekeepers"), **poll):
    """Each feed with its pages; topics are named by their words."""
    return {"feeds": [{"url": u, "text": "page", "every": "1h"}
                      for u in urls], "poll": poll,
            "topics": {t: {"match": t, "notify": "desk"} for t in topics},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def scaled(one, scale):
    """A daemon that was not started, with a clock that runs so many times
    faster; and the clock."""
    clock = VirtualTime(scale)
    one.env = clock.env()
    return one, clock


def counts(one, url):
    """What is said of a feed's pages; None under `text: feed`."""
    return rows(one)[url]["pages"]


def came_to(one, url):
    """How many pages came to what: {"read": 2}."""
    return {word: n for word, n in counts(one, url)["outcomes"].items() if n}


def wait_for_end(one, url, n):
    """So many of the feed's pages have ended, and none waits; what they came
    to. What they have raised is at the sink."""
    def is_over():
        said = counts(one, url)
        return said["waiting"] == 0 and sum(said["outcomes"].values()) >= n
    wait_until(is_over, f"the end of {n} pages")
    wait_until(lambda: one.sink("desk")["waiting"] == 0, "their alerts")
    return came_to(one, url)


def said_of_pages(one):
    """The lines of `headlinectl feeds` on pages."""
    done = headlinectl("feeds", "--socket", one.socket)
    assert done.returncode == 0, done.stderr
    return "".join(line + "\n" for line in done.stdout.splitlines()
                   if " pages: " in line)


def raised(receiver):
    """(topic, where its text came from, the item's URL) of each alert."""
    return [(a["subject"], a["data"]["item"]["text_from"],
             a["data"]["item"]["url"]) for a in receiver.alerts()]


def of_pages(receiver):
    """Alerts that a page's text has raised."""
    return [a for a in receiver.alerts()
            if a["data"]["item"]["text_from"] == "page"]
