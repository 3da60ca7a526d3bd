#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The tables of the code, compared with the manual pages.

keys	every configuration key has its place in headlined.yaml(5), those of
	packs, and the groups of the shipped one, in headlined-entities(5)
verbs	every verb of headlinectl, its words and options, in headlinectl(1)
query	every operator and field in headlined-query(7)
limits	a comment `limit NAME NUMBER` in a page has the code's number, and each
	limit of queries and packs has one
words	every format of webhooks and every condition of health in
	headlined.yaml(5)
events	headlined(8) lists the events that are logged, all and no others
see	pages name each other, and all are installed

Prints what is missing, one fault a line, and exits 1 then; also where it finds
no table any more, for then it would compare nothing.

usage: manual_tables.py keys|verbs|query|limits|words|events|see [ROOT]
"""
import glob
import os
import re
import sys

PAGES = ["headlinectl.1", "headlined-entities.5", "headlined.yaml.5",
         "headlined-query.7", "headlined.8"]

# Where the keys of a table stand in headlined.yaml(5): in which section, and
# whether each as an item of a list or anywhere in it.
KEY_TABLES = {
    "root_rows": ("KEYS", True), "default_rows": ("KEYS", False),
    "health_rows": ("KEYS", True), "store_rows": ("KEYS", True),
    "control_rows": ("KEYS", True), "poll_rows": ("POLLING", True),
    "feed_rows": ("FEEDS", True), "topic_rows": ("TOPICS", True),
    "sample_rows": ("TOPICS", False), "included_rows": ("KEYS", True),
    "syslog_rows": ("SINKS", True), "terminal_rows": ("SINKS", True),
    "webhook_rows": ("SINKS", True),
}

STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"')


def read(root, *name):
    with open(os.path.join(root, *name), encoding="utf-8") as file:
        return file.read()


def page(root, name):
    return read(root, "doc", name)


def without_comments(code):
    """In strings, "text/*" is none."""
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|/\*.*?\*/',
                  lambda found: found[1] or "", code, flags=re.S)


def table(code, name):
    """What stands between the braces of a table."""
    found = re.search(rf"\b{name}\[\] = \{{\n(.*?)\n\t?\}}[ ,a-z]*;", code,
                      re.S)
    return found[1] if found else ""


def first_strings(rows):
    return re.findall(r'^\t*\{ +\{? ?"([^"]+)"', rows, re.M)


def macro_words(text, macro, items=False):
    """The words behind a macro, up to the next one, in all of a page."""
    words = set()
    for line in text.split("\n"):
        if not line.startswith(".") or items and not line.startswith(".It "):
            continue
        taken = False
        for word in line[1:].split():
            if re.fullmatch(r"[A-Z][a-z]|No", word):
                taken = word == macro
            elif taken:
                words.add(word.replace("\\&", "").rstrip(":"))
    return words


def headed(text):
    """The page's .Sh parts, by their headings."""
    parts = re.split(r"^\.Sh (.*)\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def keys(root):
    parts = headed(page(root, "headlined.yaml.5"))
    for path in sorted(glob.glob(os.path.join(root, "daemon", "conf_*.c"))):
        code = without_comments(read(path))
        for name in re.findall(r"struct conf_row (\w+)\[\]", code):
            rows = re.findall(r'\{ "(\w+)",\s*(\w+)', table(code, name))
            heading, items = KEY_TABLES.get(name, ("", False))
            if not rows or heading not in parts:
                yield f"{path}: {name} has no rows, or no place in the page"
                continue
            known = macro_words(parts[heading], "Ic", items)
            for key, reader in rows:
                if reader == "conf_read_later":
                    if f".{key} " not in parts["CAVEATS"]:
                        yield (f"{name}: {key} is not in CAVEATS of "
                               "headlined.yaml(5)")
                elif key not in known:
                    yield (f"{name}: {key} is not in {heading} of "
                           "headlined.yaml(5)")
    for name in KEY_TABLES:
        if not any(f" {name}[]" in read(path) for path in
                   glob.glob(os.path.join(root, "daemon", "conf_*.c"))):
            yield f"no table {name} is found in daemon/conf_*.c"
    yield from pack_keys(root)


def pack_keys(root):
    items = macro_words(page(root, "headlined-entities.5"), "Ic", items=True)
    for file, name in [("entity_pack.c", "pack_rows"),
                       ("entity_pack.c", "entity_rows"),
                       ("entity_pack_name.c", "rule_rows")]:
        rows = first_strings(table(read(root, "filters", file), name))
        if not rows:
            yield f"{file}: no {name} are found"
        for key in rows:
            if key not in items:
                yield f"{name}: {key} is not in headlined-entities(5)"
    named = macro_words(page(root, "headlined-entities.5"), "Ql")
    groups = {group for line in
              re.findall(r"^    group: (.*)$", read(
                  root, "filters", "packs", "geopolitics.yaml"), re.M)
              for group in re.findall(r"[\w-]+", line)}
    for group in sorted(groups - named) or ([] if groups else ["any group"]):
        yield f"headlined-entities(5) has no {group} of geopolitics"


def sections(text):
    """The page's .Ss parts, by each verb that their heading names."""
    parts = {}
    for part in re.split(r"^\.S[hs] ", text, flags=re.M)[1:]:
        for word in part.split("\n", 1)[0].replace(",", " ").split():
            parts[word] = parts.get(word, "") + part
    return parts


def verbs(root):
    manual = page(root, "headlinectl.1")
    rows = re.findall(r'\{ "(\w+)", ctl_\w+,\s*((?:"(?:[^"\\]|\\.)*"\s*)+),',
                      table(read(root, "daemon", "headlinectl.c"), "verbs"))
    parts = sections(manual)
    if len(rows) < 10:
        yield f"only {len(rows)} verbs are found in headlinectl.c"
    for verb, strings in rows:
        usage = "".join(STRINGS.findall(strings))
        if verb not in parts:
            yield f"headlinectl(1) has no section of {verb}"
            continue
        part = parts[verb]
        for option in set(re.findall(r"--([a-z-]+)", usage)):
            if f"Fl -{option}" not in part:
                yield f"headlinectl(1): {verb} has no --{option}"
        for word in re.findall(r"(?:^|[ |])([a-z][a-z-]*)(?=[| ])",
                               re.sub(r"\[.*?\]|--\w+ \S+|\\n", " ",
                                      usage)):
            if not re.search(rf"\b{word}\b", part):
                yield f"headlinectl(1): {verb} has no word {word}"
    for path in glob.glob(os.path.join(root, "daemon", "ctl_*.c")):
        for option in re.findall(r'\{ "([a-z-]+)",\s*\w+_argument',
                                 read(path)):
            if f"Fl -{option}" not in manual:
                yield f"headlinectl(1) has no --{option}"


def query(root):
    manual = page(root, "headlined-query.7")
    words = macro_words(manual, "Cm")
    operators = first_strings(table(read(root, "filters", "query_lex.c"),
                                    "operators"))
    fields = first_strings(table(read(root, "filters", "query_parse_field.c"),
                                 "rows"))
    if len(operators) < 6 or len(fields) < 20:
        yield (f"only {len(operators)} operators and {len(fields)} fields "
               "are found")
    for operator in operators:
        if not any(word.split("/")[0] == operator for word in words):
            yield f"headlined-query(7) has no {operator}"
    for field in fields:
        if field not in words:
            yield f"headlined-query(7) has no field {field}"


def words(root):
    parts = headed(page(root, "headlined.yaml.5"))
    formats = [name for path in
               glob.glob(os.path.join(root, "alerts", "post_*.c"))
               for name in re.findall(r'^\t\.name = "(\w+)",$', read(path),
                                      re.M)]
    rules = re.search(r"health_rules\[\w+\] = \{\n(.*?)\n\};",
                      read(root, "daemon", "health_store.c"), re.S)
    conditions = re.findall(r'\{ "(\w+)",', rules[1] if rules else "")
    for found, heading, macro in [(formats, "SINKS", "Ic"),
                                  (conditions, "HEALTH", "Cm")]:
        if len(found) < 7:
            yield f"only {len(found)} words of {heading} are found"
        known = macro_words(parts[heading], macro, items=True)
        for word in found:
            if word not in known:
                yield f"headlined.yaml(5) has no {word} in {heading}"


def constants(code, pattern):
    """Those of an enum whose value is a number, also one that is shifted."""
    for name, value in re.findall(rf"\b({pattern})\s*=\s*([\d <]+)",
                                  without_comments(code)):
        number, _, shift = value.partition("<<")
        yield name, int(number) << int(shift or 0)


def limits(root):
    told = {}
    for name in ("headlined-query.7", "headlined-entities.5"):
        for limit, number in re.findall(r'^\.\\" limit (\w+) (\d+)$',
                                        page(root, name), re.M):
            told[limit] = int(number)
    code = {}
    for file, pattern in [("query_ast.h", r"QUERY_(?:MAX|MIN)_\w+"),
                          ("query_parse.h", r"QUERY_MAX_\w+"),
                          ("query_fault.h", r"QUERY_MAX_\w+"),
                          ("term_index.h", r"TERM_MAX_SHAPES"),
                          ("entity_pack.h", r"ENTITY_\w*MAX_\w+"),
                          ("entity_sense.h", r"ENTITY_(?:WITHIN|NEAR|VOICES|"
                           r"MAX_DEPTH|MAX_NAMESAKES)")]:
        found = dict(constants(read(root, "filters", file), pattern))
        if not found:
            yield f"no limit is found in {file}"
        code.update(found)
    for name, number in code.items():
        if name not in told:
            yield f"no page has the limit {name} ({number})"
        elif told[name] != number:
            yield f"{name} is {number}, and {told[name]} in its page"
    for name in set(told) - set(code):
        yield f"a page has the limit {name}, which the code has not"


def first_argument(call):
    """Of an event, a string or a choice of them: up to the comma."""
    depth, quoted = 0, False
    for i, char in enumerate(call):
        if char == '"' and call[i - 1] != "\\":
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
        if not quoted and (char == "," and depth == 0 or depth < 0):
            return call[:i], call[i + 1:]
    return call, ""


def logged(root):
    for room in ("base", "feeds", "filters", "alerts", "daemon"):
        for path in glob.glob(os.path.join(root, room, "*.c")):
            code = without_comments(read(path))
            for call in re.finditer(r"\blog_(error|warn|info|at)\(", code):
                event, rest = first_argument(code[call.end():])
                if call[1] == "at":
                    event, _ = first_argument(rest)
                names = STRINGS.findall(event)
                if not names:
                    yield f"{path}: {event}", None
                for name in names:
                    yield name, os.path.relpath(path, root)


def events(root):
    part = re.search(r"^\.Ss Events of the log\n(.*?)^\.S[hs] ",
                     page(root, "headlined.8"), re.M | re.S)
    listed = {word for word in macro_words(part[1] if part else "", "Ic",
                                           items=True) if word != ","}
    code = dict(logged(root))
    if len(code) < 50:
        yield f"only {len(code)} events are found in the code"
    for name, path in sorted(code.items()):
        if path is None:
            yield f"an event without a fixed name: {name}"
        elif name not in listed:
            yield f"headlined(8) has no event {name} ({path})"
    for name in sorted(listed - set(code)):
        yield f"headlined(8) has the event {name}, which nobody logs"


def see(root):
    rules = read(root, "doc", "Makefile.inc")
    there = sorted(os.path.basename(path) for path in
                   glob.glob(os.path.join(root, "doc", "*.[1-9]")))
    if there != sorted(PAGES):
        yield f"the pages in doc/ are {', '.join(there)}"
    for name in PAGES:
        if f"doc/{name}" not in rules:
            yield f"doc/Makefile.inc does not install {name}"
        also = page(root, name).partition(".Sh SEE ALSO\n")[2]
        also = also.partition("\n.Sh ")[0]
        for other in PAGES:
            title, _, section = other.rpartition(".")
            if other != name and f".Xr {title} {section}" not in also:
                yield f"{name} does not name {title}({section}) in SEE ALSO"


CHECKS = {"keys": keys, "verbs": verbs, "query": query, "limits": limits,
          "words": words, "events": events, "see": see}


def main():
    root = sys.argv[2] if len(sys.argv) > 2 else "."
    faults = list(CHECKS[sys.argv[1]](root))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
