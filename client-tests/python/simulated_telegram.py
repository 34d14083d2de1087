"""The simulator's control API, asked directly and not through the gateway."""

import json
import urllib.request


class SimulatedTelegram:
    def __init__(self, url):
        self.url = url

    def ledger(self, bot, chat):
        """All that a chat was sent, refused calls included, in order: "method outcome weight text"."""
        entries = self._call(f"/simulator/ledger/{bot}/{chat}")
        return [f"{e['method']} {e['outcome']} {e['weight']} {e['text']}".strip() for e in entries]

    def received(self, bot, chat):
        """What a chat has: the accepted calls of its ledger.

        A call that leaves late and one that leaves early can meet at Telegram closer together than they were let go; then
        Telegram says 429, and the gateway waits and sends again.
        """
        return [line for line in self.ledger(bot, chat) if " accepted " in line]

    def flood_chat(self, chat, retry_after):
        self._call(f"/simulator/chats/{chat}", {"state": "flooded", "retry_after": retry_after})

    def next_call_suffers(self, chat, effect, duration_ms):
        self._call("/simulator/faults", {"effect": effect, "duration_ms": duration_ms, "chat": chat, "times": 1})

    def user_writes(self, user, bot, text):
        self._call(f"/simulator/users/{user}/messages", {"bot": bot, "text": text})

    def _call(self, path, parameters=None):
        body = None if parameters is None else json.dumps(parameters).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["result"]
