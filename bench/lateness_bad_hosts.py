#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""How much later feeds are polled beside bad hosts.

Two daemons poll the same sort of feeds, one of them bad hosts as well: such as
hang, drip, reset, redirect for ever, never accept, send 400,000 headers or a
gigabyte of body. Of each round's hundreds of polls the 98th percentile of both
is taken, in milliseconds after it was usual, and of all rounds the median of
what the one is later than the other:

    bench lateness-bad-hosts MS ms ratio=R of=50ms      R: 50 ms by it

The method, and what the bad hosts do, is that of tests/scenario/test_29.

usage: lateness_bad_hosts.py --headlined PROGRAM --scratch FOLDER [--quick]
"""
import argparse
import os
import signal
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIOS = os.path.join(os.path.dirname(HERE), "tests", "scenario")
ALLOWED_MS = 50
LEAST_MS = 0.1              # below that nothing is told apart
ROUNDS, QUICK_ROUNDS = 12, 4


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)


def measure(folder, rounds):
    """(beside bad hosts, alone) of each round, in milliseconds."""
    import test_29_bad_hosts as method
    bad, pair, seen = method.BadHosts(), method.Pair(folder), []
    pair.start_server()
    try:
        pair.start()
        method.wait_until(
            lambda: pair.daemons["alone"].status()["polls"] > 24, "polls")
        for number in range(rounds):
            pair.bring(bad.feeds(number))
            late = method.pass_round(pair)
            seen.append((late["beside"] * 1000, late["alone"] * 1000))
    finally:
        pair.close()
        bad.close()
    return seen


def run(options):
    seen = measure(options.scratch,
                   QUICK_ROUNDS if options.quick else ROUNDS)
    later = [beside - alone for beside, alone in seen]
    for side, at in (("beside bad hosts", 0), ("alone", 1)):
        some = [one[at] for one in seen]
        say(f"lateness-bad-hosts: {side}: median {statistics.median(some):.1f}"
            f" ms, from {min(some):.1f} to {max(some):.1f} in {len(some)} "
            "rounds")
    value = max(statistics.median(later), LEAST_MS)
    ratio = ALLOWED_MS / value
    print(f"bench lateness-bad-hosts {value:.1f} ms ratio={ratio:.3f} "
          f"of={ALLOWED_MS}ms", flush=True)
    say("lateness-bad-hosts: wanted 1.00: "
        f"{'met' if ratio >= 1 else 'not met'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headlined", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    daemon = os.path.abspath(options.headlined)
    options.scratch = os.path.abspath(options.scratch)
    # bench/run ends its row with SIGTERM: clean up then as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["HEADLINED"] = daemon
    os.environ["HEADLINECTL"] = os.path.join(os.path.dirname(daemon),
                                             "headlinectl")
    sys.dont_write_bytecode = True
    sys.path.insert(0, SCENARIOS)
    try:
        run(options)
    except ImportError as why:
        say(f"lateness-bad-hosts: left out, {why} (Debian: python3-pytest)")
        return 0
    except (AssertionError, OSError) as why:
        say(f"lateness-bad-hosts: could not be measured: {why}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
