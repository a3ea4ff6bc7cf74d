import { FormatFault, toBase64, toHex, type Bytes } from "./ledger/bytes.ts";
import { cryptoInUse } from "./ledger/crypto.ts";
import { parseKey, type VerifierKey } from "./ledger/note.ts";
import { verifyPack, type Finding, type PackReport } from "./ledger/pack.ts";
import type { PurgedRange } from "./ledger/tombstones.ts";
import { parseProof, verifyProof } from "./ledger/proof.ts";
import { $, el, mark, messageOf } from "./app/dom.ts";

/** The public verifier. It makes no request at all: the file is read by the browser and stays there. */
const OWN_KEYS = "No key was given, so the keys that came with it are used: this shows that it agrees with itself, not who made it.";
const MAX_BYTES = 2 ** 31 - 1;

interface Step {
  readonly tone: "good" | "bad" | "warn";
  readonly text: string;
  readonly detail?: string;
}

document.addEventListener("change", (event) => {
  const input = event.target as HTMLInputElement;
  if (input.matches("[data-files]") && input.files?.length) void check([...input.files]).finally(() => (input.value = ""));
});
for (const name of ["dragenter", "dragover", "dragleave", "drop"] as const) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    $("[data-drop]")?.classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && event.dataTransfer?.files.length) void check([...event.dataTransfer.files]);
  });
}
document.addEventListener("click", (event) => {
  if ((event.target as Element).closest("[data-save-copy]")) void saveCopy();
});

async function trustedKeys(): Promise<VerifierKey[]> {
  const lines = ($<HTMLTextAreaElement>("[data-keys]")?.value ?? "").split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return Promise.all(lines.map(parseKey));
}

async function check(files: File[]): Promise<void> {
  clear();
  try {
    const keys = await trustedKeys();
    const proof = files.find((f) => f.name.endsWith(".tlog-proof"));
    if (proof) await checkProof(proof, files.filter((f) => f !== proof), keys);
    else await checkPack(files[0]!, keys);
  } catch (fault) {
    conclude("cannot", "Cannot tell", messageOf(fault));
    if (!(fault instanceof FormatFault)) throw fault;
  }
}

async function bytesOf(file: File): Promise<Bytes> {
  if (file.size > MAX_BYTES) throw new FormatFault(`${file.name} has more than 2 GiB: use probity-verify, which reads it piece by piece.`);
  return new Uint8Array(await file.arrayBuffer());
}

async function checkPack(file: File, keys: VerifierKey[]): Promise<void> {
  const box = $("[data-progress]")!;
  const bar = $<HTMLProgressElement>("progress", box)!;
  box.hidden = false;
  const started = performance.now();
  const report = await verifyPack(await bytesOf(file), keys, (done, of) => (bar.value = of === 0 ? 1 : done / of));
  box.hidden = true;
  await showPack(file, report, (performance.now() - started) / 1000);
}

async function showPack(file: File, report: PackReport, seconds: number): Promise<void> {
  const { manifest, findings, proven, purged } = report;
  if (!manifest) {
    conclude("cannot", "Cannot tell", findings[0]?.detail ?? "It is no evidence pack.");
    return;
  }
  const of = (kinds: string[]): Finding[] => findings.filter((f) => kinds.includes(f.kind));
  const steps: Step[] = [
    { tone: "good", text: `Read a pack of ${manifest.entries} entries of ${manifest.origin}`,
      detail: `${file.name}, ${file.size.toLocaleString("en")} bytes · made ${manifest.made_at} · filter "${manifest.filter}" · ${seconds.toFixed(2)} s` },
    report.keysFromPack ? { tone: "warn", text: OWN_KEYS, detail: report.keys.map((k) => k.text).join("\n") }
      : { tone: "good", text: `Compared with ${report.keys.length === 1 ? "the key" : `${report.keys.length} keys`} you gave`, detail: report.keys.map((k) => k.text).join("\n") },
    step(of(["wrong_key", "checkpoint_altered"]), "Every checkpoint is signed by a trusted key of the log", `largest checkpoint: ${report.largestCheckpoint} entries`),
    step(findings.filter((f) => f.kind === "changed" || f.kind === "unreadable"), "Every entry's SHA-256 leads to the signed root, and the files are those the manifest lists"),
    step(of(["deleted", "reordered"]), "Nothing is missing and nothing is out of place"),
    { tone: proven === manifest.entries ? "good" : "bad", text: `${proven} of ${manifest.entries} entries are proven by a checkpoint that the log has signed` },
    ...(manifest.tombstones === 0 ? [] : [tombstoneStep(manifest.tombstones, purged)]),
    { tone: "good", text: "Computed in this page; nothing was sent", detail: await cryptoInUse() },
  ];
  showSteps(steps);
  showFindings(findings);
  const first = findings[0];
  if (!first) {
    conclude("sound", "Sound", `${proven} entries of ${manifest.origin} proven${purged.length > 0 ? `, ${countOf(purged)} more purged in order` : ""}${report.keysFromPack ? ", with the pack's own keys" : ""}.`);
  } else {
    const where = first.seq === null ? `at ${first.where}` : `first bad entry ${first.seq}`;
    conclude("tampered", "Tampered", `${first.kind}, ${where}; ${findings.length === 1 ? "1 finding" : `${findings.length} findings`}. ${first.detail}`);
  }
}

const countOf = (purged: PurgedRange[]): bigint => purged.reduce((sum, range) => sum + range.last - range.first + 1n, 0n);

/** What was purged, entry by purge entry, and by whose agreement. */
function tombstoneStep(expected: number, purged: PurgedRange[]): Step {
  const by = new Map<bigint, PurgedRange[]>();
  for (const range of purged) {
    const ranges = by.get(range.by);
    if (ranges) ranges.push(range);
    else by.set(range.by, [range]);
  }
  const detail = [...by].slice(0, 50).map(([seq, ranges]) =>
    `${countOf(ranges)} entries from ${ranges[0]!.first} to ${ranges.at(-1)!.last}: entry ${seq} of ${ranges[0]!.recordedAt}, approved by ${ranges[0]!.approvers.join(", ")}`);
  const held = countOf(purged);
  return { tone: held === BigInt(expected) ? "good" : "bad", detail: detail.join("\n"),
    text: `${held} of ${expected} purged entries had their place in the log, and a purge entry with two approvers names each` };
}

const step = (bad: Finding[], text: string, detail?: string): Step =>
  ({ tone: bad.length === 0 ? "good" : "bad", text, ...(detail === undefined ? {} : { detail }) });

async function checkProof(file: File, others: File[], keys: VerifierKey[]): Promise<void> {
  const entry = others.find((f) => f.name.endsWith(".json")) ?? others[0];
  const proof = parseProof(await bytesOf(file));
  if (!entry) throw new FormatFault(`A proof needs its entry: choose ${file.name} and ${proof.index}.json together.`);
  if (keys.length === 0) {
    $<HTMLDetailsElement>("[data-key-box]")!.open = true;
    throw new FormatFault("A proof carries no key: paste the log's verifier key above, then choose the two files again.");
  }
  const body = await bytesOf(entry);
  const verdict = await verifyProof(proof, body, keys);
  const { checkpoint } = proof;
  showSteps([
    { tone: "good", text: `SHA-256 of 0x00 and the ${body.length} bytes of ${entry.name}`, detail: toHex(verdict.leaf) },
    { tone: verdict.signed ? "good" : "bad", text: `Checkpoint of ${checkpoint.size} entries is signed by ${checkpoint.origin}`, detail: verdict.signed ? verdict.signedBy : verdict.detail },
    { tone: verdict.kind === "" ? "good" : "bad", text: `The entry is number ${proof.index} under root ${toBase64(checkpoint.root)}`,
      detail: verdict.computedRoot ? `computed ${toBase64(verdict.computedRoot)}` : "not computed" },
    { tone: "good", text: "Computed in this page; nothing was sent", detail: await cryptoInUse() },
  ]);
  if (verdict.kind === "") conclude("sound", "Sound", `Entry ${proof.index} of ${checkpoint.origin} is proven.`);
  else {
    showFindings([{ kind: verdict.kind, seq: proof.index, where: `entry/${proof.index}`, detail: verdict.detail, actual: toHex(verdict.leaf) }]);
    conclude("tampered", "Tampered", `${verdict.kind}, first bad entry ${proof.index}. ${verdict.detail}`);
  }
}

function clear(): void {
  $("[data-verdict]")!.replaceChildren();
  for (const name of ["steps", "findings"]) {
    $(`[data-${name}-card]`)!.hidden = true;
    $(`[data-${name}]`)!.replaceChildren();
  }
  $("[data-progress]")!.hidden = true;
}

function line(tone: Step["tone"], text: string, detail?: string): HTMLElement {
  const parts: (HTMLElement | string)[] = [text];
  for (const row of detail?.split("\n") ?? []) parts.push(el("br"), el("span", { class: "mono" }, row));
  const row = el("div", { class: `step ${tone}` }, el("div", {}, ...parts));
  row.prepend(mark(tone));
  return row;
}

function showSteps(steps: Step[]): void {
  $("[data-steps]")!.replaceChildren(...steps.map((s) => line(s.tone, s.text, s.detail)));
  $("[data-steps-card]")!.hidden = false;
}

function showFindings(findings: Finding[]): void {
  if (findings.length === 0) return;
  const shown = findings.slice(0, 200);
  $("[data-findings]")!.replaceChildren(...shown.map((f) => line("bad", `${f.kind} at ${f.where}: ${f.detail}`,
    [f.expected ? `expected ${f.expected}` : "", f.actual ? `found    ${f.actual}` : ""].filter((t) => t !== "").join("\n") || undefined)));
  if (findings.length > shown.length) $("[data-findings]")!.append(el("p", { class: "step muted" }, `and ${findings.length - shown.length} more`));
  $("[data-findings-card]")!.hidden = false;
}

function conclude(tone: "sound" | "tampered" | "cannot", title: string, text: string): void {
  $("[data-progress]")!.hidden = true;
  const box = el("div", { class: `verdict ${tone}`, "data-outcome": tone }, el("div", {}, el("h2", {}, title), el("p", {}, text)));
  box.prepend(mark(tone === "sound" ? "good" : tone === "tampered" ? "bad" : "warn", 28));
  const place = $("[data-verdict]")!;
  place.replaceChildren(box);
  place.focus();
}

/** The page with its style and script inside: one file that works anywhere. */
async function saveCopy(): Promise<void> {
  const page = document.documentElement.cloneNode(true) as HTMLElement;
  const style = page.querySelector<HTMLLinkElement>("link[rel=stylesheet]");
  const own = [...page.querySelectorAll("script")].find((s) => s.src.includes("verify"));
  const [css, code] = await Promise.all([style?.href, own?.src].map(async (url) => (url ? (await fetch(url)).text() : "")));
  for (const node of page.querySelectorAll("script, link, base, [data-save-copy], [data-theme-switch], .plain-top img")) node.remove();
  page.querySelector(".prose")?.remove();
  page.querySelector("[data-verdict]")?.replaceChildren();
  for (const card of page.querySelectorAll<HTMLElement>("[data-steps-card], [data-findings-card]")) card.hidden = true;
  const styles = document.createElement("style");
  styles.textContent = css!.replace(/@font-face\s*{[^}]*}/g, "");
  const script = document.createElement("script");
  script.textContent = code!.replaceAll("</script", "<\\/script");
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"; // A saved copy may connect to nothing.
  page.querySelector("head")!.prepend(policy);
  page.querySelector("head")!.append(styles);
  page.querySelector("body")!.append(script);
  for (const link of page.querySelectorAll<HTMLAnchorElement>("a[href]")) link.removeAttribute("href");
  const file = el("a", { href: URL.createObjectURL(new Blob(["<!doctype html>\n", page.outerHTML], { type: "text/html" })), download: "probity-verify.html" });
  file.click();
}
