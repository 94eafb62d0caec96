// A picture that tests upload.

import { deflateSync } from 'node:zlib';

/** The checksum of a part of a PNG file. */
function crc(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG file with these rows of pixels. */
function png(width, height, rows) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(rows));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** A PNG file of one colour. */
export function picture(width, height) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([200, 60, 90]))]);
  return png(width, height, Array(height).fill(row));
}

/** A PNG file with as much detail as a photograph has: shapes, shades and grain. */
export function photo(width, height) {
  let grain = 1;
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x += 1) {
      grain = (grain * 48_271) % 2_147_483_647;
      const shape = Math.sin(x / 37) + Math.cos(y / 53) + Math.sin((x + y) / 11) * 0.4 + Math.cos((x * y) / 9_000) * 0.7;
      const shade = 110 + shape * 34 + (grain % 17);
      row.set([shade, shade * 0.8, 255 - shade].map((value) => Math.max(0, Math.min(255, Math.round(value)))), 1 + x * 3);
    }
    return row;
  });
  return png(width, height, rows);
}
