import { concat, decimal, digest, equal, FormatFault, fromBase64, fromUtf8, toHex, utf8, type Bytes } from "./bytes.ts";
import { ed25519, sha256 } from "./crypto.ts";

/** C2SP signed-note, tlog-checkpoint and verifier keys, read as strictly as Probity.Ledger/Notes reads them. */
export interface VerifierKey {
  readonly name: string;
  readonly id: string;
  readonly type: number;
  readonly publicKey: Bytes;
  readonly text: string;
}

export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly bytes: Bytes;
}

export interface Note {
  readonly text: string;
  readonly signatures: NoteSignature[];
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Bytes;
}

export type NoteVerdict = { readonly ok: true; readonly by: VerifierKey[] } | { readonly ok: false; readonly code: string; readonly detail: string };

const ED25519 = 1;
const COSIGNATURE = 4;
const MAX_BYTES = 1 << 20;
const isKeyName = (name: string): boolean => name.length > 0 && name.isWellFormed() && !/[\s+\u0000-\u001f]/.test(name);

export async function parseKey(text: string): Promise<VerifierKey> {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const typed = match ? fromBase64(match[3]!) : null;
  if (!match || !typed || typed.length < 2 || !isKeyName(match[1]!) || text.length > 16 * 1024) {
    throw new FormatFault("A verifier key is a name, eight lower-case hexadecimal digits and base64, joined by plus signs.");
  }
  const [, name, id] = match as unknown as [string, string, string];
  const type = typed[0]!;
  if (type === ED25519 || type === COSIGNATURE) {
    if (typed.length !== 33) throw new FormatFault("An Ed25519 public key is 32 bytes of a usable point.");
    const hash = await sha256(concat(utf8(name), utf8("\n"), typed));
    if (toHex(hash.subarray(0, 4)) !== id) throw new FormatFault("The key id is not that of this name and this public key.");
  }
  return { name, id, type, publicKey: typed.slice(1), text };
}

export const logKeys = (keys: VerifierKey[], origin: string): VerifierKey[] => keys.filter((k) => k.type === ED25519 && k.name === origin);

export function parseNote(note: string): Note {
  if (note.length > MAX_BYTES) throw new FormatFault("A note has at most 1 MiB.");
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new FormatFault("A note has no control characters below U+0020 but newline.");
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0 || blank + 2 === note.length || !note.endsWith("\n")) {
    throw new FormatFault("A note ends with a blank line and one or more signature lines, each with its newline.");
  }
  const lines = note.slice(blank + 2, -1).split("\n");
  if (lines.length > 100) throw new FormatFault("A note has at most 100 signatures.");
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const match = /^— (\S+) (\S+)$/u.exec(line);
  const blob = match ? fromBase64(match[2]!) : null;
  if (!match || !blob || blob.length <= 4 || !isKeyName(match[1]!)) {
    throw new FormatFault("A signature line is an em dash, a space, a key name, a space and padded base64 of 5 bytes or more.");
  }
  return { name: match[1]!, id: toHex(blob.subarray(0, 4)), bytes: blob.slice(4) };
}

export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.at(-1) !== "" || lines.slice(0, -1).includes("")) {
    throw new FormatFault("A checkpoint is three or more lines, each with its newline.");
  }
  const size = decimal(lines[1]!);
  if (size === null) throw new FormatFault("The second line of a checkpoint is its size in decimal digits without leading zeros.");
  const root = digest(lines[2]!);
  if (root === null) throw new FormatFault("The third line of a checkpoint is its root hash, 44 characters of padded base64.");
  return { origin: lines[0]!, size, root };
}

/**
 * Every signature of a known key must hold; those of unknown keys are ignored. A cosignature says nothing about who
 * keeps the log, so it is checked but never enough.
 */
export async function verifyNote(note: Note, known: VerifierKey[]): Promise<NoteVerdict> {
  const text = utf8(note.text);
  const by: VerifierKey[] = [];
  for (const signature of note.signatures) {
    const named = known.filter((k) => (k.type === ED25519 || k.type === COSIGNATURE) && k.id === signature.id && k.name === signature.name);
    const keys = named.filter((k, i) => named.findIndex((other) => other.text === k.text) === i);
    const who = `${signature.name}+${signature.id}`;
    if (keys.length > 1) return { ok: false, code: "note.ambiguous_key", detail: `Two different known keys share name and id: ${who}.` };
    const key = keys[0];
    if (!key) continue;
    if (!(await holds(key, text, signature.bytes))) {
      return { ok: false, code: "note.invalid_signature", detail: `The signature of a known key fails: ${who}.` };
    }
    by.push(key);
  }
  return by.length > 0 ? { ok: true, by } : { ok: false, code: "note.no_known_signature", detail: "No known key has signed the note." };
}

/** Source of the second form: C2SP tlog-cosignature, Format. */
async function holds(key: VerifierKey, text: Bytes, signature: Bytes): Promise<boolean> {
  if (key.type === ED25519) return ed25519(key.publicKey, text, signature);
  if (signature.length !== 72) return false;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  return ed25519(key.publicKey, concat(utf8(`cosignature/v1\ntime ${seconds}\n`), text), signature.slice(8));
}

/** Whether a key of the log signed this text under another name or id: the lines were edited, not the log. */
export async function isSignedUnderAnotherName(note: Note, keys: VerifierKey[]): Promise<boolean> {
  const text = utf8(note.text);
  for (const signature of note.signatures) {
    for (const key of keys) {
      if (await ed25519(key.publicKey, text, signature.bytes)) return true;
    }
  }
  return false;
}

export const noteFromBytes = (bytes: Uint8Array): Note => parseNote(fromUtf8(bytes, "A note"));
export const sameKey = (a: VerifierKey, b: VerifierKey): boolean => a.name === b.name && equal(a.publicKey, b.publicKey) && a.type === b.type;
