#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Calls that this tree does without, and what stands in their place.

Comments and string literals are blanked first, so that a word in prose is
no offence. Prints TAP, each offence with file and line.

usage: banned.py [ROOT]
"""
import fnmatch
import os
import re
import sys

BANNED = {
    "strcpy": "a slice and memcpy, or base/buf",
    "strcat": "base/buf",
    "strncpy": "a slice and memcpy",
    "strncat": "base/buf",
    "stpcpy": "base/buf",
    "sprintf": "snprintf, or base/buf",
    "vsprintf": "vsnprintf, or base/buf",
    "gets": "read(2)",
    "strtok": "a walk over a slice",
    "strtok_r": "a walk over a slice",
    "atoi": "a checked parse",
    "atol": "a checked parse",
    "atoll": "a checked parse",
    "atof": "a checked parse",
    "scanf": "a checked parse",
    "sscanf": "a checked parse",
    "fscanf": "a checked parse",
    "localtime": "localtime_r, at the door that needs local time",
    "gmtime": "base/time_text",
    "ctime": "base/time_text",
    "asctime": "base/time_text",
    "mktemp": "mkstemp",
    "tmpnam": "mkstemp",
    "alloca": "base/arena",
    "rand": "getrandom",
    "srand": "getrandom",
    "signal": "an event of the loop (SIG_IGN apart)",
    "system": "nothing: headlined starts no other program",
    "popen": "nothing: headlined starts no other program",
    "gethostbyname": "base/http",
    "inet_addr": "inet_pton",
    "syslog": "a non-blocking socket: syslog(3) blocks and loses",
    "sleep": "a timer of the loop",
    "usleep": "a timer of the loop",
    "nanosleep": "a timer of the loop",
    "time": "base/clock",
    "gettimeofday": "base/clock",
    "clock_gettime": "base/clock",
}

# Who may do what others may not (call, files), and why it is safe there.
ALLOWED = [
    ("signal", "daemon/main.c"),            # SIGPIPE, before threads exist
    ("signal", "daemon/headlinectl*.c"),    # SIGPIPE, before all else
    ("clock_gettime", "base/clock.c"),      # the only place that reads time
    ("clock_gettime", "base/mailbox.c"),    # the deadline of a timed wait
    ("time", "base/log.c"),                 # a log line bears real time
    ("clock_gettime", "daemon/watchdog.c"), # a scaled clock must not matter
    ("clock_gettime", "daemon/notify.c"),   # MONOTONIC_USEC, the manager's own
    ("clock_gettime", "bench/bench.c"),     # CPU seconds and real ones
    ("clock_gettime", "bench/peer_mrss.c"), # likewise, of another program
    ("nanosleep", "bench/bench.c"),         # between two looks at a process
    ("signal", "tests/unit/test_db*.c"),    # SIGXFSZ: a disk that is full
    ("time", "tests/*"),                    # a bound to compare with
    ("clock_gettime", "tests/*"),
    ("system", "tests/*"),                  # sweeps a scratch folder away
]

FOLDERS = ("base", "feeds", "filters", "alerts", "daemon", "tests", "bench")

# Comments, strings and character constants; newlines in them survive.
BLANK = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])*'", re.S)
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")


def blank(text):
    return BLANK.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def find_calls(text):
    """(line, name) of each banned call in a C text."""
    bare = blank(text)
    return [(bare.count("\n", 0, m.start()) + 1, m.group(1))
            for m in CALL.finditer(bare)]


def check_tree(root):
    wrong, seen = [], 0
    for folder in FOLDERS:
        for here, dirs, names in os.walk(os.path.join(root, folder)):
            dirs.sort()
            for name in sorted(names):
                if not name.endswith((".c", ".h")):
                    continue
                path = os.path.relpath(os.path.join(here, name), root)
                seen += 1
                wrong += check_file(root, path)
    return wrong, seen


def is_allowed(name, path):
    return any(name == call and fnmatch.fnmatch(path, files)
               for call, files in ALLOWED)


def check_file(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as source:
        calls = find_calls(source.read())
    return [f"{path}:{line}: {name}() (use {BANNED[name]})"
            for line, name in calls
            if not is_allowed(name, path)]


# A text, and the lines at fault in it: shows that the search can fail.
SAMPLES = [
    ("a plain call", "x = atoi(s);\n", [1]),
    ("a call on a later line", "\n\nstrcpy (a, b);\n", [3]),
    ("two calls on one line", "strcat(a, strtok(b, c));\n", [1, 1]),
    ("a word in a comment", "/* strcpy(a, b)\n atoi(c) */\n", []),
    ("a word in a string", 'puts("sprintf(x)");\n', []),
    ("a longer name", "my_atoi(s); snprintf(b, n, f);\n", []),
    ("a member of that name", "clock->time(clock); ops.time(x);\n", []),
    ("a call behind a string", 'puts("\\""); alloca(4);\n', [1]),
]


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else
                           os.path.join(os.path.dirname(__file__), ".."))
    results = []
    for says, text, lines in SAMPLES:
        got = [line for line, _ in find_calls(text)]
        results.append((f"sample: {says}", [] if got == lines else
                        [f"lines {got}, not {lines}"]))
    wrong, seen = check_tree(root)
    if seen == 0:
        wrong = [f"no .c or .h file under {root}"]
    results.append(("no banned call in the tree", wrong))
    print(f"1..{len(results)}")
    for number, (says, offences) in enumerate(results, 1):
        print(f"{'not ' if offences else ''}ok {number} - {says}")
        for line in offences:
            print(f"# {line}")
    return 1 if any(o for _, o in results) else 0


if __name__ == "__main__":
    sys.exit(main())
