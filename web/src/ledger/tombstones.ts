import { fromUtf8 } from "./bytes.ts";

/** What is left of purged entries, and who agreed. Mirrors Probity.Ledger/Evidence/PackTombstones.cs. */
export interface Tombstone {
  readonly seq: bigint;
  readonly leaf: string;
  readonly purgedBy: bigint;
}

export interface PurgedRange {
  readonly first: bigint;
  last: bigint;
  readonly by: bigint;
  readonly recordedAt: string;
  readonly approvers: readonly string[];
}

export interface PurgeClaim {
  readonly seq: bigint;
  readonly recordedAt: string;
  readonly approvers: readonly string[];
  readonly ranges: readonly (readonly [bigint, bigint])[];
}

const FEWEST_APPROVERS = 2;
const ENDING = '"type":"probity.custody.purged","v":1}'; // How the canonical bytes of such an entry end, and of no other.

/** What a purge entry claims; null for any other entry, and for one that says it in another form. */
export function readPurgeClaim(body: Uint8Array): PurgeClaim | null {
  const text = fromUtf8(body, "An entry");
  if (!text.endsWith(ENDING)) return null;
  try {
    const entry = JSON.parse(text) as { seq: number; recorded_at: string; data: { approvers: { id: string }[]; ranges: [number, number][] } };
    const approvers = [...new Set(entry.data.approvers.map((a) => String(a.id)))];
    const ranges = entry.data.ranges.map(([first, last]) => [BigInt(first), BigInt(last)] as const).sort((a, b) => (a[0] < b[0] ? -1 : 1));
    return { seq: BigInt(entry.seq), recordedAt: String(entry.recorded_at), approvers, ranges };
  } catch {
    return null;
  }
}

export class Tombstones {
  public count = 0;
  public readonly excused: PurgedRange[] = [];
  private readonly proven: Tombstone[] = [];
  private readonly claims = new Map<bigint, PurgeClaim>();

  public add(tombstone: Tombstone): void {
    this.proven.push(tombstone);
  }

  public hear(claim: PurgeClaim | null): void {
    if (claim !== null && !this.claims.has(claim.seq)) this.claims.set(claim.seq, claim);
  }

  /** What is not in order; the rest is then excused. */
  public judge(): { seq: bigint; detail: string }[] {
    const faults: { seq: bigint; detail: string }[] = [];
    for (const tombstone of this.proven.sort((a, b) => (a.seq < b.seq ? -1 : 1))) {
      const claim = this.claims.get(tombstone.purgedBy);
      const detail = fault(tombstone, claim);
      if (detail !== "" || claim === undefined) {
        faults.push({ seq: tombstone.seq, detail });
        continue;
      }
      const before = this.excused.at(-1);
      if (before !== undefined && before.by === claim.seq && before.last === tombstone.seq - 1n) before.last = tombstone.seq;
      else this.excused.push({ first: tombstone.seq, last: tombstone.seq, by: claim.seq, recordedAt: claim.recordedAt, approvers: claim.approvers });
    }
    return faults;
  }
}

function fault(tombstone: Tombstone, claim: PurgeClaim | undefined): string {
  if (claim === undefined) {
    return `Entry ${tombstone.purgedBy}, which is said to have purged it, is not proven by this pack to be a purge entry.`;
  }
  if (claim.approvers.length < FEWEST_APPROVERS || claim.ranges.some(([first, last]) => first < 0n || last < first || last >= claim.seq)) {
    return `The purge entry ${claim.seq} does not count: it needs two approvers and names earlier entries only.`;
  }
  return names(claim.ranges, tombstone.seq) ? "" : `The purge entry ${claim.seq} does not name entry ${tombstone.seq}.`;
}

/** Whether the last run that begins at or before a number reaches it; runs do not overlap. */
function names(ranges: PurgeClaim["ranges"], seq: bigint): boolean {
  let low = 0;
  for (let high = ranges.length; low < high;) {
    const middle = (low + high) >> 1;
    if (ranges[middle]![0] <= seq) low = middle + 1;
    else high = middle;
  }
  return low > 0 && ranges[low - 1]![1] >= seq;
}
