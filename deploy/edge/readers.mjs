#!/usr/bin/env node
// Simulates users in a long queue who read its line through a cache.
//
//   deploy/edge/readers.mjs CACHE ROOM READERS [SECONDS] [EVERY]
//
// CACHE is such as http://127.0.0.1:6081, ROOM the room's id. Each of READERS users reads the line EVERY seconds (30 unless
// given), and the block of a random sequence number whenever the count of that block has changed, for SECONDS (30). Reads begin at
// their times whether or not earlier ones were answered. Prints the reads in a second, their answers and latencies.

import http from "node:http";

const [cache, room, readers, seconds = "30", every = "30"] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const seen = { reads: 0, blocks: 0, bytes: 0, statuses: {}, milliseconds: [] };
const path = `/api/v1/rooms/${room}/line`;
let line;

function read(of) {
  return new Promise((resolve) => {
    const began = performance.now();
    const request = http.get(cache + of, { agent, headers: { "Accept-Encoding": "gzip" } }, (answer) => {
      const parts = [];
      answer.on("data", (part) => { seen.bytes += part.length; parts.push(part); });
      answer.on("end", () => {
        seen.milliseconds.push(performance.now() - began);
        seen.statuses[answer.statusCode] = (seen.statuses[answer.statusCode] ?? 0) + 1;
        resolve(Buffer.concat(parts));
      });
    });
    request.on("error", ({ code }) => { seen.statuses[code] = (seen.statuses[code] ?? 0) + 1; resolve(); });
  });
}

/** One user's read: a copy of the block is needed again if the count of the block has changed since the last read. */
async function readAsUser(user) {
  seen.reads += 1;
  await read(path);
  const block = Math.floor(user.index / line.blockSize);
  const count = block < line.emptyBlocks ? 0 : line.removed[block - line.emptyBlocks] ?? 0;
  if (count === user.count) return;
  user.count = count;
  seen.blocks += 1;
  await read(`${path}/${block}`);
}

const users = Array.from({ length: Number(readers) }, () => ({ index: 0, count: 0 }));
const refresh = async () => { line = await fetch(cache + path).then((answer) => answer.json()); };
await refresh();
for (const user of users) user.index = Math.floor(Math.random() * line.lastSequence);
const refreshing = setInterval(refresh, 1000);
const began = performance.now();
let sent = 0;
const running = new Set();
const timer = setInterval(() => {
  const due = ((performance.now() - began) / 1000) * (users.length / Number(every));
  for (; sent < due; sent += 1) {
    const reading = readAsUser(users[sent % users.length]).finally(() => running.delete(reading));
    running.add(reading);
  }
}, 10);
await new Promise((resolve) => { setTimeout(resolve, 1000 * Number(seconds)); });
clearInterval(timer);
clearInterval(refreshing);
await Promise.all(running);
const took = (performance.now() - began) / 1000;
const sorted = seen.milliseconds.sort((one, other) => one - other);
const at = (share) => Number((sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1));
console.log(JSON.stringify({
  readers: users.length, linesPerSecond: Math.round(seen.reads / took), blocksPerSecond: Math.round(seen.blocks / took),
  megabytesPerSecond: Number((seen.bytes / took / 1e6).toFixed(2)), statuses: seen.statuses,
  milliseconds: { median: at(0.5), p99: at(0.99), most: at(1) },
}));
agent.destroy();
