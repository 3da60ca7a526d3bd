#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""What examples/ has for Prometheus and Grafana asks for metrics that exist.

headlined(8) lists the metrics, and a test compares that with what the daemon
tells; here each name in an expression of the dashboard and of the alert rules
is looked for in the page. promtool, where it is installed, checks the rules,
runs their test and evaluates each expression of the dashboard's grammar.
Prints TAP.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.environ.get("srcdir") or
                       os.path.join(os.path.dirname(__file__), ".."))
NAME = re.compile(r"\b(?:headlined|process)_\w+")
OF_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")
# What Grafana puts in before it asks.
VARIABLES = {"$__rate_interval": "5m", "$job": "headlined",
             "$instance": ".*"}


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def of_manual():
    """Every metric, and those that are histograms."""
    section = read("doc", "headlined.8").split(".Sh METRICS")[1]
    section = section.split("\n.Sh ")[0].replace("\\\n", "")
    names, histograms = set(), set()
    for item in section.split("\n.It ")[1:]:
        head, text = item.split("\n", 1)
        found = NAME.findall(head)
        names.update(found)
        if "A histogram" in text:
            histograms.update(found)
    return names, histograms


def unknown(expr, names, histograms):
    """The names in it that no metric has."""
    for name in NAME.findall(expr):
        base = OF_HISTOGRAM.sub("", name)
        if name in histograms:
            yield f"{name} is a histogram: _bucket, _sum, _count"
        elif not (name in names or base in histograms):
            yield f"{name} is no metric"


def panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())


def exprs_of_dashboard():
    """(where, expression); and what is wrong with the rest."""
    dashboard = json.loads(read("examples", "grafana-dashboard.json"))
    seen = set()
    for panel in panels(dashboard):
        assert panel["id"] not in seen, f"two panels {panel['id']}"
        seen.add(panel["id"])
        assert panel["type"] == "row" or panel["targets"], panel["title"]
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]


def exprs_of_rules():
    """Without a YAML reader of our own: expressions are one line, or a block
    that is indented more than its key."""
    rules = read("examples", "headlined.rules.yml")
    for alert in re.split(r"\n {6}- alert: ", rules)[1:]:
        found = re.search(r"\n {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)",
                          alert)
        assert found, alert
        yield alert.split("\n")[0], found[1] or found[2]


def check_names(exprs, least):
    names, histograms = of_manual()
    exprs = list(exprs)
    wrong = [f"{where}: {what}" for where, expr in exprs
             for what in unknown(expr, names, histograms)]
    if len(exprs) < least:
        wrong.append(f"only {len(exprs)} expressions were found")
    return wrong


def promtool(*args, cwd):
    done = subprocess.run(["promtool", *args], cwd=cwd, check=False,
                          capture_output=True, text=True)
    return [] if done.returncode == 0 else \
        (done.stdout + done.stderr).splitlines()


def check_grammar(folder):
    """Rules made of the dashboard's expressions, as it asks for them."""
    rules = []
    for number, (_, expr) in enumerate(exprs_of_dashboard()):
        if expr.startswith("label_values("):
            continue
        for name, value in VARIABLES.items():
            expr = expr.replace(name, value)
        rules.append({"record": f"panel:{number}", "expr": expr})
    with open(os.path.join(folder, "dashboard.yml"), "w",
              encoding="utf-8") as file:
        json.dump({"groups": [{"name": "dashboard", "rules": rules}]}, file)
    return promtool("check", "rules", "dashboard.yml", cwd=folder)


def main():
    with tempfile.TemporaryDirectory() as folder:
        for path in (("examples", "headlined.rules.yml"),
                     ("examples", "prometheus.yml"),
                     ("tests", "data", "headlined.rules.test.yml")):
            with open(os.path.join(folder, path[-1]), "w",
                      encoding="utf-8") as file:
                file.write(read(*path))
        tests = [
            ("the dashboard asks for metrics that exist", None,
             lambda: check_names(exprs_of_dashboard(), 40)),
            ("the alert rules ask for metrics that exist", None,
             lambda: check_names(exprs_of_rules(), 15)),
            ("the dashboard's expressions are PromQL", "promtool",
             lambda: check_grammar(folder)),
            ("the alert rules are valid", "promtool", lambda: promtool(
                "check", "rules", "headlined.rules.yml", cwd=folder)),
            ("the alert rules wake whom they should", "promtool",
             lambda: promtool("test", "rules", "headlined.rules.test.yml",
                              cwd=folder)),
            ("what is to be scraped is valid", "promtool", lambda: promtool(
                "check", "config", "prometheus.yml", cwd=folder)),
        ]
        failed = False
        print(f"1..{len(tests)}")
        for number, (says, needs, check) in enumerate(tests, 1):
            if needs and shutil.which(needs) is None:
                print(f"ok {number} # SKIP {needs} is not installed")
                continue
            wrong = check()
            failed |= bool(wrong)
            print(f"{'not ok' if wrong else 'ok'} {number} - {says}")
            for line in wrong:
                print(f"# {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
