# SPDX-License-Identifier: ISC
"""A webhook's receiving end: records each message with its raw body and
headers, and answers as the test has scripted."""
import base64
import hashlib
import hmac
import json

from feed_server import Answer, Server


class WebhookReceiver(Server):
    """script: answers given one after another (a status, or an Answer), then
    200 for ever."""

    def __init__(self):
        super().__init__()
        self.script = []

    def find_answer(self, request):
        with self.lock:
            step = self.script.pop(0) if self.script else 200
        return step if isinstance(step, Answer) else Answer("", step)

    def hang(self):
        """The next message gets no answer until the gate is opened."""
        gate = self.gate()
        self.script.append(Answer([gate, "late"]))
        return gate

    def messages(self):
        with self.lock:
            return list(self.requests)

    def alerts(self):
        """The bodies, decoded."""
        return [json.loads(r.body) for r in self.messages()]

    def titles(self):
        return [a["data"]["item"]["title"] for a in self.alerts()]

    def topics(self):
        return [a["subject"] for a in self.alerts()]


def sign(secret, message):
    """Standard Webhooks, symmetric scheme v1, from its text: HMAC-SHA256 over
    "id.timestamp.body" with the key behind "whsec_"."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([message.headers["webhook-id"].encode(),
                        message.headers["webhook-timestamp"].encode(),
                        message.body])
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
