# SPDX-License-Identifier: ISC
"""What `headlinectl feeds` says of the pages behind a feed's links."""
import contextlib
import sqlite3
import time

from harness import headlinectl, rss, wait_until
from test_21_identity import rows

DAY_S = 86400
# No link, no page: nobody reads one here.
ITEM = "<item><guid isPermaLink='false'>1</guid><title>talks</title></item>"
COUNTS = {"n_read": 12, "n_robots": 2, "n_refused": 1, "n_left": 4}


def config(receiver, read, plain):
    return {"feeds": [{"url": read, "text": "page", "every": "1h"},
                      {"url": plain, "every": "1h"}],
            "topics": {"t": {"match": "peace", "notify": "desk"}},
            "sinks": {"desk": {"webhook": receiver.url("/in")}}}


def write_counts(path, url):
    """As days of reading leave them."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        [feed] = db.execute("SELECT id FROM feed WHERE url = ?",
                            (url,)).fetchone()
        db.execute("INSERT OR IGNORE INTO page_feed (feed) VALUES (?)",
                   (feed,))
        columns = {**COUNTS, "last": "robots", "last_at": int(time.time()),
                   "day": int(time.time()) // DAY_S, "requests": 14}
        for column, value in columns.items():
            db.execute(f"UPDATE page_feed SET {column} = ? WHERE feed = ?",
                       (value, feed))
        db.commit()


def test_counts_of_pages(daemon, feeds, receiver):
    """what came of a feed's pages is said in words, and with --json in
    numbers; of a feed whose own text is matched nothing is said"""
    read = feeds.set("/read", rss(ITEM))
    plain = feeds.set("/plain", rss(ITEM))
    conf = config(receiver, read, plain)
    one = daemon(conf)
    wait_until(lambda: all(r["state"] == "ok" for r in rows(one).values()),
               "both feeds are read")
    before = rows(one)[read]["pages"]
    assert (before["limit"], before["waiting"], before["last"]) == (
        200, 0, None)
    assert rows(one)[plain]["pages"] is None
    one.stop()
    write_counts(one.store, read)
    one.start()
    pages = rows(one)[read]["pages"]
    assert pages["outcomes"]["read"] == 12
    assert pages["outcomes"]["robots"] == 2
    assert pages["last"] == "robots"
    done = headlinectl("feeds", "--socket", one.socket)
    lines = [line for line in done.stdout.splitlines() if "pages:" in line]
    assert len(lines) == 1, done.stdout
    assert ("pages: 12 read, 2 that robots.txt forbids, 1 refused (401, 403 "
            "or 451), 4 left out, over page_limit or too many waiting, "
            "0 waiting; ") in lines[0]
    assert lines[0].endswith(" of 200 asked for today")
