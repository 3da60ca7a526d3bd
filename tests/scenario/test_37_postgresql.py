# SPDX-License-Identifier: ISC
"""Queries beside PostgreSQL's full-text search: headlinectl match finds what
to_tsvector('simple', text) @@ to_tsquery('simple', query) finds, but for what
stands in DIFFERENCES."""
import json
import random

import pytest

from harness import headlinectl
from postgresql import Postgresql, copy_rows, find_programs

SEED = 3707
TEXTS, QUERIES, ITEMS_A_FEED = 3000, 2000, 500


@pytest.fixture(name="server", scope="module")
def fixture_server():
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    one = Postgresql()
    yield one
    one.stop()


# Words that both tokenisers take for the same one: letters of one script
# without marks, or digits.

SCRIPTS = (("bcdfglmnprstv", "aeiou"), ("бвгдлмнпрст", "аеиоу"),
           ("βγδκλμνπρτ", "αεηιο"))


def make_word(rng):
    if rng.random() < 0.06:
        return str(rng.randrange(1, 3000))
    hard, soft = rng.choices(SCRIPTS, (70, 20, 10))[0]
    word = "".join(rng.choice(hard) + rng.choice(soft)
                   for _ in range(rng.randint(2, 4)))
    return word + str(rng.randrange(10)) if rng.random() < 0.05 else word


def make_words(rng, n):
    """So many, and how often each is said: by Zipf's law, after a while."""
    words = list(dict.fromkeys(make_word(rng) for _ in range(n)))
    return words, [1 / (rank + 40) for rank in range(len(words))]


def dress(rng, word):
    return rng.choices((word, word.capitalize(), word.upper()),
                       (70, 25, 5))[0]


def make_text(rng, words, weights, also=()):
    """A text of some sentences; now and then something of `also` between its
    words."""
    out, joints = [], (" ", ", ", ". ", "; ", ": ", " (", ") ", "? ", "! ")
    for word in rng.choices(words, weights, k=rng.randint(8, 60)):
        out.append(dress(rng, word))
        out.append(rng.choices(joints, (80, 6, 6, 2, 1, 1, 1, 1, 1))[0])
        if also and rng.random() < 0.1:
            out.append(rng.choice(also) + " ")
    return "".join(out).strip() + "."


# A query is a tree: ("word", w), ("prefix", w), ("phrase", [w...], ends in *),
# ("and", wanted, unwanted), ("or", some).

def make_leaf(rng, words, weights, texts):
    kind = rng.random()
    word = rng.choices(words, weights)[0]
    if kind < 0.55:
        return "word", word
    if kind < 0.65 and len(word) > 3 and word.isalpha():
        return "prefix", word[:rng.randint(3, len(word))]
    # Half of the phrases stand in some text.
    n = rng.randint(2, 3)
    said = plain_words(rng.choice(texts))
    at = rng.randrange(len(said) - n)
    phrase = said[at:at + n] if rng.random() < 0.5 else \
        rng.choices(words, weights, k=n)
    if rng.random() < 0.2 and phrase[-1].isalpha() and len(phrase[-1]) > 3:
        return "phrase", phrase[:-1] + [phrase[-1][:3]], True
    return "phrase", phrase, False


def make_query(rng, depth, leaf):
    if depth == 0 or rng.random() < 0.25:
        return leaf()
    some = [make_query(rng, depth - 1, leaf)
            for _ in range(rng.randint(2, 3))]
    if rng.random() < 0.5:
        return "or", some
    wanted = some[:rng.randint(1, len(some))]
    # headlined refuses what can never match.
    asked = {leaf for q in wanted for leaf in leaves(q)}
    return "and", wanted, [q for q in some[len(wanted):]
                           if asked.isdisjoint(leaves(q))]


def leaves(query):
    if query[0] in ("and", "or"):
        for part in query[1:]:
            for one in part:
                yield from leaves(one)
    else:
        yield ours(query)


def plain_words(text):
    return "".join(c if c.isalnum() else " " for c in text).lower().split()


def ours(query, inside=False):
    """As headlined has it."""
    kind = query[0]
    if kind == "word":
        return query[1]
    if kind == "prefix":
        return query[1] + "*"
    if kind == "phrase":
        return f'"{" ".join(query[1])}{"*" if query[2] else ""}"'
    if kind == "or":
        text = " OR ".join(ours(q, True) for q in query[1])
    else:
        text = " AND ".join(ours(q, True) for q in query[1]) + \
            "".join(" NOT " + ours(q, True) for q in query[2])
    return f"({text})" if inside else text


def theirs(query):
    """As to_tsquery has it."""
    kind = query[0]
    if kind == "word":
        return f"'{query[1]}'"
    if kind == "prefix":
        return f"'{query[1]}':*"
    if kind == "phrase":
        return "(" + " <-> ".join(f"'{w}'" for w in query[1]) + \
            (":*" if query[2] else "") + ")"
    if kind == "or":
        return "(" + " | ".join(theirs(q) for q in query[1]) + ")"
    return "(" + " & ".join([theirs(q) for q in query[1]] +
                            ["!" + theirs(q) for q in query[2]]) + ")"


def find_ours(folder, texts, queries):
    """(text, query) of all that hold, by their numbers."""
    conf = folder / "headlined.yaml"
    conf.write_text(json.dumps(
        {"feeds": ["https://feeds.example.org/x"],
         "topics": {f"q{n}": {"match": q} for n, q in enumerate(queries)}}))
    found = set()
    for first in range(0, len(texts), ITEMS_A_FEED):
        some = texts[first:first + ITEMS_A_FEED]
        feed = folder / "feed.json"
        feed.write_text(json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "title": "T",
             "items": [{"id": str(i), "content_text": text}
                       for i, text in enumerate(some)]}))
        done = headlinectl("match", "--json", "-c", conf, feed)
        assert done.returncode == 0, done.stderr
        articles = json.loads(done.stdout)
        assert len(articles) == len(some)
        found |= {(first + i, int(topic["topic"][1:])) for i, article in
                  enumerate(articles) for topic in article["topics"]}
    return found


def find_theirs(server, texts, queries):
    rows = server.ask(
        "DROP TABLE IF EXISTS texts, queries;"
        "CREATE TABLE texts (n int, body text);"
        "CREATE TABLE queries (n int, q text);\n" +
        copy_rows("texts", enumerate(texts)) +
        copy_rows("queries", enumerate(queries)) +
        "WITH t AS MATERIALIZED (SELECT n, to_tsvector('simple', body) AS v "
        "FROM texts), q AS MATERIALIZED (SELECT n, to_tsquery('simple', q) "
        "AS q FROM queries) SELECT t.n, q.n FROM t, q WHERE t.v @@ q.q;")
    return {(int(t), int(q)) for t, q in rows}


def compare(server, folder, texts, queries):
    mine = find_ours(folder, texts, [ours(q) for q in queries])
    other = find_theirs(server, texts, [theirs(q) for q in queries])
    shown = [f"{'only ours' if pair in mine else 'only PostgreSQL'}: "
             f"{ours(queries[pair[1]])!r} in {texts[pair[0]]!r}"
             for pair in sorted(mine ^ other)[:5]]
    assert not shown, f"{len(mine ^ other)} differences: {shown}"
    return mine


def shape(query):
    """The kinds of nodes in it."""
    parts = query[1] if query[0] in ("and", "or") else []
    unwanted = query[2] if query[0] == "and" else []
    return {query[0]} | ({"not"} if unwanted else set()) | {
        kind for q in [*parts, *unwanted] for kind in shape(q)}


def check_sample(found, texts, queries):
    """The comparison has seen both answers often, and of every kind."""
    share = len(found) / (len(texts) * len(queries))
    assert 0.01 < share < 0.5, share
    held = {q for _, q in found}
    assert len(held) > len(queries) / 2
    for kind in ("word", "prefix", "phrase", "and", "or", "not"):
        assert sum(kind in shape(queries[q]) for q in held) > 50, kind


def test_plain_words(server, tmp_path):
    """AND, OR, NOT, phrases and prefixes over plain words: no difference in
    six million answers"""
    rng = random.Random(SEED)
    words, weights = make_words(rng, 600)
    texts = [make_text(rng, words, weights) for _ in range(TEXTS)]
    queries = [make_query(rng, 3, lambda: make_leaf(rng, words, weights,
                                                    texts))
               for _ in range(QUERIES)]
    check_sample(compare(server, tmp_path, texts, queries), texts, queries)


# What is known to differ: (text, our query, their query, we find it, they find
# it), and why.

DIFFERENCES = {
    "a hyphenated word is its joined form too": (
        "the guineabissau pact", "Guinea-Bissau", "guinea-bissau",
        True, False),
    "a hyphenated word has no place of its own, and a phrase runs on": (
        "the Guinea-Bissau vote", '"the guinea bissau"',
        "the <-> guinea <-> bissau", True, False),
    "a possessive is its word": (
        "Macron's plan", '"macron plan"', "macron <-> plan", True, False),
    "accents are folded": (
        "Erdoğan spoke", "erdogan", "erdogan", True, False),
    "ß is ss": ("Die Straße", "strasse", "strasse", True, False),
    "ё is е": ("ёлка", "елка", "елка", True, False),
    "a final sigma is a sigma": (
        "ΣΊΣΥΦΟΣ", "σισυφος", "σισυφος", True, False),
    "compatibility forms are folded": (
        "ﬁnance", "finance", "finance", True, False),
    "digits are folded as well": ("３４ men", "34", "34", True, False),
    "thousands are grouped": (
        "1,000 came", "1000", "1000", True, False),
    "a group of digits behind a comma is no number of its own": (
        "1,000 came", "000", "000", False, True),
    "a minus is no part of a number": (
        "at -5 degrees", "5", "5", True, False),
    "a date is its numbers": (
        "on 2026-11-27", "11", "11", True, False),
    "scripts without spaces are read by character": (
        "习近平讲话", "近平", "近平", True, False),
    "the host of an address is read word by word": (
        "see example.com now", "example", "example", True, False),
    "the path of an address too": (
        "see example.com/news now", "news", "news", True, False),
    "a mail address too": (
        "write to desk@example.org", "desk", "desk", True, False),
    "a path of a file too": (
        "in /usr/local/bin there", "local", "local", True, False),
    "words with a slash between are words": (
        "one/two", "two", "two", True, False),
    "an abbreviation is one word, with its points or without": (
        "the U.S. delegation", "us", "us", True, False),
    "an ampersand holds a name together": (
        "AT&T pays", "t", "t", False, True),
    "what looks like a tag is the text's": (
        "that x<peace>y is", "peace", "peace", True, False),
    "a soft hyphen is not there": (
        "the minis\u00adter", "minister", "minister", True, False),
    "capitals in a query are capitals": (
        "who knows", "WHO", "WHO", False, True),
}


@pytest.mark.parametrize("why", DIFFERENCES)
def test_difference(server, tmp_path, why):
    """what is known to differ does, for the reason that is given"""
    text, mine, other, held, they_held = DIFFERENCES[why]
    assert held != they_held
    assert bool(find_ours(tmp_path, [text], [mine])) == held
    assert bool(find_theirs(server, [text], [other])) == they_held


def test_differences_stay_apart(server, tmp_path):
    """beside words that are read in different ways the others are found
    alike, and phrases do not reach over them"""
    rng = random.Random(SEED + 1)
    words, weights = make_words(rng, 300)
    odd = [text for text, *_ in DIFFERENCES.values()]
    texts = [make_text(rng, words, weights, odd) for _ in range(TEXTS // 3)]
    plain = [make_text(rng, words, weights) for _ in range(200)]
    queries = [make_query(rng, 2, lambda: make_leaf(rng, words, weights,
                                                    plain))
               for _ in range(QUERIES // 2)]
    assert compare(server, tmp_path, texts, queries)
