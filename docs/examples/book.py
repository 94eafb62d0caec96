#!/usr/bin/env python3
"""From the queue to the ticket with Python's standard library.

    docs/examples/book.py [ADDRESS]    ADDRESS is http://127.0.0.1:8080 unless given

STAGEDOOR_EMAIL and STAGEDOOR_PASSWORD name the user; the default is the demonstration's fan.
Paying completes the queue token, so the same user must not book elsewhere at the same time.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

ATTEMPTS_MAX = 5
# With more people ahead, the position is computed from the queue's line, which caches serve.
LONG = 4096


class Api:
    def __init__(self, address):
        self.base = f"{address}/api/v1"
        self.token = None

    def call(self, method, path, body=None, key=None, public=False):
        """Sends a request and reads the answer; waits and repeats when the service is busy."""
        headers = {"Content-Type": "application/json"}
        if self.token and not public:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                with urllib.request.urlopen(request) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as refusal:
                if refusal.code not in (429, 503) or attempt == ATTEMPTS_MAX:
                    sys.exit(json.load(refusal)["detail"])
                time.sleep(int(refusal.headers.get("Retry-After", 1)))
            except urllib.error.URLError as failure:
                sys.exit(f"{self.base}: {failure.reason}")

    def ahead(self, place):
        """Computes how many are ahead (docs/api.md); nothing once the token has left the line."""
        path = f"/rooms/{place['roomId']}/line"
        line = self.call("GET", path, public=True)
        block, index = divmod(place["sequence"] - 1, line["blockSize"])
        removed = [line["blockSize"]] * line["emptyBlocks"] + line["removed"]
        bits = 0
        if any(removed[block : block + 1]):
            body = self.call("GET", f"{path}/{block}", public=True)
            bits = int.from_bytes(base64.b64decode(body["removed"]), "little")
        if bits >> index & 1:
            return None
        in_block = bin(bits & ((1 << index) - 1)).count("1")
        return min(place["ahead"], place["sequence"] - 1 - sum(removed[:block]) - in_block)


def wait(api, place):
    heard = time.monotonic()
    while place["status"] == "WAITING":
        print(f"waiting: {place['ahead']} people are ahead", file=sys.stderr)
        time.sleep(place["pollAfterSeconds"])
        silent = time.monotonic() - heard + place["pollAfterSeconds"]
        is_long = place["ahead"] > LONG and silent < place["heartbeatAfterSeconds"]
        ahead = api.ahead(place) if is_long else None
        if ahead is None:  # this is a heartbeat
            place, heard = api.call("GET", "/queue-tokens/me"), time.monotonic()
        else:
            place["ahead"] = ahead


def book(address):
    api = Api(address)
    attempt = uuid.uuid4()  # repeated requests of one attempt have the same Idempotency-Keys

    email = os.environ.get("STAGEDOOR_EMAIL", "fan@example.com")
    password = os.environ.get("STAGEDOOR_PASSWORD", "stagedoor")
    api.token = api.call("POST", "/sessions", {"email": email, "password": password})["accessToken"]
    bookable = [item for item in api.call("GET", "/concerts")["items"] if item["bookable"]]
    if not bookable:
        sys.exit("nothing can be booked now")
    concert = bookable[0]

    place = api.call("POST", f"/concerts/{concert['id']}/queue-tokens", key=f"join-{attempt}")
    api.token = place["token"]
    wait(api, place)

    dates = api.call("GET", f"/concerts/{concert['id']}/schedules?available=true")
    choice = {"scheduleId": dates["items"][0]["id"], "bestAvailable": 2}
    hold = api.call("POST", "/reservations", choice, key=f"hold-{attempt}")

    missing = hold["totalPrice"] - api.call("GET", "/points")["balance"]
    if missing > 0:
        api.call("POST", "/points/charges", {"amount": missing}, key=f"charge-{attempt}")

    payment = api.call("POST", "/payments", {"reservationId": hold["id"]}, key=f"pay-{attempt}")
    ticket = payment["reservation"]
    seats = [seat["number"] for seat in ticket["seats"]]
    print(json.dumps({"reservationId": ticket["id"], "status": ticket["status"], "seats": seats}))


book(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080")
