#!/usr/bin/env node
// From the queue to the ticket with fetch, on Node 18 or newer.
//
//   docs/examples/book.mjs [ADDRESS]    ADDRESS is http://127.0.0.1:8080 unless given
//
// STAGEDOOR_EMAIL and STAGEDOOR_PASSWORD name the user; the default is the demonstration's fan.
// Paying completes the queue token, so the same user must not book elsewhere at the same time.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS_MAX = 5;
/** With more people ahead, the position is computed from the queue's line, which caches serve. */
const LONG = 4096;
const base = `${process.argv[2] ?? "http://127.0.0.1:8080"}/api/v1`;
let token;

/** Sends a request and reads the answer; waits and repeats when the service is busy. */
async function call(method, path, { body, key, isPublic } = {}) {
  const headers = { "Content-Type": "application/json" };
  if (token && !isPublic) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = key;
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    if (answer.ok) return answer.json();
    if (![429, 503].includes(answer.status) || attempt === ATTEMPTS_MAX) {
      throw new Error((await answer.json()).detail);
    }
    await sleep(1000 * Number(answer.headers.get("Retry-After") ?? 1));
  }
}

/** Computes how many are ahead (docs/api.md); nothing once the token has left the line. */
async function computeAhead({ roomId, sequence, ahead }) {
  const path = `/rooms/${roomId}/line`;
  const line = await call("GET", path, { isPublic: true });
  const block = Math.floor((sequence - 1) / line.blockSize);
  const index = (sequence - 1) % line.blockSize;
  const removed = [...Array(line.emptyBlocks).fill(line.blockSize), ...line.removed];
  const body = removed[block] ? await call("GET", `${path}/${block}`, { isPublic: true }) : { removed: "" };
  const bytes = Buffer.from(body.removed, "base64");
  const hasLeft = (at) => (bytes[at >> 3] >> (at & 7)) & 1;
  if (hasLeft(index)) return undefined;
  let result = sequence - 1 - removed.slice(0, block).reduce((sum, count) => sum + count, 0);
  for (let at = 0; at < index; at++) result -= hasLeft(at);
  return Math.min(ahead, result);
}

async function wait(place) {
  let heard = performance.now();
  while (place.status === "WAITING") {
    console.error(`waiting: ${place.ahead} people are ahead`);
    await sleep(1000 * place.pollAfterSeconds);
    const silent = (performance.now() - heard) / 1000 + place.pollAfterSeconds;
    const isLong = place.ahead > LONG && silent < place.heartbeatAfterSeconds;
    const ahead = isLong ? await computeAhead(place) : undefined;
    if (ahead !== undefined) {
      place.ahead = ahead;
      continue;
    }
    heard = performance.now();
    place = await call("GET", "/queue-tokens/me"); // this is a heartbeat
  }
}

async function book() {
  const attempt = randomUUID(); // repeated requests of one attempt have the same Idempotency-Keys

  const email = process.env.STAGEDOOR_EMAIL ?? "fan@example.com";
  const password = process.env.STAGEDOOR_PASSWORD ?? "stagedoor";
  ({ accessToken: token } = await call("POST", "/sessions", { body: { email, password } }));
  const concert = (await call("GET", "/concerts")).items.find((item) => item.bookable);
  if (!concert) throw new Error("nothing can be booked now");

  const place = await call("POST", `/concerts/${concert.id}/queue-tokens`, { key: `join-${attempt}` });
  ({ token } = place);
  await wait(place);

  const dates = await call("GET", `/concerts/${concert.id}/schedules?available=true`);
  const choice = { scheduleId: dates.items[0].id, bestAvailable: 2 };
  const hold = await call("POST", "/reservations", { body: choice, key: `hold-${attempt}` });

  const missing = hold.totalPrice - (await call("GET", "/points")).balance;
  if (missing > 0) {
    await call("POST", "/points/charges", { body: { amount: missing }, key: `charge-${attempt}` });
  }

  const body = { reservationId: hold.id };
  const { reservation } = await call("POST", "/payments", { body, key: `pay-${attempt}` });
  const seats = reservation.seats.map((seat) => seat.number);
  console.log(JSON.stringify({ reservationId: reservation.id, status: reservation.status, seats }));
}

book().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
