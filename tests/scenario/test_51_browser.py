# SPDX-License-Identifier: ISC
"""The pages of control.http in a real Chromium: what they show, what comes
live, and that what feeds say stays text. HEADLINED_PICTURES=doc/pictures makes
the pictures that README.md shows; `pngquant --ext .png --force` over them
leaves a third of their bytes."""
import os
import socket
import struct
from xml.sax.saxutils import escape

import pytest

from browser import Browser, missing
from feed_server import Answer
from harness import SHIPPED, rss, rss_item, wait_until

pytestmark = missing

PICTURES = os.environ.get("HEADLINED_PICTURES", "")
PAGES = {"feeds": "", "topics": "ui/topics.html", "alerts": "ui/alerts.html",
         "sinks": "ui/sinks.html", "try": "ui/try.html"}
WIDE, PHONE = (1000, 660), (390, 844)

QUERY = "peacekeep* NEAR/25 country:ukraine"
TOPICS = {"ukraine-peacekeepers": {"match": QUERY, "severity": "warning"},
          "sanctions": {"match": 'sanctions OR embargo OR "asset freeze"'},
          "shipping": {"match": "title:(tanker* OR harbour*)"},
          "central-banks": {"match": '"interest rates"'}}

# What a hostile title tries. Titles of RSS are HTML: what is to reach the page
# is escaped once more.
SCRIPT = "<script>document.title='taken'</script> sanctions grow"
IMAGE = "<img src=x onerror=\"document.title='taken'\"> embargo holds"
TURNED = "sanctions \u202egnp.exe\u202c end"

NEWS = [
    ("d", escape(SCRIPT), "Two ports closed."),
    ("e", escape(IMAGE), "The asset freeze goes on for six months."),
    ("f", TURNED, "Nothing more is known."),
    ("a", "Leaders meet in Paris", "European peacekeepers could be sent to "
     "Ukraine once the guns fall silent, Macron said on Monday after a night "
     "of talks."),
    ("b", "EU weighs new sanctions on tankers", "The list names forty ships "
     "and, for the first time, two harbours on the Baltic."),
    ("c", "Markets wait for the banks", "Interest rates are expected to stay "
     "where they are, said three people who know the matter."),
    ("g", "Harbour strike ends after nine days", "Crews go back to work."),
    ("h", "Peacekeepers for Ukraine, says minister", "A first group could "
     "leave in spring."),
    ("i", "A quiet day in the mountains", "Snow fell above 900 metres."),
]


def free_port():
    """One that nobody listens at; whoever closes it last leaves no trace."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


@pytest.fixture
def browser(tmp_path):
    one = Browser(str(tmp_path))
    yield one
    one.close()


class Desk:
    """A daemon with feeds, topics and sinks, and where its pages stand."""

    def __init__(self, daemon, feeds, receiver, items):
        self.feeds = feeds
        self.port = free_port()
        urls = [feeds.set("/world", Answer(rss(*items))),
                feeds.set("/quiet", Answer(rss())),
                feeds.set("/broken", Answer("no", status=503))]
        self.daemon = daemon({}, start=False)
        self.daemon.configure({
            "control": {"socket": self.daemon.socket,
                        "http": f"127.0.0.1:{self.port}"},
            "entities": [str(SHIPPED)],
            "feeds": [{"url": urls[0], "name": "World wire", "every": "1s"},
                      {"url": urls[1], "name": "Quiet weekly"},
                      {"url": urls[2], "name": "Broken gazette"}],
            "topics": {name: {**topic, "notify": ["newsroom"]}
                       for name, topic in TOPICS.items()},
            "sinks": {"newsroom": {"webhook": receiver.url("/in")}}})
        self.daemon.start()

    def url(self, page):
        return f"http://127.0.0.1:{self.port}/{PAGES[page]}"

    def publish(self, *items):
        self.feeds.set("/world", Answer(rss(*items)))


@pytest.fixture
def desk(daemon, feeds, receiver):
    """Its news are alerted, delivered and on the pages."""
    made = Desk(daemon, feeds, receiver, [rss_item(*i) for i in NEWS])
    wait_until(lambda: made.daemon.status()["alerts_raised"] >= 8 and
               made.daemon.sink("newsroom")["waiting"] == 0 and
               made.daemon.status()["feeds"]["failing"] == 1,
               "the alerts of the first news")
    return made


def look(browser, desk, page, size, dark=False):
    """Opens one, with what belongs on it; nothing was refused or failed."""
    browser.open(desk.url(page), *size, dark=dark)
    if page == "try":
        browser.ask("fill", at="#query", text=QUERY)
        browser.wait("document.querySelectorAll('#results mark').length > 1")
    elif page == "alerts":
        browser.wait("document.querySelectorAll('.alert').length > 7")
    else:
        browser.wait("!document.querySelector('#lead')?.innerText"
                     ".includes('Asking')")


def picture(browser, name, whole=False):
    """As the window shows it, or the whole page."""
    if PICTURES:
        os.makedirs(PICTURES, exist_ok=True)
        browser.tell("document.activeElement.blur()")
        browser.ask("picture", whole=whole,
                    file=os.path.join(PICTURES, f"{name}.png"))


SHOWN = {
    "feeds": ["3 feeds are watched.", "1 failing", "World wire",
              "Quiet weekly", "Broken gazette", "503"],
    "topics": list(TOPICS),
    "alerts": ["Leaders meet in Paris", "Live", "newsroom"],
    "sinks": ["Nothing waits.", "newsroom", "Every alert was delivered"],
    "try": ["2 of the last", "Leaders meet in Paris",
            "Peacekeepers for Ukraine, says minister"],
}


def test_pages(desk, browser):
    """each page shows what it is for, light and dark, without an error, a
    refusal by its policy or a request to anybody else"""
    for page, says in SHOWN.items():
        for dark in (False, True):
            look(browser, desk, page, WIDE, dark)
            text = browser.text("body")
            for one in says:
                assert one in text, (page, one, text)
            assert browser.ask("faults") == [], page
            picture(browser, f"{page}-{'dark' if dark else 'light'}",
                    whole=page != "alerts")


def test_phone(desk, browser):
    """on a telephone no page is wider than the screen"""
    for page in PAGES:
        look(browser, desk, page, PHONE)
        wide, inner = browser.tell("[document.documentElement.scrollWidth, "
                                   "innerWidth]")
        assert wide <= inner == PHONE[0], page
        if page == "alerts":
            picture(browser, "alerts-phone")


def test_live(desk, browser):
    """an alert appears as it is raised, its hit marked, without a reload"""
    look(browser, desk, "alerts", WIDE)
    browser.tell("window.stays = true")
    before = len(browser.texts(".alert"))
    desk.publish(rss_item("new", "Ministers split", "The embargo on grain "
                          "divides them."))
    browser.wait_text("Ministers split")
    assert len(browser.texts(".alert")) == before + 1
    first = "#alerts > .alert:first-child"
    assert "Ministers split" in browser.text(first)
    assert browser.texts(f"{first} mark") == ["embargo"]
    assert browser.text("#said") == "New alert: Ministers split"
    assert browser.tell("window.stays") is True
    assert browser.ask("faults") == []


def test_pause(desk, browser):
    """what comes while the list is paused is counted, and shown after"""
    look(browser, desk, "alerts", WIDE)
    browser.ask("click", at="#pause")
    desk.publish(rss_item("late", "Sanctions vote delayed", "By a week."))
    browser.wait_text("Paused, 1 new alert", "#live")
    assert "Sanctions vote delayed" not in browser.text("#alerts")
    browser.ask("click", at="#pause")
    browser.wait_text("Sanctions vote delayed", "#alerts")


def test_hostile(desk, browser):
    """titles that are scripts, images or turn letters around stay text"""
    for page in ("alerts", "try"):
        look(browser, desk, page, WIDE)
        if page == "try":
            browser.ask("fill", at="#query", text="sanctions OR embargo")
            browser.wait_text("sanctions grow", "#results")
        text = browser.text("main")
        assert SCRIPT in text and IMAGE in text, text
        assert "sanctions gnp.exe end" in text
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e")
        assert browser.tell("document.title").endswith("headlined")
        assert browser.tell("document.querySelectorAll("
                            "'main script, main img').length") == 0
        links = browser.tell("[...document.querySelectorAll('main article a')]"
                             ".map((a) => [a.href, a.rel])")
        assert links
        for href, rel in links:
            assert href.startswith("https://news.example.com/")
            assert rel == "noopener noreferrer"
        assert browser.ask("faults") == []


def test_script_links(daemon, feeds, receiver, browser):
    """a link that is no web address leads nowhere"""
    item = ("<item><title>Embargo, click here</title>"
            "<link>javascript:document.title='taken'</link>"
            "<guid isPermaLink='false'>js</guid></item>")
    one = Desk(daemon, feeds, receiver, [item])
    wait_until(lambda: one.daemon.status()["alerts_raised"] == 1, "the alert")
    browser.open(one.url("alerts"))
    browser.wait_text("Embargo, click here")
    assert browser.tell("[...document.links].every((a) => "
                        "a.protocol === 'http:')") is True


def test_try(desk, browser):
    """a query shows what it would have alerted on with its hits marked, and
    one in error where it is wrong"""
    look(browser, desk, "try", WIDE)
    assert "peacekeepers" in browser.texts("#results mark")
    browser.ask("fill", at="#query", text="snow")
    browser.wait_text("A quiet day in the mountains", "#results")
    assert browser.texts("#results mark") == ["Snow"]
    browser.ask("fill", at="#query", text="embargo sanctions")
    browser.wait("!document.querySelector('#fault').hidden")
    assert "operator" in browser.text("#fault")
    assert browser.text("#fault .spot")
    assert browser.tell("document.querySelector('#answer').hidden") is True
    browser.ask("fill", at="#query", text="unheard-of-word")
    browser.wait_text("None of the last")


def test_why(desk, browser):
    """the try-out tells each part of a query, whether it held and where, as
    headlinectl does"""
    look(browser, desk, "try", WIDE)
    first = "#results > .alert:first-child .why"
    near = browser.text(f"{first} > li")
    assert near.startswith("+ "), near
    assert "NEAR/25" in near and "country:ukraine" in near
    assert browser.tell(f"document.querySelectorAll('{first} .held').length"
                        ) == 3
    browser.ask("fill", at="#query", text="snow AND NOT (embargo OR tanker*)")
    browser.wait_text("A quiet day in the mountains", "#results")
    parts = browser.tell("[...document.querySelectorAll('.why code')].map("
                         "(e) => [e.textContent, e.parentElement.className, "
                         "e.closest('li').querySelectorAll('li').length])")
    assert [p[:2] for p in parts] == [
        ["AND", "held"], ["snow", "held"], ["NOT", "held"],
        ["OR", "missed"], ["embargo", "missed"], ["tanker*", "missed"]]
    assert [p[2] for p in parts] == [5, 0, 3, 2, 0, 0]
    assert browser.texts(".why .place .where") == ["summary 0"]
    assert browser.texts(".why mark") == ["Snow"]
    assert browser.ask("faults") == []


def test_away(desk, browser):
    """each page says so when the daemon is gone, and when it is back"""
    for page in PAGES:
        look(browser, desk, page, WIDE)
        desk.daemon.stop()
        if page == "try":
            browser.ask("fill", at="#query", text="peace")
        browser.tell("document.dispatchEvent(new Event('visibilitychange'))")
        browser.wait_text("headlined is away", "#away")
        desk.daemon.start()
        browser.wait("document.querySelector('#away').innerText === ''")


def test_empty(daemon, feeds, receiver, browser):
    """where there is nothing yet, the pages say what will be there"""
    one = Desk(daemon, feeds, receiver, [])
    for page, says in {"topics": "no hit in the last 24 hours",
                       "alerts": "No alert yet.",
                       "sinks": "Every alert was delivered"}.items():
        browser.open(one.url(page))
        browser.wait_text(says)
    browser.open(one.url("try"))
    browser.ask("fill", at="#query", text="peace")
    browser.wait_text("No item is kept yet")


def test_keyboard(desk, browser):
    """all can be reached by the keyboard, the content first; each field and
    chart has a name; who came to try a query can type at once"""
    for page in PAGES:
        look(browser, desk, page, WIDE)
        assert (browser.tell("document.activeElement.id") == "query") == (
            page == "try")
        browser.tell("(document.body.tabIndex = -1, document.body.focus(), "
                     "true)")
        browser.ask("press", key="Tab")
        assert browser.tell("document.activeElement.className") == "skip"
        nameless = browser.tell(
            "[...document.querySelectorAll('input, select, textarea, button, "
            "svg')].filter((e) => !(e.labels?.length || e.ariaLabel || "
            "e.getAttribute('aria-label') || e.innerText)).length")
        assert nameless == 0, page


def contrast(one, other):
    """WCAG 2's, of two colours as the browser tells them."""
    def light(colour):
        parts = [int(c) / 255 for c in
                 colour[colour.index("(") + 1:-1].split(",")[:3]]
        return sum(w * (c / 12.92 if c <= 0.04045 else
                        ((c + 0.055) / 1.055) ** 2.4)
                   for w, c in zip((0.2126, 0.7152, 0.0722), parts))
    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast(desk, browser):
    """every colour of text stands out of every ground, light and dark"""
    probe = ("(() => { const e = document.body.appendChild("
             "document.createElement('i')); return (n) => { e.style.color = "
             "`var(--${n})`; return getComputedStyle(e).color } })()")
    for dark in (False, True):
        look(browser, desk, "sinks", WIDE, dark)
        names = ["paper", "sheet", "ink", "soft", "link", "good", "warn",
                 "bad", "mark", "mark-ink"]
        colours = dict(zip(names, browser.tell(
            f"{names!r}.map({probe})")))
        for ground in ("paper", "sheet"):
            for text in ("ink", "soft", "link", "good", "warn", "bad"):
                assert contrast(colours[ground], colours[text]) >= 4.5, \
                    (dark, ground, text)
        assert contrast(colours["mark"], colours["mark-ink"]) >= 7
