# SPDX-License-Identifier: ISC
"""The examples that are shipped hold what they promise."""
import os
import re

import pytest

from harness import EXAMPLES, headlined, wait_until

QUICKSTART = os.path.join(EXAMPLES, "quickstart.yaml")


@pytest.mark.short
@pytest.mark.parametrize("name", ["quickstart.yaml", "headlined.yaml"])
def test_check(name):
    """an example is free of faults and of warnings"""
    done = headlined("-c", os.path.join(EXAMPLES, name), "--check")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.short
def test_quickstart(daemon, tmp_path):
    """the quickstart shows an alert for each of its topics within three
    seconds, by its sample feed alone"""
    with open(QUICKSTART, encoding="utf-8") as file:
        text = file.read()
    # Only the sample feed: no test leaves the loopback.
    text = re.sub(r"  - url: .*\n    name: .*\n", "", text)
    text = text.replace("sample-feed.xml",
                        os.path.abspath(os.path.join(EXAMPLES,
                                                     "sample-feed.xml")))
    text = text.replace("../build/quickstart", str(tmp_path))
    text = text.replace("[terminal, syslog]", "[terminal]")
    assert "https://" not in text
    one = daemon({}, start=False)
    with open(one.config, "w", encoding="utf-8") as file:
        file.write(text)
    one.start()
    topics = ["ukraine-peacekeepers", "sanctions", "minerals", "g7-summits",
              "general-assembly-votes"]
    wait_until(lambda: all(t in one.output() for t in topics),
               "an alert for each topic", seconds=3)
    assert "Museum" not in one.output()


def read_keys(path):
    """Each key of a configuration, those commented out as well."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = re.sub(r"^( *)# (?=(- )?[a-z_]+: )", r"\1", line)
            yield from re.findall(r"(?:^|[\s{,])([a-z_]+):(?=\s)",
                                  line.split("#")[0])


def test_manual():
    """every key of the commented example stands in headlined.yaml(5)"""
    keys = set(read_keys(os.path.join(EXAMPLES, "headlined.yaml")))
    keys -= {"newsroom", "sanctions"}       # names that people give
    assert len(keys) > 30
    with open(os.path.join(EXAMPLES, "..", "doc", "headlined.yaml.5"),
              encoding="utf-8") as file:
        manual = file.read()
    assert [k for k in sorted(keys)
            if not re.search(rf"^\..*\b{k}\b", manual, re.M)] == []
