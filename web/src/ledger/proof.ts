import { decimal, digest, equal, FormatFault, fromBase64, fromUtf8, toBase64, toHex, type Bytes } from "./bytes.ts";
import { leafHash } from "./crypto.ts";
import { foldPath, proofShape, type PathStep } from "./merkle.ts";
import { logKeys, parseCheckpoint, parseNote, verifyNote, type Checkpoint, type Note, type VerifierKey } from "./note.ts";

/** C2SP tlog-proof. Mirrors Probity.Ledger/Notes/TlogProof.cs and Evidence/ProofCheck.cs. */
export interface TlogProof {
  readonly index: bigint;
  readonly path: Bytes[];
  readonly note: Note;
  readonly checkpoint: Checkpoint;
}

export interface ProofVerdict {
  /** Empty when the entry is proven. */
  readonly kind: "" | "wrong_key" | "checkpoint_altered" | "changed" | "unreadable";
  readonly detail: string;
  readonly leaf: Bytes;
  readonly computedRoot: Bytes | null;
  readonly steps: PathStep[];
  readonly signed: boolean;
  readonly signedBy: string;
}

export function parseProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > 2 << 20) throw new FormatFault("A proof has at most 2 MiB.");
  const text = fromUtf8(bytes, "A proof");
  let at = 0;
  const line = (): string => {
    const end = text.indexOf("\n", at);
    if (end < 0) throw new FormatFault("A proof ends with a blank line and a signed checkpoint.");
    const value = text.slice(at, end);
    at = end + 1;
    return value;
  };
  if (line() !== "c2sp.org/tlog-proof@v1") throw new FormatFault("The first line of a proof is c2sp.org/tlog-proof@v1.");
  if (text.startsWith("extra ", at) && fromBase64(line().slice(6)) === null) {
    throw new FormatFault("Extra data is padded base64 of one or more bytes.");
  }
  const indexLine = line();
  const index = indexLine.startsWith("index ") ? decimal(indexLine.slice(6)) : null;
  if (index === null) throw new FormatFault("The index line is 'index', a space and decimal digits without leading zeros.");
  const path: Bytes[] = [];
  for (let next = line(); next !== ""; next = line()) {
    const hash = digest(next);
    if (hash === null) throw new FormatFault("A hash line is 44 characters of padded base64.");
    if (path.push(hash) > 63) throw new FormatFault("A proof has at most 63 hashes.");
  }
  const note = parseNote(text.slice(at));
  return { index, path, note, checkpoint: parseCheckpoint(note.text) };
}

/** Whether an entry's exact bytes are in the log at the proof's place, under a checkpoint that the log has signed. */
export async function verifyProof(proof: TlogProof, body: Uint8Array, keys: VerifierKey[], origin?: string): Promise<ProofVerdict> {
  const verdict = await verifyLeaf(proof, await leafHash(body), keys, origin);
  return verdict.kind !== "" || isEntry(body, proof.checkpoint.origin, proof.index)
    ? verdict
    : { ...verdict, kind: "unreadable", detail: "The bytes are in the log at that place, but they are no entry with that number." };
}

/** Whether something with that leaf hash is in the log at the proof's place; of a purged entry it is all that is left. */
export async function verifyLeaf(proof: TlogProof, leaf: Bytes, keys: VerifierKey[], origin?: string): Promise<ProofVerdict> {
  const { checkpoint, index } = proof;
  const verdict = { kind: "" as ProofVerdict["kind"], detail: "", leaf, computedRoot: null as Bytes | null, steps: [] as PathStep[], signed: false, signedBy: "" };
  const refuse = (kind: ProofVerdict["kind"], detail: string): ProofVerdict => ({ ...verdict, kind, detail });
  if (origin !== undefined && checkpoint.origin !== origin) return refuse("unreadable", `The proof is of another log, ${checkpoint.origin}.`);

  const signature = await verifyNote(proof.note, keys);
  if (!signature.ok && signature.code !== "note.no_known_signature") return refuse("checkpoint_altered", signature.detail);
  if (!signature.ok || logKeys(signature.by, checkpoint.origin).length === 0) {
    return refuse("wrong_key", `No known key of the log ${checkpoint.origin} has signed the checkpoint.`);
  }
  verdict.signed = true;
  verdict.signedBy = signature.by.map((k) => `${k.name}+${k.id}`).join(", ");

  if (index >= checkpoint.size) return refuse("changed", `A log of ${checkpoint.size} entries has no index ${index}.`);
  const { inner, border } = proofShape(index, checkpoint.size);
  if (proof.path.length !== inner + border) {
    return refuse("changed", `The path of entry ${index} in a tree of ${checkpoint.size} has another length than ${proof.path.length}.`);
  }
  const folded = await foldPath(index, checkpoint.size, leaf, proof.path);
  verdict.computedRoot = folded.root;
  verdict.steps = folded.steps;
  if (!equal(folded.root, checkpoint.root)) {
    return refuse("changed", `The entry and the path do not lead to the root of the checkpoint of size ${checkpoint.size}.`);
  }
  return verdict;
}

function isEntry(body: Uint8Array, origin: string, index: bigint): boolean {
  try {
    const entry: unknown = JSON.parse(fromUtf8(body, "An entry"));
    return typeof entry === "object" && entry !== null && "seq" in entry && "log" in entry
      && entry.log === origin && typeof entry.seq === "number" && BigInt(entry.seq) === index;
  } catch {
    return false;
  }
}

export const shortHash = (hash: Uint8Array): string => toHex(hash).slice(0, 8) + "…";
export const rootText = (hash: Uint8Array): string => toBase64(hash);
