#!/usr/bin/env python3
"""Reads final wrap-ups as a consumer group, takes over what a worker that died has left, and acknowledges what is stored.

    python3 consume_wrapups.py 127.0.0.1 6379 worker-1 wrapups.jsonl

Run as many workers as you like, each with a name of its own. Nothing but the standard library is used; with redis-py the
same commands are r.xgroup_create, r.xautoclaim, r.xreadgroup and r.xack.
"""
import json, socket, sys

STREAM, GROUP, STALE_MS = "sidetone:wrapups", "crm", "600000"


class Redis:
    """The four kinds of answers of its protocol; no answer is waited for longer than 10 s."""

    def __init__(self, host, port):
        self.file = socket.create_connection((host, int(port)), timeout=10).makefile("rwb")

    def ask(self, *words):
        self.file.write(b"*%d\r\n" % len(words))
        for word in map(str.encode, words):
            self.file.write(b"$%d\r\n%s\r\n" % (len(word), word))
        self.file.flush()
        return self.answer()

    def answer(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode()
        if kind == b"*":
            return None if rest == b"-1" else [self.answer() for _ in range(int(rest))]
        if not kind:
            raise ConnectionError("Redis has gone")
        return rest.decode()


def store(redis, entries, path):
    for name, fields in entries:
        if fields:                                             # none: trimmed away before it was read
            event = json.loads(dict(zip(fields[::2], fields[1::2]))["event"])
            with open(path, "a", encoding="utf-8") as out:     # in a database: (call_id, seq) is the key
                out.write(json.dumps(event, ensure_ascii=False) + "\n")
        redis.ask("XACK", STREAM, GROUP, name)                 # only what is stored


def main(host, port, worker, path):
    redis = Redis(host, port)
    try:
        redis.ask("XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM")
    except RuntimeError as error:
        if not str(error).startswith("BUSYGROUP"):
            raise
    store(redis, (redis.ask("XREADGROUP", "GROUP", GROUP, worker, "STREAMS", STREAM, "0") or [[0, []]])[0][1], path)
    while True:
        store(redis, redis.ask("XAUTOCLAIM", STREAM, GROUP, worker, STALE_MS, "0-0", "COUNT", "10")[1], path)
        new = redis.ask("XREADGROUP", "GROUP", GROUP, worker, "COUNT", "10", "BLOCK", "5000", "STREAMS", STREAM, ">")
        for _, entries in new or []:
            store(redis, entries, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
