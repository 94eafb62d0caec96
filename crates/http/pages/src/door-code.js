// Codes and numbers of tickets, read without the service: docs/api.md says what a code is.

import { verifyAsync } from '@noble/ed25519';

const PREFIX = 'SD1';
/** What is signed begins with this. */
const PURPOSE = new TextEncoder().encode('stagedoor ticket 1');
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** The bytes of a code: the mark of its key, its number, its date, its signature. */
const MARK = 0;
const NUMBER = [1, 8];
const DATE = [8, 24];
const BYTES = 88;
/** Crockford's base 32, and the signs that only a check digit has. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U';
const NUMBER_DIGITS = 10;

/** The bytes of a text in base 45 (RFC 9285); nothing if it is none. */
function bytesOf(text) {
  const values = Array.from(text, (letter) => LETTERS.indexOf(letter));
  if (values.includes(-1) || values.length % 3 !== 0) return undefined;
  const bytes = new Uint8Array((values.length / 3) * 2);
  for (let index = 0; index * 3 < values.length; index += 1) {
    const value = values[index * 3] + 45 * values[index * 3 + 1] + 2025 * values[index * 3 + 2];
    if (value > 0xffff) return undefined;
    bytes.set([value >> 8, value & 0xff], index * 2);
  }
  return bytes;
}

const fromBase64 = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

/** The thumbprint of a public key begins with the mark of its codes. */
const markOf = ({ kid }) => fromBase64(kid.slice(0, 4))[0];

/** Whether a key signed a message: by the browser, or by the library where the browser has no Ed25519. */
async function hasSigned({ x }, message, signature) {
  const bytes = fromBase64(x);
  try {
    const key = await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, signature, message);
  } catch (error) {
    if (error.name !== 'NotSupportedError') throw error;
    return verifyAsync(signature, message, bytes);
  }
}

/** A number as people read it: `7K3MQ-9XF2D-6`. */
function written(value) {
  const digits = Array.from({ length: NUMBER_DIGITS }, (_, index) => DIGITS[Number((value >> BigInt(5 * (NUMBER_DIGITS - 1 - index))) & 31n)]).join('');
  return `${digits.slice(0, 5)}-${digits.slice(5)}-${DIGITS[Number(value % 37n)]}`;
}

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** What a code says, if one of the keys signed it: the number and the date of the ticket. */
export async function readCode(text, keys) {
  const bytes = text.startsWith(PREFIX) ? bytesOf(text.slice(PREFIX.length)) : undefined;
  if (bytes?.length !== BYTES) return undefined;
  const [signed, signature] = [bytes.slice(0, DATE[1]), bytes.slice(DATE[1])];
  const message = new Uint8Array([...PURPOSE, ...signed]);
  for (const key of keys.filter((known) => markOf(known) === bytes[MARK])) {
    if (await hasSigned(key, message, signature)) {
      const id = hex(bytes.slice(...DATE));
      const scheduleId = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-');
      return { number: written(BigInt(`0x${hex(bytes.slice(...NUMBER))}`)), scheduleId };
    }
  }
  return undefined;
}

/** A number as it is compared: people write small letters, and other letters for 0 and 1. */
export const plainNumber = (text) => text.toUpperCase().replace(/[-\s]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');

/** Whether a text can be the number of a ticket. */
export const isNumber = (text) => /^[0-9A-HJKMNP-TV-Z]{10}[0-9A-Z*~$=]$/.test(plainNumber(text));
