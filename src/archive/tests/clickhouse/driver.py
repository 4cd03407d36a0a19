"""Runs statements in an embedded ClickHouse: JSON in, for each question its rows in order of asking, a JSON list a line."""
import json
import sys

from chdb.session import Session

told = json.load(sys.stdin)
session = Session()
for statement in told["setup"]:
    session.query(statement)
for question in told["questions"]:
    session.query("truncate table win")
    pieces = ", ".join(f"({w}, {a}, {b})" for w, a, b in question["pieces"])
    session.query(f"insert into win values {pieces}")
    rows = session.query(question["statement"], "JSONCompactEachRow").bytes().decode()
    print(json.dumps([json.loads(row) for row in rows.splitlines()]))
