"""Starts a demonstration and checks its API from outside. Called by `tests/api/run`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = Path(sys.executable).parent
EXAMPLES_PER_OPERATION = "20"
PASSWORD = "stagedoor"


class Demo:
    """A demonstration on a port and in a directory of its own."""

    def __init__(self, binary, directory):
        # It asks as fast as it can, all of it from one address.
        command = [binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", f"{directory}/data", "--rate-limits", "off"]
        clean = {"PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean, text=True)
        self.address = self.wait_for_address()
        # Its output must be read, or the full pipe would block it.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def wait_for_address(self):
        said = []
        for line in self.process.stdout:
            said.append(line)
            found = re.search(r"listening on (http://[0-9.:]+)", line)
            if found:
                return found[1]
        raise SystemExit(f"the server did not start:\n{''.join(said)}")

    def call(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def sign_in(self, who):
        body = {"email": f"{who}@example.com", "password": PASSWORD}
        return self.call("POST", "/api/v1/sessions", body)["accessToken"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def known_ids(demo, access_token, operator):
    """Ids that exist, by the names that fields and parameters have for them, so that requests get past 404."""
    user_id = demo.call("GET", "/api/v1/users/me", token=access_token)["id"]
    concert_id = demo.call("GET", "/api/v1/concerts")["items"][0]["id"]
    rooms = demo.call("GET", "/api/v1/rooms", token=operator)["items"]
    room_id = next(room["id"] for room in rooms if room["concertId"] == concert_id)
    capacity = {"capacity": 1000, "admitBatch": 1000, "admitIntervalSeconds": 1}
    demo.call("PATCH", f"/api/v1/rooms/{room_id}", capacity, token=operator)
    joined = demo.call("POST", f"/api/v1/concerts/{concert_id}/queue-tokens", token=access_token)
    token = joined["token"]
    schedule = demo.call("GET", f"/api/v1/concerts/{concert_id}/schedules", token=token)["items"][0]
    seats = demo.call("GET", f"/api/v1/schedules/{schedule['id']}/seats?available=true", token=token)
    hold = demo.call("POST", "/api/v1/reservations", {"scheduleId": schedule["id"], "bestAvailable": 1}, token=token)
    demo.call("POST", "/api/v1/points/charges", {"amount": 10_000_000}, token=token)
    paid = demo.call("POST", "/api/v1/payments", {"reservationId": hold["id"]}, token=token)
    return {
        "userId": user_id, "concertId": concert_id, "roomId": room_id, "tokenId": joined["id"],
        "scheduleId": schedule["id"], "seriesId": schedule["id"], "concertScheduleId": schedule["id"],
        "date": schedule["startsAt"][:10], "seatId": seats[-1]["id"], "paymentId": paid["id"],
        "reservationId": hold["id"], "temporaryReservationId": hold["id"],
    }


IN_PATHS = [
    "concertId", "roomId", "tokenId", "scheduleId", "seriesId", "date", "seatId", "userId", "paymentId",
    "reservationId", "temporaryReservationId",
]


def schemathesis(demo, directory, role, access, ids):
    parameters = {f"path.{name}": ids[name] for name in IN_PATHS} if role == "fan" else {}
    if role == "operator":
        parameters = {f"path.{name}": ids[name] for name in ("roomId", "concertId", "scheduleId")}
    if role == "organizer":
        parameters = {"path.concertId": ids["concertId"]}
    if role == "fan":
        parameters |= {"header.tokenId": ids["tokenId"], "query.userId": ids["userId"]}
    config = Path(directory) / f"{role}.toml"
    settings = "".join(f'"{key}" = "{value}"\n' for key, value in parameters.items())
    config.write_text(f"{(HERE / 'schemathesis.toml').read_text()}\n[parameters]\n{settings}")
    command = [
        TOOLS / "schemathesis", "--config-file", config, "run", f"{demo.address}/openapi.json",
        "--checks", "all", "--seed", "1", "--max-examples", EXAMPLES_PER_OPERATION,
        "--request-timeout", "2", "--continue-on-failure",
    ]
    in_bodies = {name: ids[name] for name in ("userId", "concertId", "scheduleId", "seriesId", "concertScheduleId")}
    known = {"role": role, "access": access, "address": demo.address, **(in_bodies if role == "fan" else {})}
    env = os.environ | {
        "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE),
        "STAGEDOOR_KNOWN": json.dumps({"concertId": ids["concertId"], **known}),
    }
    return subprocess.run(command, cwd=directory, env=env).returncode == 0


def generated_client(demo, directory):
    package = Path(directory) / "generated"
    command = [
        TOOLS / "openapi-python-client", "generate", "--url", f"{demo.address}/openapi.json",
        "--meta", "none", "--output-path", package, "--fail-on-warning",
        "--config", HERE / "generated_client.yaml",
    ]
    if subprocess.run(command, cwd=directory).returncode != 0:
        return False
    walk = [sys.executable, HERE / "generated_client.py", demo.address]
    return subprocess.run(walk, env=os.environ | {"PYTHONPATH": str(directory)}).returncode == 0


def main():
    with tempfile.TemporaryDirectory(prefix="stagedoor-api.") as directory:
        demo = Demo(Path(sys.argv[1]).resolve(), directory)
        try:
            passed = {"generated client": generated_client(demo, directory)}
            access = {role: demo.sign_in(role) for role in ("fan", "organizer", "operator")}
            ids = known_ids(demo, access["fan"], access["operator"])
            for role, token in access.items():
                passed[f"schemathesis as {role}"] = schemathesis(demo, directory, role, token, ids)
        finally:
            demo.stop()
    for name, has_passed in passed.items():
        print(f"tests/api: {name}: {'passed' if has_passed else 'FAILED'}")
    sys.exit(0 if all(passed.values()) else 1)


main()
