#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Proves the arrows of the house from the real #include lines.

    daemon -> feeds, filters, alerts, base      rooms point down only,
    feeds, filters, alerts -> base              and never to each other
    a .c, its .h and its parts are one node     no cycle between files
    <curl/curl.h> -> base/http* or base/url     one door a foreign library

Prints TAP, each offence with its file and line. Before the tree is judged, a
copy with a wrong include planted in it shows that each rule can fail.

usage: arrows.py [ROOT]
"""
import fnmatch
import os
import re
import shutil
import sys
import tempfile

ROOMS = {
    "daemon": {"daemon", "feeds", "filters", "alerts", "base"},
    "feeds": {"feeds", "base"},
    "filters": {"filters", "base"},
    "alerts": {"alerts", "base"},
    "base": {"base"},
}

# A foreign header, and the files that may open the door to it.
DOORS = [
    ("libxml/HTML*", ["base/html*"]),
    ("libxml/*", ["feeds/feed_parser*", "feeds/feed_sax*", "feeds/opml*",
                  "feeds/xml_push*", "base/html*"]),
    ("curl/*", ["base/http*", "base/url*"]),
    ("sqlite3*", ["base/db*"]),
    ("libfyaml*", ["base/yaml*"]),
    ("yajl/*", ["base/json*"]),
    ("utf8proc*", ["filters/fold*"]),
    ("pcre2*", ["filters/regex*"]),
    ("uchardet*", ["feeds/charset_guess*"]),
    ("libpsl*", ["base/url*"]),
    ("systemd/*", ["daemon/notify*"]),
    ("openssl/ssl*", ["base/http_tls*", "base/tls_client*"]),
    ("openssl/[!s]*", ["base/digest*", "base/tls_client*"]),
    ("openssl/sha*", ["base/digest*"]),
    ("xxhash*", ["base/digest*"]),
    ("zstd*", ["base/squeeze*"]),
    ("event2/*", ["base/http*", "base/lookup.*", "base/loop*",
                  "base/stream*", "feeds/fetch*",
                  "alerts/delivery*", "alerts/sink_*", "daemon/*"]),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Include:
    """One #include line: the file it stands in, where, and what it names."""

    def __init__(self, source, line, name, own):
        self.source, self.line, self.name, self.own = source, line, name, own

    def __str__(self):
        return f"{self.source}:{self.line}: includes {self.name}"


def read_includes(root):
    """Every include of every .c and .h in the rooms, in a stable order."""
    found = []
    for room in sorted(ROOMS):
        for here, dirs, names in os.walk(os.path.join(root, room)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(here, name)
                    found += read_file(root, os.path.relpath(path, root))
    return found


def read_file(root, source):
    found = []
    with open(os.path.join(root, source), encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            match = INCLUDE.match(line)
            if match:
                found.append(Include(source, number, match.group(2),
                                     match.group(1) == '"'))
    return found


def room_of(path):
    return path.split("/", 1)[0]


def check_rooms(root, includes):
    """Arrows between rooms, and names that lead nowhere."""
    wrong = []
    for inc in includes:
        if not inc.own:
            continue
        if not os.path.exists(os.path.join(root, inc.name)):
            wrong.append(f"{inc}: no such file under the root of the tree")
        elif room_of(inc.name) not in ROOMS[room_of(inc.source)]:
            wrong.append(f"{inc}: {room_of(inc.source)} must not know "
                         f"{room_of(inc.name)}")
    return wrong


def check_doors(_root, includes):
    """One door a foreign library."""
    wrong = []
    for inc in includes:
        for header, doors in DOORS:
            if not fnmatch.fnmatch(inc.name, header):
                continue
            if not any(fnmatch.fnmatch(inc.source, d) for d in doors):
                wrong.append(f"{inc}: its door is {' or '.join(doors)}")
    return wrong


def node_of(root, path):
    """A .c and its .h are one thing, and so are the parts of a module that
    was split: NAME_part belongs to NAME where NAME.h stands."""
    node = os.path.splitext(path)[0]
    whole, _, part = node.rpartition("_")
    if part and os.path.exists(os.path.join(root, whole + ".h")):
        return node_of(root, whole + ".h")
    return node


def check_cycles(root, includes):
    """Depth-first; a node met again while it is open closes a cycle."""
    arrows = {}
    for inc in includes:
        if not inc.own:
            continue
        source, target = node_of(root, inc.source), node_of(root, inc.name)
        if source != target:
            arrows.setdefault(source, {}).setdefault(target, inc)
    wrong, done = [], set()

    def walk(node, path):
        if node in path:
            ring = path[path.index(node):] + [node]
            wrong.append(" -> ".join(ring) + f" ({arrows[ring[-2]][node]})")
            return
        if node in done:
            return
        for target in sorted(arrows.get(node, {})):
            walk(target, path + [node])
        done.add(node)

    for node in sorted(arrows):
        walk(node, [])
    return wrong


CHECKS = [
    ("rooms include only what stands below them", check_rooms),
    ("no cycle between files", check_cycles),
    ("each foreign library has one door", check_doors),
]

# A rule, the file that breaks it in the copy, and the line that does.
PLANTS = [
    (check_rooms, "base/planted.c", '#include "feeds/planted.h"'),
    (check_rooms, "feeds/planted.c", '#include "alerts/planted.h"'),
    (check_rooms, "filters/planted.c", '#include "base/no_such_thing.h"'),
    (check_cycles, "base/planted.h", '#include "base/replanted.h"'),
    (check_doors, "daemon/planted.c", "#include <sqlite3.h>"),
    (check_doors, "alerts/planted.c", "  #  include <curl/curl.h>"),
    (check_doors, "filters/planted.c", "#include <event2/event.h>"),
]

TARGETS = {"feeds/planted.h": "", "alerts/planted.h": "",
           "base/replanted.h": '#include "base/planted.h"\n'}


def find_plant(root, check, source, line):
    """Whether the planted line, and nothing else, is what the check names."""
    with tempfile.TemporaryDirectory() as copy:
        for room in ROOMS:
            shutil.copytree(os.path.join(root, room),
                            os.path.join(copy, room),
                            ignore=lambda _dir, names: [
                                n for n in names if os.path.isfile(
                                    os.path.join(_dir, n))
                                and not n.endswith((".c", ".h"))])
            os.chmod(os.path.join(copy, room), 0o755)
        before = check(copy, read_includes(copy))
        for name, text in {**TARGETS, source: line + "\n"}.items():
            with open(os.path.join(copy, name), "w",
                      encoding="utf-8") as planted:
                planted.write(text)
        after = check(copy, read_includes(copy))
    new = [w for w in after if w not in before]
    return bool(new) and all("planted" in w for w in new)


def main():
    root = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else
                           os.path.join(os.path.dirname(__file__), ".."))
    results = [(f"a planted {line.split(None, 1)[-1].strip()} in "
                f"{source.split('/')[0]} is found",
                [] if find_plant(root, check, source, line) else
                [f"{source}: {line}: passed unseen"])
               for check, source, line in PLANTS]
    includes = read_includes(root)
    results.append(("the tree has includes to judge",
                    [] if includes else [f"no .c or .h file under {root}"]))
    results += [(says, check(root, includes)) for says, check in CHECKS]
    print(f"1..{len(results)}")
    for number, (says, wrong) in enumerate(results, 1):
        print(f"{'not ' if wrong else ''}ok {number} - {says}")
        for line in wrong:
            print(f"# {line}")
    return 1 if any(wrong for _, wrong in results) else 0


if __name__ == "__main__":
    sys.exit(main())
