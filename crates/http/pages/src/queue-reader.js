// The position in a queue. In a long queue the page computes it from the room's line, which caches serve, and sends
// heartbeats less often.

import { get } from './api.js';

/** With more people ahead than this, a queue is long. */
const LONG = 4096;

/** Whether the position is computed from the line. */
export const isLong = ({ status, ahead, sequence }) => status === 'WAITING' && Boolean(sequence) && ahead > LONG;

/** The count of sequence numbers of the blocks before this one that have left. */
function removedBefore({ blockSize, emptyBlocks, removed }, block) {
  const empty = Math.min(emptyBlocks, block);
  return removed.slice(0, block - empty).reduce((sum, count) => sum + count, empty * blockSize);
}

const hasLeft = (bytes, index) => ((bytes[index >> 3] >> (index & 7)) & 1) === 1;

/** The count of the first `end` sequence numbers of a block that have left. */
function removedIn(bytes, end) {
  let count = 0;
  for (let index = 0; index < end; index += 1) if (hasLeft(bytes, index)) count += 1;
  return count;
}

export class QueueReader {
  /** `ask` reads the token itself, which is a heartbeat. `heardAt` is when the last heartbeat was sent. */
  constructor(ask, heardAt = 0) {
    this.ask = ask;
    this.heardAt = heardAt;
    this.bytes = new Uint8Array();
    this.count = 0;
  }

  /** The place of a token now, of which `known` was shown last. */
  async read(known, signal) {
    if (known && isLong(known) && !this.isHeartbeatDue(known)) {
      // A line that cannot be read says nothing about the token, which is asked for instead.
      const computed = await this.compute(known, signal).catch(() => undefined);
      if (computed) return computed;
    }
    const place = await this.ask(signal);
    this.heardAt = Date.now();
    return place;
  }

  /** The next read may come a whole interval of polls later. */
  isHeartbeatDue({ heartbeatAfterSeconds, pollAfterSeconds }) {
    return Date.now() - this.heardAt >= 1000 * (heartbeatAfterSeconds - pollAfterSeconds);
  }

  /** The place by the room's line; nothing if the token has left it: it was admitted, or it has expired. */
  async compute(known, signal) {
    const path = `/rooms/${known.roomId}/line`;
    // Without the session's cookie, which would keep caches from answering, and past the browser's own cache.
    const read = (of) => get(of, { signal, attempts: 1, credentials: 'omit', cache: 'no-store' });
    const line = await read(path);
    const before = known.sequence - 1;
    const block = Math.floor(before / line.blockSize);
    const index = before % line.blockSize;
    if (block < line.emptyBlocks) return undefined;
    if ((line.removed[block - line.emptyBlocks] ?? 0) !== this.count) {
      const { removed } = await read(`${path}/${block}`);
      this.bytes = Uint8Array.from(atob(removed), (character) => character.charCodeAt(0));
      this.count = removedIn(this.bytes, line.blockSize);
    }
    if (hasLeft(this.bytes, index)) return undefined;
    // The parts may differ in age: the result is never below the position now, and what was shown never rises.
    const ahead = Math.min(known.ahead, before - removedBefore(line, block) - removedIn(this.bytes, index));
    const rate = line.paused ? null : line.admittedPerSecond;
    return {
      ...known,
      ahead,
      position: ahead + 1,
      waiting: line.waiting,
      paused: line.paused,
      message: line.message,
      estimatedWaitSeconds: rate ? Math.ceil((ahead + 1) / rate) : null,
    };
  }
}
