# SPDX-License-Identifier: ISC
"""Small logs and what manners_score.py must say of them: a scorer that never
complains proves nothing."""
import time

from manners_score import DAY, HOUR, Request

SPEED = 1440
START = 1767225600.0        # midnight, a Thursday
GOOD = [["User-Agent", "headlined/1 (+https://example.org/bot)"],
        ["Accept-Encoding", "gzip, br"]]
PAIR = ['"a"', "Thu, 01 Jan 2026 00:00:00 GMT"]
OTHER = ['"b"', "Fri, 02 Jan 2026 00:00:00 GMT"]
TOLD = [["If-None-Match", PAIR[0]], ["If-Modified-Since", PAIR[1]]]


def ask(hour, path="/feed/basic/a", more=(), without=(), took_s=0.001,
        **record):
    """A request at this hour, answered after so many real seconds."""
    t = START + hour * HOUR
    real = START + hour * HOUR / SPEED
    request = Request({
        "ask": 0, "t": t, "real": real, "host": 1, "method": "GET",
        "path": path, "query": "", "status": 200,
        "headers": [h for h in GOOD if h[0] not in without] + list(more),
        **record})
    request.end = real + took_s
    return request


def swallowed(request):
    request.swallowed = True
    return request


def failures(*hours):
    return [ask(h, status=500, fails=True) for h in hours]


def burst(n, gap_s, **how):
    return [ask(i * gap_s / HOUR, f"/feed/many/{i}", **how)
            for i in range(n)]


# (what was asked, a phrase of the one complaint; None: there is none)
CASES = {
    "as it should be": ([ask(0, pair=PAIR), ask(1.05, more=TOLD),
                         ask(2.1, more=TOLD, status=304)], None),
    "too soon": ([ask(0), ask(0.98)], "sooner than poll.min"),
    "unconditional": ([ask(0, pair=PAIR), ask(1.1)],
                      "asked unconditionally"),
    "half a pair": ([ask(0, pair=PAIR), ask(1.1, more=TOLD[:1])],
                    "the pair that it had given last"),
    "the pair before": ([ask(0, pair=PAIR), ask(1.1, more=TOLD, pair=OTHER),
                         ask(2.2, more=TOLD)],
                        "the pair that it had given last"),
    "mixed": ([ask(0, pair=OTHER), ask(1.1, more=[
        TOLD[0], ["If-Modified-Since", OTHER[1]]])],
        "the pair that it had given last"),
    "invented validators": ([ask(0, more=TOLD)],
                            "validators that it had not given"),
    "sooner than asked": ([ask(0, until=START + 2 * HOUR, why="max-age"),
                           ask(1.5)], "30.0 min too soon after: max-age"),
    "sooner than the document asked": (
        [ask(0, until=START + 2 * HOUR, why="ttl", of_document=True),
         ask(1.5)], "30.0 min too soon after: ttl"),
    "after 410": ([ask(0, status=410, gone=True), ask(30)], "after 410"),
    "back-off": (failures(0, 2.1, 6.3, 14.5), None),
    "no back-off": (failures(0, 2.1, 4.2), "failure 2 in a row"),
    "given up": (failures(0, 2.1, 40), "not after a day"),
    "HEAD": ([ask(0, method="HEAD")], "by HEAD"),
    "parameters": ([ask(0, query="x=1")], "with parameters"),
    "no name": ([ask(0, without=("User-Agent",))], "User-Agent: None"),
    "no page": ([ask(0, without=("User-Agent",), more=[
        ["User-Agent", "headlined/1"]])], "headlined/VERSION (+URL)"),
    "no gzip": ([ask(0, without=("Accept-Encoding",))], "gzip"),
    "a cookie": ([ask(0, more=[["Cookie", "t=1"]])], "sent cookie"),
    "a referrer": ([ask(0, more=[["Referer", "x"]])], "sent referer"),
    "invented URL": ([ask(0, "/favicon.ico", never="invented")], "invented"),
    "endless body": ([swallowed(ask(0))], "64 MiB"),
    "no A-IM": ([ask(0, pair=PAIR), ask(1.1, more=TOLD, wants_im=True)],
                "A-IM"),
    "A-IM": ([ask(0, pair=PAIR), ask(1.1, more=TOLD + [["A-IM", "feed"]],
                                     wants_im=True)], None),
    "skipped hour": ([ask(0, skip_hours=[5]), ask(5.5)], "skipHours"),
    "skipped day": ([ask(0, skip_day=time.gmtime(START + DAY).tm_wday),
                     ask(30)], "skipDays"),
    "past a redirect": ([ask(0, "/feed/302/a"),
                         ask(0.01, "/hop/302/a/1", after="/feed/302/a"),
                         ask(2, "/hop/302/a/1", after="/feed/302/a")],
                        "the temporary redirect"),
    "a gap kept": (burst(40, 10), None),
    "no gap kept": (burst(40, 1), "10 s apart"),
    "two open": (burst(2, 10, took_s=60), None),
    "three open": (burst(3, 10, took_s=60), "3 requests open"),
    "a silent host": ([ask(0, status=429, quiet=START + HOUR),
                       ask(0.5, "/feed/basic/b")], "after the 429"),
}
