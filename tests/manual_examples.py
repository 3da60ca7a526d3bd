#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The examples of headlined-query(7) and headlined-entities(5), tried.

Comments in the source of a page say what is to be tried:

    .\\" query		the display behind it is a query of its own; lines of
			it with + and - are texts that it finds, and does not,
			in which a stroke parts the lines
    .\\" holds TEXT	a text, or an item of a JSON Feed, that it finds
    .\\" fails TEXT	one that it must not find; both stand between the two
    .\\" finds QUERY => TEXT	the same of what is said in a paragraph
    .\\" misses QUERY => TEXT
    .\\" refused QUERY => WORDS		no query, and what is said of it
    .\\" warned QUERY => WORDS		one that stands, with a warning
    .\\" pack		the display behind it is a whole pack; lines of it as
			"# TEXT -> IDS" say whom it finds in a text, or nobody
    .\\" faulty ENTITY => WORDS		an entity that is left out, and why

A \\n in a text is a line end. Prints what is wrong, one fault a line, and
exits 1 then.

usage: manual_examples.py HEADLINECTL PAGE
"""
import json
import os
import re
import subprocess
import sys
import tempfile

# What the examples name.
LIST = "# metals\ntungsten\nrare earth*\ncobalt\n"
TOPIC = "metals"


def read_page(path):
    """What its comments say, each (keyword, rest, line), and its displays."""
    told, block = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if block is not None:
                if line == ".Ed":
                    told.append(("display", "\n".join(block), number))
                    block = None
                else:
                    block.append(line.replace("\\e", "\\").replace("\\&", ""))
            elif line.startswith(".Bd -literal"):
                block = []
            else:
                found = re.match(r'\.\\" (query|holds|fails|finds|misses|'
                                 r'refused|warned|pack|faulty)'
                                 r'( (.*))?$', line)
                if found:
                    told.append((found[1], found[3] or "", number))
    return told


def split_texts(display):
    """What is asked, and the texts below it."""
    query, texts = [], []
    for line in display.split("\n"):
        text = re.match(r" +([+-]) (.*)", line)
        if text:
            texts.append(("holds" if text[1] == "+" else "fails",
                          text[2].replace(" / ", "\\n")))
        else:
            query.append(line)
    return "\n".join(query), texts


def gather(told, begin, parts):
    """The displays that a comment `begin` announces, with their texts."""
    at = None
    for word, rest, line in told:
        if word == begin:
            at = {"line": line, "texts": []}
        elif at is not None and word in parts:
            at["texts"].append((word, rest))
        elif at is not None and word == "display":
            at["text"] = rest
            yield at
            at = None


def gather_claims(told):
    for word, rest, line in told:
        if word in ("finds", "misses"):
            text, article = rest.split(" => ")
            yield {"line": line, "text": text, "texts": [
                ("holds" if word == "finds" else "fails", article)]}


def indent(text, by):
    return "".join(" " * by + line + "\n" for line in text.split("\n"))


class Trial:
    """headlinectl match, over a configuration that is made for it."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.config = os.path.join(folder, "headlined.yaml")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def configure(self, topics, packs="geopolitics"):
        text = f"feeds: [https://example.org/f]\nentities: [{packs}]\n"
        text += "topics:\n"
        for name, query in topics.items():
            text += f"  {name}:\n    match: |\n{indent(query, 6)}"
        self.write("headlined.yaml", text)

    def article(self, number, text):
        if text.startswith("{"):
            feed = {"version": "https://jsonfeed.org/version/1.1",
                    "title": "A feed", "items": [dict(json.loads(text),
                                                      id="1")]}
            text = json.dumps(feed)
        return self.write(f"text-{number}", text.replace("\\n", "\n") + "\n")

    def run(self, *args, named=True):
        """named: what the arguments name is the configuration's."""
        return subprocess.run(
            [self.program, "match", *(["-c", self.config] if named else []),
             *args], check=False, encoding="utf-8", capture_output=True,
            timeout=300)

    def articles(self, texts):
        """What is found in each text, in their order; or why not."""
        files = [self.article(i, text) for i, text in enumerate(texts)]
        done = self.run("--json", *files)
        try:
            return {text: one for text, one in
                    zip(texts, json.loads(done.stdout))}, done
        except ValueError:
            return None, done


def try_queries(trial, told):
    examples = [*gather(told, "query", ("holds", "fails")),
                *gather_claims(told)]
    for example in examples:
        example["text"], texts = split_texts(example["text"])
        example["texts"] += texts
    if not examples:
        return
    topics = {f"line-{e['line']}": e["text"] for e in examples}
    topics[TOPIC] = "list:metals"
    trial.configure(topics)
    texts = list(dict.fromkeys(t for e in examples for _, t in e["texts"]))
    found, done = trial.articles(texts)
    if found is None or len(found) != len(texts) or done.stderr:
        yield f"the examples cannot be tried: {done.stderr}"
    if found is None or len(found) != len(texts):
        return
    for example in examples:
        name = f"line-{example['line']}"
        for word, text in example["texts"]:
            holds = name in [t["topic"] for t in found[text]["topics"]]
            if holds != (word == "holds"):
                yield (f"line {example['line']}: {example['text']!r} "
                       f"{'finds' if holds else 'does not find'} {text!r}")


def try_faults(trial, told):
    trial.configure({TOPIC: "list:metals"})
    text = trial.article(0, "Grain\nGrain and wheat.")
    for word, rest, line in told:
        if word not in ("refused", "warned"):
            continue
        query, said = rest.split(" =>", 1)
        done = trial.run("--query", query, text, named=re.search(
            "(topic|list|country|person):", query) is not None)
        if (done.returncode == 2) != (word == "refused"):
            yield f"line {line}: {query!r} is not {word}: {done.stderr}"
        elif said.strip() not in done.stderr:
            yield (f"line {line}: of {query!r} it is not said "
                   f"{said.strip()!r} but {done.stderr}")


def try_packs(trial, told):
    for example in gather(told, "pack", ()):
        pack = trial.write("pack.yaml", example["text"] + "\n")
        trial.configure({TOPIC: "list:metals"}, pack)
        texts = [(text.replace(" / ", "\\n"), ids.split()) for text, ids in
                 re.findall(r"^# (.*) -> (.*)$", example["text"], re.M)]
        found, done = trial.articles([text for text, _ in texts])
        if not texts or found is None or done.stderr:
            yield f"line {example['line']}: the pack: {done.stderr}"
            continue
        for text, ids in texts:
            here = [e["id"] for e in found[text]["entities"]] or ["nobody"]
            if sorted(here) != sorted(ids):
                yield (f"line {example['line']}: {text!r} means "
                       f"{' '.join(here)}, and not {' '.join(ids)}")


def try_entities(trial, told):
    text = trial.article(0, "Nothing\nNobody.")
    for word, rest, line in told:
        if word != "faulty":
            continue
        entity, said = rest.split(" => ")
        pack = trial.write("pack.yaml", "entities:\n  - {id: Q1, kind: org, "
                           f"name: The First}}\n  - {entity}\n")
        trial.configure({TOPIC: "list:metals"}, pack)
        done = trial.run(text)
        if said not in done.stderr:
            yield f"line {line}: of {entity} it is said {done.stderr!r}"


def main():
    program, page = sys.argv[1:]
    told = read_page(page)
    # The pack that ships is beside the pages, not installed yet.
    os.environ["HEADLINED_PACKS"] = os.path.abspath(os.path.join(
        os.path.dirname(page), "..", "filters", "packs"))
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(program, folder)
        trial.write("metals.txt", LIST)
        faults = [*try_queries(trial, told), *try_faults(trial, told),
                  *try_packs(trial, told), *try_entities(trial, told)]
    if not any(word in ("query", "pack") for word, _, _ in told):
        faults.append("no example was found")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
