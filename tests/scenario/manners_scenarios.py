# SPDX-License-Identifier: ISC
"""What the paths of manners_server.py answer: /feed/SCENARIO/KEY, and
/hop/SCENARIO/KEY/N where one leads on. A scenario is a function of what was
asked before (State) and of the request; a row of TABLE says on which host its
feeds stand and how often a healthy poller comes.

With its answer goes what that demands (marks), for manners_score.py:

    until, why   not asked again before (virtual seconds)
    of_document  the document said so, not this answer
    quiet        the whole host is not asked before
    pair         the validators that are held once this was read whole
    fails        a failure: the next wait doubles
    gone         never asked again
    never        a path that nobody may ask, and why
    after        asked only after this path, each time"""
import functools
import gzip
import math
import time
from email.utils import formatdate

HOUR = 3600
DAY = 24 * HOUR
FIRST_DATE = 1767225600
GOOD_ONCE = "once"      # keys of this name answer well the first time


class Answer:
    def __init__(self, status=200, body=b"", headers=(), **how):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.way = how.pop("way", "whole")
        self.length = how.pop("length", None)
        self.wait_s = how.pop("wait_s", 0)
        self.marks = how


class State:
    """A path's memory."""

    def __init__(self, scenario, key):
        self.scenario = scenario
        self.key = key
        self.n = 0
        self.generation = 0

    def tag(self):
        return f'"{self.key}-{self.generation}"'

    def date(self):
        return formatdate(FIRST_DATE + self.generation * HOUR, usegmt=True)


# Documents

def atom(st, least=0):
    """Three items and one more with each generation."""
    entries = "".join(
        f"<entry><id>urn:{st.key}:{i}</id><title>Item {i}</title>"
        f'<link href="http://127.0.0.1/{st.key}/{i}"/></entry>'
        for i in range(least, st.generation + 3))
    return ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>urn:{st.key}</id><title>{st.key}</title>"
            f"{entries}</feed>").encode()


def rss(st, channel):
    items = "".join(f"<item><guid>{st.key}-{i}</guid><title>Item {i}</title>"
                    "</item>" for i in range(st.generation + 3))
    return ('<?xml version="1.0"?><rss version="2.0" '
            'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">'
            f"<channel><title>{st.key}</title>{channel}{items}"
            "</channel></rss>").encode()


# Answers of a feed that is well

def is_match(ask, tag, date, both):
    """RFC 9110, 13.2.2; both: one of the two alone does not do."""
    told, since = ask.get("if-none-match"), ask.get("if-modified-since")
    if both:
        return (told, since) == (tag, date)
    if told is not None:
        return tag is not None and told == tag
    return since is not None and since == date


def well(st, ask, **how):
    """200 or 304, with a new generation at the fourth and the seventh.
    tag, date: other validators than the usual ones (None: not sent); headers:
    of both answers; fresh: of the 200 alone; wait, why: what they ask for."""
    if st.n in (4, 7):
        st.generation += 1
    tag, date = how.get("tag", st.tag()), how.get("date", st.date())
    headers = [(k, v) for k, v in (("ETag", tag), ("Last-Modified", date))
               if v is not None] + how.get("headers", [])
    marks = {"pair": [tag, date]}
    if "wait" in how:
        marks.update(until=ask.t + how["wait"], why=how["why"],
                     of_document="body" in how or "fresh" in how)
    if is_match(ask, tag, date, how.get("both", False)):
        return Answer(304, b"", headers if how.get("tell", True) else
                      how.get("headers", []), **marks)
    body = how["body"](st) if "body" in how else atom(st)
    return Answer(200, body, headers + how.get("fresh", []),
                  wait_s=how.get("wait_s", 0), **marks)


def healthy(**how):
    """A scenario that is `well`; what stands in `how` may depend on (st)."""
    def scenario(server, st, ask):
        return well(st, ask, **{
            k: v(st) if callable(v) and k != "body" else v
            for k, v in how.items()})
    return scenario


def cached(header, wait, why, **how):
    return healthy(headers=[header], wait=wait, why=why, **how)


def channel(text, wait, why):
    """The document asks for it, and 304s take nothing back."""
    return healthy(body=lambda st: rss(st, text), wait=wait, why=why)


def expires(server, st, ask):
    """Date and Expires by a clock that is five hours slow."""
    now = math.floor(ask.t) - 5 * HOUR
    return well(st, ask, wait=2 * HOUR - 1, why="Expires two hours off Date",
                headers=[("Date", formatdate(now, usegmt=True)),
                         ("Expires", formatdate(now + 2 * HOUR,
                                                usegmt=True))])


SKIPPED_HOURS = [*range(3, 7), *range(13, 19)]


def skip_hours(server, st, ask):
    hours = "".join(f"<hour>{h}</hour>" for h in SKIPPED_HOURS)
    answer = well(st, ask, body=lambda st: rss(
        st, f"<skipHours>{hours}</skipHours>"))
    answer.marks["skip_hours"] = SKIPPED_HOURS
    return answer


def skip_days(server, st, ask):
    """The day after the one on which the clock began, or in the
    afternoon the one behind that: half a day is left to be asked in."""
    began = time.gmtime(server.clock.origin)
    day = time.gmtime(server.clock.origin +
                      (DAY if began.tm_hour < 12 else 2 * DAY))
    answer = well(st, ask, body=lambda st: rss(
        st, f"<skipDays><day>{time.strftime('%A', day)}</day></skipDays>"))
    answer.marks["skip_day"] = day.tm_wday
    return answer


def renewed(server, st, ask):
    """The second 304 brings other validators, which hold from then on."""
    tag = f'"{st.key}-{"new" if st.n > 3 else "old"}"'
    if st.n == 3:
        tag = f'"{st.key}-new"'
        return Answer(304, b"", [("ETag", tag), ("Last-Modified", st.date())],
                      pair=[tag, st.date()])
    return well(st, ask, tag=tag, date=formatdate(FIRST_DATE, usegmt=True))


def delta(server, st, ask):
    """RFC 3229 with A-IM: feed: new items only, for who has the others."""
    before = f'"{st.key}-{st.generation}"'
    plain = well(st, ask)
    plain.marks["wants_im"] = st.n > 1
    offers = [p.strip() for p in (ask.get("a-im") or "").split(",")]
    if plain.status == 200 and "feed" in offers and \
            ask.get("if-none-match") == before:
        plain.status = 226
        plain.headers.append(("IM", "feed"))
        plain.body = atom(st, st.generation + 2)
    return plain


def cookie(server, st, ask):
    return well(st, ask, headers=[("Set-Cookie", f"t={st.key}; Path=/")])


def zipped(server, st, ask):
    answer = well(st, ask)
    if answer.status == 200 and "gzip" in (ask.get("accept-encoding") or ""):
        answer.body = gzip.compress(answer.body)
        answer.headers.append(("Content-Encoding", "gzip"))
    return answer


# Refusals

def refused(status, when, form=None, skew=0):
    """`when`: which requests are; form: of Retry-After, two hours."""
    def scenario(server, st, ask):
        if st.n not in when:
            return well(st, ask)
        date = math.floor(ask.t) + skew
        headers = [("Date", formatdate(date, usegmt=True))]
        if form is not None:
            headers.append(("Retry-After", "7200" if form == "seconds" else
                            formatdate(date + 2 * HOUR + 1, usegmt=True)))
            marks = {"until": ask.t + 2 * HOUR,
                     "why": f"{status}, Retry-After"}
        else:
            marks = {"fails": True}
        if status == 429:
            marks["quiet"] = ask.t + (2 * HOUR if form else HOUR)
        return Answer(status, b"slow", headers, **marks)
    return scenario


def gone(server, st, ask):
    if st.n == 1:
        return well(st, ask)
    return Answer(410, b"gone", gone=True)


def failing(make):
    """Fails with make(st, ask) at each request, the first excepted where the
    key says so."""
    def scenario(server, st, ask):
        if st.n == 1 and st.key == GOOD_ONCE:
            return well(st, ask)
        answer = make(st, ask)
        answer.marks.setdefault("fails", True)
        return answer
    return scenario


def status(code):
    return failing(lambda st, ask: Answer(code, b"no"))


def way(name):
    return failing(lambda st, ask: Answer(200, atom(st), way=name))


def html(st, ask):
    return Answer(200, b"<!DOCTYPE html><html><head><title>Parked</title>"
                  b"</head><body>This domain is for sale</body></html>",
                  [("Content-Type", "text/html"), ("ETag", '"parked"')])


def big(st, ask):
    return Answer(200, atom(st)[:-len("</feed>")],
                  [("ETag", '"big"')], way="flood", length=1 << 30)


@functools.lru_cache(maxsize=None)
def make_bomb():
    """64 MiB of spaces in 64 KiB."""
    head, tail = atom(State("bomb", "a")).split(b"</feed>")
    return gzip.compress(head + b" " * (64 << 20) + b"</feed>" + tail, 1)


def bomb(st, ask):
    return Answer(200, make_bomb(), [
        ("Content-Encoding", "gzip"), ("ETag", '"bomb"')])


def cut(server, st, ask):
    """The second document breaks off: its validators are not held."""
    if st.n != 2:
        return well(st, ask)
    st.generation += 1
    body = atom(st)
    return Answer(200, body[:len(body) // 2],
                  [("ETag", '"cut"'), ("Last-Modified", st.date())],
                  length=len(body), fails=True)


# Redirects

def leads(status, where, **marks):
    return Answer(status, b"", [("Location", where)], pair=None, **marks)


def moved(code):
    """To a feed of its own; a temporary one is asked through here only."""
    def scenario(server, st, ask):
        return leads(code, f"/hop/{st.scenario}/{st.key}/1")
    return scenario


def moved_target(code):
    def scenario(server, st, ask):
        answer = well(st, ask)
        if code in (302, 307):
            answer.marks["after"] = f"/feed/{st.scenario}/{st.key}"
        return answer
    return scenario


def merge(server, st, ask):
    """Two keys that lead to one."""
    return leads(301, "/hop/merge/target/1")


def chain(length, back=None):
    """So many redirects, then the feed; back: to this hop instead."""
    def scenario(server, st, ask):
        hop = int(ask.path.rsplit("/", 1)[1]) \
            if ask.path.startswith("/hop/") else 0
        following = hop + 1
        if hop == length and back is None:
            return well(st, ask)
        if hop == length:
            following = back
        where = f"/hop/{st.scenario}/{st.key}/{following}" if following else \
            f"/feed/{st.scenario}/{st.key}"
        marks = {"fails": True} if hop == 0 and \
            (length > 5 or back is not None) else {}
        if hop > 5:
            marks["never"] = "the sixth redirect of a chain"
        return leads(302, where, **marks)
    return scenario


def loop(server, st, ask):
    return leads(302, ask.path, fails=True)


def private(server, st, ask):
    """To an address that nobody configured."""
    return leads(302, f"http://127.0.0.{HOSTS}:{server.port}"
                 f"/hop/private/{st.key}/1", fails=True)


def off_limits(server, st, ask):
    return Answer(404, never="a private address that a redirect led to")


def other_scheme(server, st, ask):
    return leads(302, "file:///etc/hostname", fails=True)


# A host's feeds, one of which is told off for all of them

def hush(server, st, ask):
    if (st.key, st.n) == ("a", 2):
        return refused(429, (st.n,), "seconds")(server, st, ask)
    return well(st, ask)


MANY = 200
TOLD_OFF = ("7", 3)     # whose third request is answered 429


def many(server, st, ask):
    if (st.key, st.n) == TOLD_OFF:
        return refused(429, (st.n,), "seconds")(server, st, ask)
    return well(st, ask, wait_s=0.01)


class Row:
    """host: where it stands; every: how often a healthy poller comes, in
    seconds (0: as it fails); keys; hop: what /hop/... answers."""

    def __init__(self, scenario, host=1, every=HOUR, keys=("a", "b"),
                 hop=None):
        self.scenario = scenario
        self.host = host
        self.every = every
        self.keys = keys
        self.hop = hop


def fails(scenario, host=2, keys=(GOOD_ONCE, "never"), hop=None):
    return Row(scenario, host, 0, keys, hop)


CACHE = "Cache-Control"
TABLE = {
    # Validators
    "basic": Row(healthy()),
    "weak": Row(healthy(tag=lambda st: f'W/{st.tag()}')),
    "etagonly": Row(healthy(date=None)),
    "lmonly": Row(healthy(tag=None)),
    "oddlm": Row(healthy(tag=None, date=lambda st: "Thu,  1 Jan 2026 "
                         f"00:00:0{st.generation} +0000")),
    "oddtag": Row(healthy(tag=lambda st: f"\"caf\xe9, 'x'; \\ "
                          f"\xff{st.generation}\"")),
    "baretag": Row(healthy(tag=lambda st: f"abc-{st.generation}")),
    "emptytag": Row(healthy(tag='""', date=None), keys=("a",)),
    "flip": Row(healthy(both=True)),
    "none": Row(healthy(tag=None, date=None)),
    "silent304": Row(healthy(tell=False)),
    "renewed": Row(renewed),
    "delta": Row(delta),
    "cookie": Row(cookie),
    "gzip": Row(zipped),
    "late": Row(healthy(wait_s=0.1), host=3),
    # Hints
    "maxage": Row(cached((CACHE, "max-age=7200"), 2 * HOUR,
                         "max-age=7200"), every=2 * HOUR),
    "maxage200": Row(healthy(fresh=[(CACHE, "max-age=7200")], wait=2 * HOUR,
                             why="max-age=7200, not taken back by 304s"),
                     every=2 * HOUR),
    "age": Row(healthy(headers=[(CACHE, "public, max-age=10800"),
                                ("Age", "3600")], wait=2 * HOUR,
                       why="max-age less Age"), every=2 * HOUR),
    "nocache": Row(cached((CACHE, "no-cache, max-age=86400"), 0,
                          "no-cache")),
    "longage": Row(cached((CACHE, "max-age=604800"), DAY, "max-age of a week,"
                          " which counts as a day"), every=DAY),
    "expires": Row(expires, every=2 * HOUR),
    "ttl": Row(channel("<ttl>120</ttl>", 2 * HOUR, "ttl of 120 minutes"),
               every=2 * HOUR),
    "sy": Row(channel("<sy:updatePeriod>daily</sy:updatePeriod>"
                      "<sy:updateFrequency>8</sy:updateFrequency>",
                      3 * HOUR, "sy: eight times a day"), every=3 * HOUR),
    "skiphours": Row(skip_hours, every=3 * HOUR),
    "skipdays": Row(skip_days, every=3 * HOUR),
    # Refusals
    "429s": Row(refused(429, (2,), "seconds"), host=4, keys=("a",)),
    "429d": Row(refused(429, (2,), "date"), host=5, keys=("a",)),
    "429k": Row(refused(429, (2,), "date", -3 * HOUR), host=6, keys=("a",)),
    "429n": Row(refused(429, (2, 3)), host=7, keys=("a",), every=0),
    "503": Row(refused(503, (2,), "seconds")),
    "503d": Row(refused(503, (2,), "date")),
    "503n": Row(refused(503, (2, 3)), every=0),
    "410": Row(gone, every=0),
    # Failures
    "400": fails(status(400)),
    "401": fails(status(401)),
    "403": fails(status(403)),
    "404": fails(status(404)),
    "500": fails(status(500)),
    "502": fails(status(502)),
    "html": fails(failing(html)),
    "cut": fails(cut, keys=("a",)),
    "reset": fails(way("reset")),
    "close": fails(way("close")),
    "hang": fails(way("hang"), host=8),
    "slow": fails(way("slow"), host=9),
    "drip": fails(way("drip"), host=10),
    "big": fails(failing(big), host=11),
    "bomb": fails(failing(bomb), host=12),
    # Redirects
    "301": Row(moved(301), hop=moved_target(301)),
    "302": Row(moved(302), hop=moved_target(302)),
    "307": Row(moved(307), hop=moved_target(307)),
    "308": Row(moved(308), hop=moved_target(308)),
    "merge": Row(merge, every=0, hop=healthy()),
    "chain5": Row(chain(5), keys=("a",), hop=chain(5)),
    "chain6": fails(chain(6), keys=("a",), hop=chain(6)),
    "chainback": fails(chain(3, back=1), keys=("a",), hop=chain(3, back=1)),
    "chainstart": fails(chain(3, back=0), keys=("a",), hop=chain(3, back=0)),
    "loop": fails(loop, keys=("a",)),
    "private": fails(private, keys=("a",), hop=off_limits),
    "scheme": fails(other_scheme, keys=("a",)),
    # A host's own
    "steady": Row(healthy(), keys=tuple(
        f"{who}-{i}" for who in ("beside", "alone") for i in range(12))),
    "hush": Row(hush, host=14, keys=("a", "b", "c", "d")),
    "many": Row(many, host=13, every=0,
                keys=tuple(str(i) for i in range(MANY))),
}
HOSTS = 15              # the last one is nobody's


def find(path):
    """(row's name, key, is it a hop) or None."""
    parts = path.split("/")
    if len(parts) not in (4, 5) or parts[0] or parts[2] not in TABLE:
        return None
    row = TABLE[parts[2]]
    if parts[1] == "feed" and len(parts) == 4 and parts[3] in row.keys:
        return parts[2], parts[3], False
    if parts[1] == "hop" and len(parts) == 5 and row.hop and \
            parts[4].isdigit():
        return parts[2], parts[3], True
    return None


def answer(server, ask):
    found = find(ask.path)
    if found is None:
        return Answer(404, b"what?", never="a URL that nobody gave it")
    name, key, is_hop = found
    st = server.keys.setdefault(ask.path, State(name, key))
    st.n += 1
    row = TABLE[name]
    return (row.hop if is_hop else row.scenario)(server, st, ask)


def urls(port, names):
    """The feeds of these scenarios."""
    return [f"http://127.0.0.{TABLE[name].host}:{port}/feed/{name}/{key}"
            for name in names for key in TABLE[name].keys]
