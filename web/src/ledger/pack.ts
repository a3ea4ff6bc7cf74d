import { decimal, FormatFault, fromHex, fromUtf8, toHex, utf8, type Bytes } from "./bytes.ts";
import { sha256 } from "./crypto.ts";
import { isSignedUnderAnotherName, logKeys, parseCheckpoint, parseKey, parseNote, verifyNote, type VerifierKey } from "./note.ts";
import { parseProof, verifyLeaf, verifyProof } from "./proof.ts";
import { readPurgeClaim, Tombstones, type PurgedRange, type Tombstone } from "./tombstones.ts";
import { readZip, type ZipFile } from "./zip.ts";

/** Verifies an evidence pack as Probity.Ledger/Evidence/PackVerification.cs does: the same checks, the same words. */
export interface Finding {
  readonly kind: string;
  readonly seq: bigint | null;
  readonly where: string;
  readonly detail: string;
  readonly expected?: string;
  readonly actual?: string;
}

export interface Manifest {
  readonly origin: string;
  readonly made_at: string;
  readonly filter: string;
  readonly entries: number;
  readonly entry_sums: string;
  readonly tombstones: number;
  readonly files: Record<string, string>;
}

export interface PackReport {
  readonly manifest: Manifest | null;
  readonly proven: number;
  /** Purged entries whose place is proven and that a proven purge entry with two approvers names, by run. */
  readonly purged: PurgedRange[];
  readonly findings: Finding[];
  readonly keys: VerifierKey[];
  readonly keysFromPack: boolean;
  readonly largestCheckpoint: string;
}

const NUMBER = "(0|[1-9][0-9]{0,18})";
const OF_ENTRY = new RegExp(`^((entries|tombstones|opened)/${NUMBER}\\.json|proofs/${NUMBER}\\.tlog-proof)$`);
const KNOWN = new RegExp(`^(manifest\\.json|README\\.txt|(entries|tombstones|opened)/${NUMBER}\\.json|proofs/${NUMBER}\\.tlog-proof`
  + `|checkpoints/${NUMBER}\\.txt|keys/[0-9a-f]{8}\\.(vkey|pem))$`);
const MAX_MANIFEST = 4 << 20;
const MAX_OPENED = 4 << 20;
const MAX_ENTRY = 65_535;
const MAX_TOMBSTONE = 160;
const MAX_NOTE = 1 << 20;
const MAX_PROOF = 2 << 20;

export async function verifyPack(bytes: Bytes, trusted: VerifierKey[], progress: (done: number, of: number) => void): Promise<PackReport> {
  const run = new Run(trusted);
  try {
    await run.read(readZip(bytes), progress);
  } catch (fault) {
    if (!(fault instanceof FormatFault)) throw fault;
    run.add("unreadable", null, "pack", fault.message);
  }
  return run.report();
}

class Run {
  private readonly findings: Finding[] = [];
  private readonly keys: VerifierKey[];
  private readonly sums: string[] = [];
  private manifest: Manifest | null = null;
  private readonly tombstones = new Tombstones();
  private proven = 0;
  private largest = -1n;

  public constructor(private readonly trusted: VerifierKey[]) {
    this.keys = [...trusted];
  }

  public report(): PackReport {
    const order = (f: Finding): bigint => f.seq ?? 1n << 63n;
    this.findings.sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0));
    return { manifest: this.manifest, proven: this.proven, purged: this.tombstones.excused, findings: this.findings, keys: this.keys,
      keysFromPack: this.trusted.length === 0, largestCheckpoint: this.largest < 0n ? "none" : this.largest.toString() };
  }

  public add(kind: string, seq: string | null, where: string, detail: string, expected?: string, actual?: string): void {
    this.findings.push({ kind, seq: seq === null ? null : decimal(seq), where, detail,
      ...(expected === undefined ? {} : { expected }), ...(actual === undefined ? {} : { actual }) });
  }

  public async read(files: ZipFile[], progress: (done: number, of: number) => void): Promise<void> {
    const manifestFile = files.find((f) => f.name === "manifest.json");
    if (!manifestFile) throw new FormatFault("The pack has no manifest.json.");
    this.manifest = decodeManifest(await manifestFile.read(MAX_MANIFEST));
    const byName = refuseStrangeNames(files);
    for (const file of files.filter((f) => !OF_ENTRY.test(f.name) && f.name !== "manifest.json")) await this.readFixed(file, this.manifest);
    for (const name of Object.keys(this.manifest.files)) {
      if (!byName.has(name)) this.add("deleted", null, name, "A file that the manifest lists is not in the pack.");
    }
    const ofEntries = files.filter((f) => OF_ENTRY.test(f.name));
    let entries = 0;
    for (const [i, file] of ofEntries.entries()) {
      if (await this.readOfEntry(file, byName)) entries++;
      if (i % 64 === 0) {
        progress(i, ofEntries.length);
        await new Promise((resume) => setTimeout(resume)); // The page stays alive while a large pack is read.
      }
    }
    progress(ofEntries.length, ofEntries.length);
    for (const { seq, detail } of this.tombstones.judge()) this.add("deleted", seq.toString(), `tombstones/${seq}.json`, detail);
    if (this.tombstones.count !== this.manifest.tombstones) {
      this.add("deleted", null, "manifest.json",
        `The manifest counts ${this.manifest.tombstones} tombstones, the pack has ${this.tombstones.count}.`);
    }
    if (entries !== this.manifest.entries) {
      this.add("deleted", null, "manifest.json", `The manifest counts ${this.manifest.entries} entries, the pack has ${entries}.`);
    }
    if (toHex(await sha256(utf8(this.sums.join("")))) !== this.manifest.entry_sums && this.findings.length === 0) {
      this.add("changed", null, "manifest.json", "The files of the entries are not those that the manifest sums up, although every proof holds.");
    }
  }

  private async readFixed(file: ZipFile, manifest: Manifest): Promise<void> {
    const bytes = await file.read(MAX_NOTE);
    const expected = manifest.files[file.name];
    if (expected === undefined) throw new FormatFault(`The manifest does not list ${file.name}.`);
    const actual = toHex(await sha256(bytes));
    if (actual !== expected) {
      this.add("changed", null, file.name, "The file is not the one that the manifest lists.", expected, actual);
    } else if (this.trusted.length === 0 && file.name.endsWith(".vkey")) {
      this.keys.push(await parseKey(fromUtf8(bytes, file.name).replace(/\n+$/, "")));
    } else if (file.name.startsWith("checkpoints/")) {
      await this.checkCheckpoint(file.name, bytes, manifest.origin);
    }
  }

  private async checkCheckpoint(name: string, bytes: Bytes, origin: string): Promise<void> {
    const keys = logKeys(this.keys, origin);
    try {
      const note = parseNote(fromUtf8(bytes, "A checkpoint"));
      const checkpoint = parseCheckpoint(note.text);
      const verdict = await verifyNote(note, keys);
      if (!verdict.ok && verdict.code === "note.no_known_signature") {
        if (await isSignedUnderAnotherName(note, keys)) {
          this.add("checkpoint_altered", null, name, "The signature is a trusted key's, but the key name or key id beside it has been altered.");
        } else {
          const by = note.signatures.map((s) => `${s.name}+${s.id}`).join(", ");
          this.add("wrong_key", null, name, `No trusted key of this log has signed the checkpoint; it is signed by ${by}.`);
        }
      } else if (!verdict.ok) {
        this.add("checkpoint_altered", null, name, "The checkpoint is not as it was signed: " + verdict.detail);
      } else if (checkpoint.origin !== origin) {
        this.add("unreadable", null, name, `The checkpoint is of another log, ${checkpoint.origin}.`);
      } else if (checkpoint.size > this.largest) {
        this.largest = checkpoint.size;
      }
    } catch (fault) {
      if (!(fault instanceof FormatFault)) throw fault;
      this.add("checkpoint_altered", null, name, "The checkpoint is not written as one: " + fault.message);
    }
  }

  private async readOfEntry(file: ZipFile, byName: Map<string, ZipFile>): Promise<boolean> {
    const isEntry = file.name.startsWith("entries/");
    const isTombstone = file.name.startsWith("tombstones/");
    const bytes = await file.read(isEntry ? MAX_ENTRY : isTombstone ? MAX_TOMBSTONE : MAX_OPENED);
    this.sums.push(`${toHex(await sha256(bytes))}  ${file.name}\n`);
    if (!isEntry && !isTombstone) return false;
    const seq = file.name.slice(file.name.indexOf("/") + 1, -".json".length);
    const where = `proofs/${seq}.tlog-proof`;
    const proof = byName.get(where);
    if (!proof) this.add("deleted", seq, where, "The proof of the entry is not in the pack.");
    else await this.prove(seq, file.name, bytes, isTombstone ? decodeTombstone(bytes, seq, file.name) : null, await proof.read(MAX_PROOF), where);
    return isEntry;
  }

  private async prove(
    seq: string, name: string, body: Bytes, tombstone: Tombstone | null, proofBytes: Bytes, where: string,
  ): Promise<void> {
    if (tombstone) this.tombstones.count++;
    try {
      const proof = parseProof(proofBytes);
      const verdict = tombstone === null
        ? await verifyProof(proof, body, this.keys, this.manifest?.origin)
        : await verifyLeaf(proof, fromHex(tombstone.leaf), this.keys, this.manifest?.origin);
      if (proof.index.toString() !== seq) this.add("reordered", seq, where, `The proof is of entry ${proof.index}.`);
      else if (verdict.kind !== "") this.add(verdict.kind, seq, name, verdict.detail, undefined, toHex(verdict.leaf));
      else if (tombstone !== null) this.tombstones.add(tombstone);
      else {
        this.proven++;
        this.tombstones.hear(readPurgeClaim(body));
      }
    } catch (fault) {
      if (!(fault instanceof FormatFault)) throw fault;
      this.add("checkpoint_altered", seq, where, "The proof is not written as one: " + fault.message);
    }
  }
}

function refuseStrangeNames(files: ZipFile[]): Map<string, ZipFile> {
  const byName = new Map<string, ZipFile>();
  for (const file of files) {
    if (!KNOWN.test(file.name)) throw new FormatFault(`A pack has no file named "${file.name.slice(0, 80).replace(/\p{Cc}/gu, "?")}".`);
    if (byName.has(file.name)) throw new FormatFault(`The pack has two files named ${file.name}.`);
    byName.set(file.name, file);
  }
  for (const name of byName.keys()) {
    if (name.startsWith("tombstones/") && byName.has(name.replace("tombstones/", "entries/"))) {
      throw new FormatFault(`The pack has ${name} and the entry itself.`);
    }
  }
  return byName;
}

function decodeTombstone(bytes: Bytes, seq: string, name: string): Tombstone {
  const match = /^{"leaf":"([0-9a-f]{64})","purged_by":(0|[1-9][0-9]{0,18}),"seq":(0|[1-9][0-9]{0,18})}$/.exec(fromUtf8(bytes, name));
  if (match === null) throw new FormatFault(`${name} is not the canonical form of a tombstone.`);
  if (match[3] !== seq) throw new FormatFault(`${name} is the tombstone of entry ${match[3]}.`);
  return { seq: BigInt(seq), leaf: match[1]!, purgedBy: BigInt(match[2]!) };
}

function decodeManifest(bytes: Bytes): Manifest {
  const strange = (): never => {
    throw new FormatFault("The manifest is not the canonical form of one of version 1 or 2.");
  };
  const text = fromUtf8(bytes, "The manifest");
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new FormatFault("The manifest cannot be read: it is no JSON.");
  }
  const { origin, made_at, filter, entries, entry_sums, files, tombstones } = json;
  const withTombstones = tombstones === undefined ? {} : { tombstones };
  if ((tombstones !== undefined && (typeof tombstones !== "number" || !Number.isSafeInteger(tombstones) || tombstones < 1))
    || json["format"] !== "probity-evidence-pack" || json["version"] !== (tombstones === undefined ? 1 : 2) || typeof origin !== "string" || typeof made_at !== "string"
    || typeof filter !== "string" || typeof entries !== "number" || !Number.isSafeInteger(entries) || typeof entry_sums !== "string"
    || typeof files !== "object" || files === null || Object.values(files).some((hash) => typeof hash !== "string")) return strange();
  const list = files as Record<string, string>;
  const sorted = Object.fromEntries(Object.keys(list).sort().map((name) => [name, list[name]!]));
  // RFC 8785 of this shape is what JSON.stringify writes when the names are in order.
  const canonical = JSON.stringify({ entries, entry_sums, files: sorted, filter, format: "probity-evidence-pack", made_at, origin, ...withTombstones, version: json["version"] });
  return canonical === text ? { origin, made_at, filter, entries, entry_sums, tombstones: tombstones ?? 0, files: list } : strange();
}
