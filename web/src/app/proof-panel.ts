import { equal, fromUtf8, toBase64, toHex, type Bytes } from "../ledger/bytes.ts";
import { cryptoInUse } from "../ledger/crypto.ts";
import { parseKey, type VerifierKey } from "../ledger/note.ts";
import { parseProof, verifyProof, type ProofVerdict, type TlogProof } from "../ledger/proof.ts";
import { call } from "./api.ts";
import { $, download, el, mark, messageOf, svg, toast } from "./dom.ts";

/** "Verify" on a record: the entry's bytes and proof are fetched, and everything is computed here, in the browser. */
interface Evidence {
  readonly body: Bytes;
  readonly proofText: string;
  readonly proof: TlogProof;
}

const known = new Map<string, Promise<Evidence>>();

function evidenceOf(id: string): Promise<Evidence> {
  let evidence = known.get(id);
  if (!evidence) {
    evidence = fetchEvidence(id);
    known.set(id, evidence);
    evidence.catch(() => known.delete(id));
  }
  return evidence;
}

async function fetchEvidence(id: string): Promise<Evidence> {
  const path = `/api/v1/events/${encodeURIComponent(id)}`;
  const [entry, proof] = await Promise.all([call("GET", `${path}/entry`), call("GET", `${path}/proof`, undefined, "text/plain")]);
  const proofBytes = new Uint8Array(await proof.arrayBuffer());
  return { body: new Uint8Array(await entry.arrayBuffer()), proofText: fromUtf8(proofBytes, "A proof"), proof: parseProof(proofBytes) };
}

async function logKeys(): Promise<VerifierKey[]> {
  const answer = (await (await call("GET", "/api/v1/ledger/keys")).json()) as { keys: { vkey: string }[] };
  return Promise.all(answer.keys.map((key) => parseKey(key.vkey)));
}

export async function verifyRecord(panel: HTMLElement, button: HTMLElement): Promise<void> {
  const id = panel.dataset["proofOf"]!;
  const box = $("[data-proof-result]", panel)!;
  button.setAttribute("disabled", "");
  box.replaceChildren(el("p", { class: "muted small" }, "Reading the entry's exact bytes and its proof…"));
  try {
    const [evidence, keys] = await Promise.all([evidenceOf(id), logKeys()]);
    const verdict = await verifyProof(evidence.proof, evidence.body, keys);
    const shown = panel.dataset["hash"] ?? "";
    box.replaceChildren(await result(evidence, verdict, shown));
    const badge = $("[data-proof-badge]", panel);
    if (badge) {
      badge.className = `badge ${verdict.kind === "" ? "good" : "bad"}`;
      badge.textContent = verdict.kind === "" ? "Verified in this browser" : "Not proven";
    }
  } catch (fault) {
    box.replaceChildren(el("p", { class: "fault", role: "alert" }, messageOf(fault)));
  } finally {
    button.removeAttribute("disabled");
  }
}

export async function downloadProof(panel: HTMLElement): Promise<void> {
  try {
    const { proofText, proof, body } = await evidenceOf(panel.dataset["proofOf"]!);
    download(`${proof.index}.json`, "application/json", body);
    download(`${proof.index}.tlog-proof`, "text/plain", proofText);
    toast(`Saved ${proof.index}.json and ${proof.index}.tlog-proof: check them with probity-verify or on /verify`);
  } catch (fault) {
    toast(messageOf(fault), "bad");
  }
}

async function result({ body, proof }: Evidence, verdict: ProofVerdict, shown: string): Promise<HTMLElement> {
  const ok = verdict.kind === "";
  const box = el("div", { class: "proof-steps", role: "status" });
  const step = (tone: "good" | "bad" | "warn", title: string, detail: string): void => {
    const line = el("div", { class: `step ${tone}` }, el("div", {}, title, el("br"), el("span", { class: "mono" }, detail)));
    line.prepend(mark(tone));
    box.append(line);
  };
  const leaf = toHex(verdict.leaf);
  step(shown === "" || shown === leaf ? "good" : "bad", `SHA-256 of 0x00 and the entry's ${body.length} bytes is the hash shown`, leaf);
  step(verdict.signed ? "good" : "bad", verdict.signed ? `Checkpoint of ${proof.checkpoint.size} entries is signed by the log's key`
    : "The checkpoint's signature does not hold", verdict.signed ? verdict.signedBy : verdict.detail);
  if (verdict.computedRoot) {
    const same = equal(verdict.computedRoot, proof.checkpoint.root);
    step(same ? "good" : "bad", `${proof.path.length} hashes lead from entry ${proof.index} to ${same ? "the signed root" : "another root"}`,
      toBase64(verdict.computedRoot));
  }
  if (!ok && verdict.computedRoot) step("bad", verdict.kind, verdict.detail);
  step("warn", "The key came from this server; compare it with one you keep from elsewhere", `computed with ${await cryptoInUse()}`);
  if (verdict.steps.length > 0) box.append(el("div", { class: "path", tabindex: "0", role: "img",
    "aria-label": `Path of ${verdict.steps.length} hashes from the entry to the signed root` }, drawPath(verdict, proof)));
  return box;
}

/** The path to the root, drawn from the root down as in the books; long paths keep their ends. */
function drawPath(verdict: ProofVerdict, proof: TlogProof): SVGElement {
  const steps = verdict.steps;
  const [w, h, gap, row] = [96, 24, 28, 52];
  const height = (steps.length + 1) * row - (row - h) + 4;
  const width = 2 * w + gap + 8;
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
  const node = (x: number, y: number, text: string, kind: string): void => {
    drawing.append(svg("g", { class: `node ${kind}` }, svg("rect", { x, y, width: w, height: h, rx: 6 }),
      svg("text", { x: x + w / 2, y: y + 16, "text-anchor": "middle" }, text)));
  };
  const short = (bytes: Uint8Array): string => toHex(bytes).slice(0, 10);
  const centre = (width - w) / 2;
  let from = { x: centre, y: 2 };
  node(from.x, from.y, short(proof.checkpoint.root), "root");
  for (let i = steps.length - 1; i >= 0; i--) {
    const { hash, sibling, siblingIsLeft } = steps[i]!;
    const y = (steps.length - i) * row + 2;
    const ours = siblingIsLeft ? w + gap + 4 : 4;
    const other = siblingIsLeft ? 4 : w + gap + 4;
    for (const [x, kind] of [[other, ""], [ours, "ours"]] as const) {
      drawing.append(svg("line", { class: kind, x1: from.x + w / 2, y1: from.y + h, x2: x + w / 2, y2: y }));
    }
    node(other, y, short(sibling), "");
    node(ours, y, short(hash), "ours");
    from = { x: ours, y };
  }
  return drawing;
}
