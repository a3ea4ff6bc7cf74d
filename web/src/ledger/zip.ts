import { FormatFault, fromUtf8, type Bytes } from "./bytes.ts";

/** The part of zip that an evidence pack uses: stored and deflated files, data descriptors, zip64 sizes. */
export interface ZipFile {
  readonly name: string;
  read(bound: number): Promise<Bytes>;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_FILES = 400_000;

export function readZip(bytes: Bytes): ZipFile[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  let count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === 0xffff || at === 0xffffffff) ({ count, at } = readEnd64(view, end));
  if (count > MAX_FILES) throw new FormatFault(`A pack has at most ${MAX_FILES} files here.`);
  const files: ZipFile[] = [];
  for (let i = 0; i < count; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== ENTRY) throw new FormatFault("The directory of the zip is broken.");
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const name = fromUtf8(bytes.subarray(at + 46, at + 46 + nameLength), "A file name in the zip");
    const sizes = sizesOf(view, at, at + 46 + nameLength, extraLength);
    const method = view.getUint16(at + 10, true);
    if ((view.getUint16(at + 8, true) & 1) !== 0) throw new FormatFault(`${name} is encrypted; a pack is not.`);
    files.push({ name, read: (bound) => readFile(bytes, view, name, method, sizes, bound) });
    at += 46 + nameLength + extraLength + view.getUint16(at + 32, true);
  }
  return files;
}

interface Sizes {
  readonly packed: number;
  readonly offset: number;
}

function findEnd(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  throw new FormatFault("The file is no zip, or it is cut off.");
}

function readEnd64(view: DataView, end: number): { count: number; at: number } {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== 0x07064b50) throw new FormatFault("The zip64 directory is missing.");
  const record = Number(view.getBigUint64(locator + 8, true));
  if (record + 56 > view.byteLength || view.getUint32(record, true) !== END64) throw new FormatFault("The zip64 directory is broken.");
  return { count: Number(view.getBigUint64(record + 32, true)), at: Number(view.getBigUint64(record + 48, true)) };
}

function sizesOf(view: DataView, entry: number, extra: number, extraLength: number): Sizes {
  let packed = view.getUint32(entry + 20, true);
  const plain = view.getUint32(entry + 24, true);
  let offset = view.getUint32(entry + 42, true);
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let field = at + 4;
    if (plain === 0xffffffff) field += 8;
    if (packed === 0xffffffff) {
      packed = Number(view.getBigUint64(field, true));
      field += 8;
    }
    if (offset === 0xffffffff) offset = Number(view.getBigUint64(field, true));
  }
  return { packed, offset };
}

async function readFile(bytes: Bytes, view: DataView, name: string, method: number, sizes: Sizes, bound: number): Promise<Bytes> {
  const { offset, packed } = sizes;
  if (offset + 30 > view.byteLength || view.getUint32(offset, true) !== LOCAL) throw new FormatFault(`${name} is not where the zip says.`);
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packed > view.byteLength) throw new FormatFault(`${name} is cut off.`);
  const data = bytes.subarray(start, start + packed);
  if (method === 0) {
    if (data.length > bound) throw new FormatFault(`${name} has more than ${bound} bytes.`);
    return data.slice();
  }
  if (method !== 8) throw new FormatFault(`${name} is packed in a way that a pack does not use.`);
  return inflate(data, name, bound);
}

async function inflate(data: Bytes, name: string, bound: number): Promise<Bytes> {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > bound) throw new FormatFault(`${name} has more than ${bound} bytes.`);
      parts.push(value);
    }
  } catch (fault) {
    throw fault instanceof FormatFault ? fault : new FormatFault(`${name} cannot be unpacked.`);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
