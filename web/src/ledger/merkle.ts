import { equal, type Bytes } from "./bytes.ts";
import { nodeHash } from "./crypto.ts";

const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);
const popCount = (n: bigint): number => n.toString(2).replaceAll("0", "").length;

/** Hashes in the only acceptable proof of an index in a tree of this size, and how many lie below the border. */
export function proofShape(index: bigint, size: bigint): { inner: number; border: number } {
  const inner = bitLength(index ^ (size - 1n));
  return { inner, border: popCount(index >> BigInt(inner)) };
}

export interface PathStep {
  readonly hash: Bytes;
  readonly sibling: Bytes;
  readonly siblingIsLeft: boolean;
}

/** Folds a path into a root. RFC 9162 section 2.1.3.2 in the closed form of transparency-dev/merkle. */
export async function foldPath(index: bigint, size: bigint, leaf: Bytes, path: Bytes[]): Promise<{ root: Bytes; steps: PathStep[] }> {
  const { inner } = proofShape(index, size);
  const steps: PathStep[] = [];
  let node = leaf;
  for (const [i, sibling] of path.entries()) {
    const siblingIsLeft = i >= inner || ((index >> BigInt(i)) & 1n) === 1n;
    steps.push({ hash: node, sibling, siblingIsLeft });
    node = siblingIsLeft ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
  }
  return { root: node, steps };
}

export async function verifyInclusion(index: bigint, size: bigint, leaf: Bytes, path: Bytes[], root: Bytes): Promise<boolean> {
  if (index >= size) return false;
  const { inner, border } = proofShape(index, size);
  return path.length === inner + border && equal((await foldPath(index, size, leaf, path)).root, root);
}
