#!/usr/bin/env python3
"""Takes final wrap-ups from Sidetone's [handover], checks who sent them, and appends each once to a file.

    WEBHOOK_SECRET=whsec_… python3 receive_wrapups.py 9000 wrapups.jsonl

The signature is that of Standard Webhooks. Put TLS before it (nginx) unless Sidetone runs on this machine.
"""
import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ["WEBHOOK_SECRET"]
KEY = base64.b64decode(SECRET[6:]) if SECRET.startswith("whsec_") else SECRET.encode()
LATEST = 300          # seconds: an older request is somebody's copy
LARGEST = 1 << 20     # bytes
SEEN = set()          # ids; a CRM has a unique column for them


def is_genuine(headers, body):
    message, second = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not second.isdigit() or abs(time.time() - int(second)) > LATEST:
        return False
    signed = hmac.new(KEY, f"{message}.{second}.".encode() + body, hashlib.sha256).digest()
    right = "v1," + base64.b64encode(signed).decode()
    said = headers.get("webhook-signature", "").split()       # several while a secret is being changed
    return any(hmac.compare_digest(right.encode(), one.encode()) for one in said)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length <= LARGEST else b""
        if not is_genuine(self.headers, body):
            return self.answer(401)                            # Sidetone keeps it and tries again
        if self.headers["webhook-id"] not in SEEN:
            with open(sys.argv[2], "a", encoding="utf-8") as out:
                out.write(json.dumps(json.loads(body), ensure_ascii=False) + "\n")
            SEEN.add(self.headers["webhook-id"])
        self.answer(204)                                       # stored: it does not come again

    def answer(self, status):
        self.send_response(status)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
