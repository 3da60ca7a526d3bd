#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Reads the log of manners_server.py and says, in sentences, where a poller
lacked manners.

    manners_score.py LOG [SPEED]    one sentence a line; status 1 if any

Times in the sentences are hours of the server's clock since its first
request. A rule allows for what a loaded machine may do to a good poller, and
for no more; what each allowance is for stands with it."""
import collections
import json
import re
import sys
import time

import manners_scenarios

HOUR = 3600
DAY = 24 * HOUR
# Of an hour between two requests, what the way to the server may take: of the
# first one longer than of the second.
MIN_GAP = HOUR - 60
# Of a wait that begins with an answer: the rounding to whole seconds.
ROUNDING = 2
# An answer so shortly before a kill may not have been stored (real seconds).
GRACE_REAL = 1.0
# Between a poller's clock and its request at a host's gate (real seconds).
GATE_REAL = 0.05
# How late the server may notice that nobody listens any more (real seconds).
NOTICE_REAL = 0.25
USER_AGENT = re.compile(r"headlined/[^\s()]+ \(\+https?://[^\s()]+\)$")
UNWANTED = ("cookie", "referer", "origin", "range", "if-range", "from",
            "authorization", "cache-control", "pragma")


# A day and its jitter, the wait at a host's gate, and a daemon that was down.
LONGEST_WAIT = 1.1 * DAY + 3 * HOUR


class Request:
    def __init__(self, record):
        self.__dict__.update(record)
        self.marks = record
        self.end = None         # real; None: it never ended
        self.swallowed = False
        self.lost = False       # a kill came before it can be known of
        self.url = f"127.0.0.{self.host}{self.path}"

    def mark(self, name, default=None):
        return self.marks.get(name, default)

    def header(self, name):
        found = [v for k, v in self.headers if k.lower() == name]
        return found[0] if found else None


class Settings:
    """What the poller was told. kills: when it was killed; stops: from when
    to when it came to its end in peace (real seconds); upgraded: when its
    store was another version's, which knew nothing of what documents ask."""

    def __init__(self, speed, kills=(), stops=(), per_host=2, host_gap_s=10,
                 is_right=True, upgraded=None):
        self.speed = speed
        self.kills = sorted(kills)
        self.stops = stops
        self.ends = sorted([*kills, *(until for _, until in stops)])
        self.per_host = per_host
        self.host_gap_s = host_gap_s
        self.upgraded = upgraded
        self.is_right = is_right    # its clock tells the hour


def read_log(path):
    """Its requests, in order of arrival; half a last line is no line."""
    requests = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if not line.endswith("\n"):
                break
            record = json.loads(line)
            if "ask" in record:
                requests[record["ask"]] = Request(record)
            elif "end" in record:
                requests[record["end"]].end = record["real"]
            else:
                requests[record["swallowed"]].swallowed = True
    return sorted(requests.values(), key=lambda r: r.real)


class Score:
    def __init__(self, requests, settings):
        self.requests = requests
        self.set = settings
        self.sentences = []
        self.start = requests[0].t if requests else 0
        self.paths = collections.defaultdict(list)
        self.hosts = collections.defaultdict(list)
        for r in requests:
            r.lost = self.may_be_lost(r)
            self.paths[r.path].append(r)
            self.hosts[r.host].append(r)

    def may_be_lost(self, r):
        """Of what came just before a kill, or was given up at a stop, nobody
        knows how much was learned."""
        killed = any(r.real <= kill and (
            r.end is None or kill - r.end < GRACE_REAL)
            for kill in self.set.kills)
        stopped = any(r.real <= until and (
            r.end is None or since - r.end < GRACE_REAL)
                      for since, until in self.set.stops)
        return killed or stopped

    def say(self, r, words):
        self.sentences.append(
            f"{(r.t - self.start) / HOUR:6.2f} h: {r.url}: {words}")

    def judge(self):
        for r in self.requests:
            self.judge_identity(r)
            self.judge_place(r)
        for rs in self.paths.values():
            self.judge_times(rs)
            self.judge_failures(rs)
            self.judge_validators(rs)
            self.judge_deltas(rs)
            self.judge_way(rs)
        for rs in self.hosts.values():
            self.judge_host(rs)
        return self.sentences

    # One request

    def judge_identity(self, r):
        names = [k.lower() for k, _ in r.headers]
        if r.method != "GET":
            self.say(r, f"was asked by {r.method}")
        if r.query:
            self.say(r, f"was asked with parameters: {r.query}")
        if not USER_AGENT.match(r.header("user-agent") or ""):
            self.say(r, f"User-Agent: {r.header('user-agent')}, not of the "
                     "form headlined/VERSION (+URL)")
        if "gzip" not in (r.header("accept-encoding") or ""):
            self.say(r, "gzip was not accepted")
        for name in UNWANTED:
            if name in names:
                self.say(r, f"was sent {name}: {r.header(name)}")
        for name in set(names):
            if names.count(name) > 1:
                self.say(r, f"was sent {name} twice")

    def judge_place(self, r):
        if r.mark("never"):
            self.say(r, f"was asked, though it is {r.mark('never')}")
        if r.swallowed:
            self.say(r, "an endless body was read to 64 MiB")
        # A request that left in time may arrive in the hour after.
        late = max(60, 0.1 * self.set.speed)
        moment = time.gmtime(r.t + 60), time.gmtime(r.t - late)
        first = self.paths[r.path][0]
        if r is first or first.lost or not self.set.is_right or \
                self.is_forgotten(r):
            return
        hours = first.mark("skip_hours", [])
        if all(m.tm_hour in hours for m in moment):
            self.say(r, f"was asked at {moment[0].tm_hour} h, in its "
                     "skipHours")
        if all(m.tm_wday == first.mark("skip_day") for m in moment):
            self.say(r, "was asked on one of its skipDays")

    def is_forgotten(self, r):
        """Its document was read by the version before."""
        read = [d.real for d in self.paths[r.path]
                if d.status == 200 and d.real < r.real]
        return self.set.upgraded is not None and bool(read) and \
            read[-1] < self.set.upgraded < r.real

    # One path

    def judge_times(self, rs):
        least, why = 0, ""
        last, gone = None, False
        for r in rs:
            if gone:
                self.say(r, "was asked after 410")
            if last and r.t - last.t < MIN_GAP:
                self.say(r, f"was asked {(r.t - last.t) / 60:.1f} min after "
                         "the request before, sooner than poll.min")
            elif r.t < least - ROUNDING:
                self.say(r, f"was asked {(least - r.t) / 60:.1f} min too "
                         f"soon after: {why}")
            last = r
            gone = gone or (r.mark("gone", False) and not r.lost)
            if not r.lost and not (r.mark("of_document") and
                                   self.is_forgotten(r)):
                least, why = max(least, r.mark("until", 0)), r.mark("why")

    def judge_failures(self, rs):
        """The wait after the n-th failure in a row is 2^n times poll.min,
        up to a day."""
        row = 0
        for r, following in zip(rs, rs[1:]):
            if r.mark("fails"):
                row += not r.lost
            elif r.status in (200, 226, 304) or r.mark("until"):
                row = 0
            if not r.mark("fails") or r.lost or r.end is None:
                continue
            due = min(2 ** row * HOUR, DAY)
            waited = following.t - r.t
            # Where it hung, the failure came at its end.
            slack = 60
            if r.end - r.real > GATE_REAL:
                waited -= (r.end - r.real) * self.set.speed
                slack = NOTICE_REAL * self.set.speed
            if waited < due - slack:
                self.say(following, f"was asked {waited / HOUR:.2f} h after "
                         f"failure {row} in a row ({r.status}), not "
                         f"{due / HOUR:.0f} h")
            elif waited > LONGEST_WAIT:
                self.say(following, f"was asked only {waited / HOUR:.2f} h "
                         f"after failure {row} in a row, not after a day")

    def judge_validators(self, rs):
        """Exactly the pair of the last whole document; what a kill may have
        swallowed makes several pairs possible."""
        nothing = [None, None]
        possible = [nothing]
        for r in rs:
            sent = [r.header("if-none-match"), r.header("if-modified-since")]
            if sent not in possible:
                self.say(r, self.blame(sent, possible[-1]))
            pair = r.mark("pair")
            if not pair:
                continue
            possible = possible + [pair] if r.lost else [pair]

    @staticmethod
    def blame(sent, held):
        if sent == [None, None]:
            return f"was asked unconditionally; it had given {held}"
        if held == [None, None]:
            return f"was sent validators that it had not given: {sent}"
        return f"was sent {sent}; the pair that it had given last is {held}"

    def judge_deltas(self, rs):
        """Beside an ETag; who has none that it could name, because a kill has
        swallowed it, is judged by judge_validators."""
        for r in rs:
            if r.mark("wants_im") and r.header("if-none-match") and \
                    "feed" not in (r.header("a-im") or ""):
                self.say(r, "was not told A-IM: feed")

    def judge_way(self, rs):
        """The target of a temporary redirect is asked through its source,
        each time."""
        last = None
        for r in rs:
            source = r.mark("after")
            if source and not any(
                    s.real < r.real and (last is None or s.real > last.real)
                    for s in self.paths.get(source, ())):
                self.say(r, "was asked though the temporary redirect that "
                         "leads to it was not")
            last = r

    # One host

    def judge_host(self, rs):
        self.judge_open(rs)
        self.judge_gaps(rs)
        self.judge_quiet(rs)

    def judge_open(self, rs):
        open_until = []
        for r in rs:
            open_until = [e for e in open_until if e > r.real]
            end = r.end if r.end is not None else r.real
            killed = [k for k in self.set.ends if k >= r.real]
            open_until.append(min([end, *killed]))
            if len(open_until) > self.set.per_host:
                self.say(r, f"its host had {len(open_until)} requests open, "
                         f"more than {self.set.per_host}")

    def judge_gaps(self, rs):
        """So many starts take at least so long: one alone may be late. What
        follows a redirect on its own host is the same visit."""
        gap = self.set.host_gap_s / self.set.speed
        starts = [r.real for r in rs if r.path.startswith("/feed/")]
        for n in (10, 40):
            least = (n - 1) * gap - GATE_REAL
            for i in range(len(starts) - n + 1):
                took = starts[i + n - 1] - starts[i]
                if took < least and \
                        not self.was_killed(starts[i], starts[i + n - 1]):
                    self.sentences.append(
                        f"host {rs[0].host}: {n} requests began within "
                        f"{took * self.set.speed:.0f} s, "
                        f"{self.set.host_gap_s} s apart they take "
                        f"{(n - 1) * self.set.host_gap_s} s")
                    break

    def was_killed(self, since, until):
        return any(since <= k <= until for k in self.set.ends)

    def judge_quiet(self, rs):
        """429 is the host's word: what was open stays, nothing begins."""
        until, since = 0, None
        for r in rs:
            if r.t < until - ROUNDING and \
                    r.real > (since.end or since.real) + GATE_REAL and \
                    not since.lost and r.path != since.path:
                self.say(r, f"was asked {(until - r.t) / 60:.1f} min too "
                         f"soon after the 429 of {since.path} on its host")
            if r.mark("quiet", 0) > until:
                until, since = r.mark("quiet"), r


def violations(requests, settings):
    return Score(requests, settings).judge()


# Of the requests that a poller without any patience of its own would make:
# what has no news for a day or a week is asked less often.
SHARE = 0.3


def idlers(requests, names, seconds):
    """Paths that were asked much less often than a healthy poller would: a
    poller that stands still offends nobody."""
    asked = collections.Counter(r.path for r in requests)
    share = SHARE if seconds <= DAY else SHARE / 2
    found = []
    for name in names:
        row = manners_scenarios.TABLE[name]
        usual = 1
        if row.every:
            usual = int(share * seconds / (1.1 * row.every)) + 1
        for key in row.keys:
            path = f"/feed/{name}/{key}"
            if name != "merge" and asked[path] < usual:
                found.append(f"{path} was asked {asked[path]} times, "
                             f"not {usual}")
    return found


def main():
    speed = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    said = violations(read_log(sys.argv[1]), Settings(speed))
    print("\n".join(said))
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
