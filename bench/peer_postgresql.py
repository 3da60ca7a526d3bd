#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""PostgreSQL's full-text search as a peer; see bench/peer.h for what it is
told and answers. The first document is the queries, one a line, as to_tsquery
has them; the others are articles, whose items are the queries that hold. Each
pass makes a tsvector of each article once. The time is that of the one
session's process. Exit status 77: it is not installed."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tests", "scenario"))

try:
    import postgresql
except ImportError:             # pytest, which the scenarios' harness needs
    sys.exit(77)

MATCH = """WITH t AS MATERIALIZED (SELECT n, to_tsvector('simple', body) AS v
    FROM texts) SELECT {what} FROM t, queries AS q WHERE t.v @@ q.q {rest};"""


class Session:
    def __init__(self, server):
        self.psql = subprocess.Popen(
            server.psql_argv(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, encoding="utf-8")
        self.pid = int(self.ask("SELECT pg_backend_pid();")[0])

    def ask(self, text):
        """Lines of the answer."""
        self.psql.stdin.write(text + "\n\\echo that is all\n")
        self.psql.stdin.flush()
        lines = []
        for line in self.psql.stdout:
            if line == "that is all\n":
                return lines
            lines.append(line.rstrip("\n"))
        sys.exit("psql has ended")

    def cpu_us(self):
        with open(f"/proc/{self.pid}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[0]) // 1000

    def fill(self, docs):
        copy = postgresql.copy_rows
        self.ask("CREATE TABLE texts (n int, body text);"
                 "CREATE TABLE given (n int, q text);\n" +
                 copy("given", enumerate(docs[0].splitlines())) +
                 copy("texts", ((n, text.replace("\n", " ")) for n, text in
                                enumerate(docs) if n > 0)) +
                 "CREATE TABLE queries AS SELECT n, to_tsquery('simple', q) "
                 "AS q FROM given; ANALYZE;")

    def count_each(self, n):
        """How many queries hold, document by document."""
        found = dict(line.split("\t") for line in self.ask(MATCH.format(
            what="t.n, count(*)", rest="GROUP BY t.n")))
        return [int(found.get(str(i), 0)) for i in range(n)]

    def run_round(self, limit_us):
        size = int(self.ask("SELECT sum(octet_length(body)) FROM texts;")[0])
        start, sizes, items, spent = self.cpu_us(), 0, 0, 0
        while spent == 0 or spent < limit_us:
            items += int(self.ask(MATCH.format(what="count(*)", rest=""))[0])
            sizes += size
            spent = self.cpu_us() - start
        return sizes, spent, items


def answer(stream, session):
    docs = [stream.read(int(stream.readline())).decode()
            for _ in range(int(stream.readline()))]
    session.fill(docs)
    print(*session.count_each(len(docs)), sep="\n", flush=True)
    for line in stream:
        word, number = line.decode().split()
        if word == "skip":
            session.ask(f"DELETE FROM texts WHERE n = {int(number)};")
        elif word == "round":
            print(*session.run_round(int(number)), flush=True)


def main():
    if postgresql.find_programs() is None:
        sys.exit(77)
    if sys.argv[1:] == ["--is-there"]:
        return
    server = postgresql.Postgresql()
    try:
        answer(sys.stdin.buffer, Session(server))
    finally:
        server.stop()


main()
