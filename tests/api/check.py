"""Starts a demonstration and checks its API from outside. Called by `tests/api/run`."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
TOOLS = Path(sys.executable).parent
EXAMPLES_PER_OPERATION = "20"
PASSWORD = "stagedoor"


class Demo:
    """A demonstration on a port and in a directory of its own."""

    def __init__(self, binary, directory):
        command = [binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", f"{directory}/data"]
        clean = {"PATH": os.environ["PATH"]}
        self.log = open(f"{directory}/server.log", "w+")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=clean)
        self.address = self.wait_for_address()

    def wait_for_address(self):
        while self.process.poll() is None:
            self.log.seek(0)
            found = re.search(r"listening on (http://[0-9.:]+)", self.log.read())
            if found:
                return found[1]
        self.log.seek(0)
        raise SystemExit(f"the server did not start:\n{self.log.read()}")

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
        self.log.close()


def known_ids(demo, access_token):
    """A queue token, and ids that exist, so that requests get past 404."""
    user_id = demo.call("GET", "/api/v1/users/me", token=access_token)["id"]
    concert_id = demo.call("GET", "/api/v1/concerts")["items"][0]["id"]
    joined = demo.call("POST", f"/api/v1/concerts/{concert_id}/queue-tokens", token=access_token)
    token = joined["token"]
    schedule = demo.call("GET", f"/api/v1/concerts/{concert_id}/schedules", token=token)["items"][0]
    seats = demo.call("GET", f"/api/v1/schedules/{schedule['id']}/seats", token=token)
    return token, {
        "path.concertId": concert_id,
        "path.scheduleId": schedule["id"],
        "path.seriesId": schedule["id"],
        "path.seatId": seats[0]["id"],
        "path.date": schedule["startsAt"][:10],
        "path.userId": user_id,
        "path.tokenId": joined["id"],
        "header.tokenId": joined["id"],
        "query.userId": user_id,
    }


def schemathesis(demo, directory, name, token, parameters):
    settings = "".join(f'"{key}" = "{value}"\n' for key, value in parameters.items())
    config = Path(directory) / f"{name}.toml"
    config.write_text(f"{(HERE / 'schemathesis.toml').read_text()}\n[parameters]\n{settings}")
    command = [
        TOOLS / "schemathesis", "--config-file", config, "run", f"{demo.address}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--checks", "all", "--seed", "1",
        "--max-examples", EXAMPLES_PER_OPERATION, "--continue-on-failure",
    ]
    return subprocess.run(command, cwd=directory).returncode == 0


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
            fan = demo.sign_in("fan")
            queue_token, ids = known_ids(demo, fan)
            organizer, operator = demo.sign_in("organizer"), demo.sign_in("operator")
            for name, token, parameters in [
                ("fan", queue_token, ids),
                ("organizer", organizer, {"path.concertId": ids["path.concertId"]}),
                ("operator", operator, {}),
            ]:
                passed[f"schemathesis as {name}"] = schemathesis(demo, directory, name, token, parameters)
        finally:
            demo.stop()
    for name, has_passed in passed.items():
        print(f"tests/api: {name}: {'passed' if has_passed else 'FAILED'}")
    sys.exit(0 if all(passed.values()) else 1)


main()
