import { call } from "./api.ts";
import { $, el, mark, messageOf } from "./dom.ts";

/** "Verify now" on the ledger page: one request whose answer tells how far it is, then what it found. */
interface Report {
  readonly sound: boolean;
  readonly entries: number;
  readonly tiles: number;
  readonly checkpoints: number;
  readonly blobs: number;
  readonly seconds: number;
  readonly last_good_checkpoint: { size: number; root: string } | null;
  readonly findings: { kind: string; where: string; detail: string; affected: string }[];
}

export function bindLedgerOnce(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-verify-ledger]");
    if (button) void run(button);
  });
}

async function run(button: HTMLElement): Promise<void> {
  const box = $("[data-ledger-result]")!;
  const bar = el("progress", { max: "1", value: "0", "aria-label": "Entries verified" }) as HTMLProgressElement;
  const text = el("p", { class: "muted small" }, "Reading every stored value…");
  box.replaceChildren(el("div", { class: "card card-body stack" }, el("h2", {}, "Verifying"), bar, text));
  box.hidden = false;
  button.setAttribute("disabled", "");
  try {
    const answer = await call("POST", "/api/v1/ledger:verify", {}, "text/event-stream, application/json");
    for await (const { name, data } of eventsOf(answer)) {
      if (name === "progress") {
        const { entries, of } = data as { entries: number; of: number };
        bar.value = of === 0 ? 1 : Math.min(1, entries / of);
        text.textContent = `${entries.toLocaleString("en")} of ${of.toLocaleString("en")} entries`;
      } else {
        box.replaceChildren(reportOf(data as Report));
      }
    }
  } catch (fault) {
    box.replaceChildren(el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  } finally {
    button.removeAttribute("disabled");
  }
}

async function* eventsOf(answer: Response): AsyncGenerator<{ name: string; data: unknown }> {
  let rest = "";
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    rest += value;
    for (let end = rest.indexOf("\n\n"); end >= 0; end = rest.indexOf("\n\n")) {
      const lines = rest.slice(0, end).split("\n");
      rest = rest.slice(end + 2);
      const of = (name: string): string => lines.find((l) => l.startsWith(name + ": "))?.slice(name.length + 2) ?? "";
      yield { name: of("event"), data: JSON.parse(of("data")) };
    }
  }
}

function reportOf(report: Report): HTMLElement {
  const good = report.last_good_checkpoint;
  const box = el("div", { class: `verdict ${report.sound ? "sound" : "tampered"}` }, el("div", {},
    el("h2", {}, report.sound ? "Sound" : "Tampered"),
    el("p", {}, `${report.entries.toLocaleString("en")} entries, ${report.tiles.toLocaleString("en")} tiles, ${report.checkpoints.toLocaleString("en")} checkpoints and ${report.blobs.toLocaleString("en")} blobs read and derived anew in ${report.seconds} s.`),
    el("p", { class: "small" }, `Last good checkpoint: ${good ? `${good.size} entries, root ${good.root}` : "none"}.`),
    ...report.findings.slice(0, 50).map((f) => el("p", { class: "small" }, `${f.kind} at ${f.where}: ${f.detail} ${f.affected}`))));
  box.prepend(mark(report.sound ? "good" : "bad", 28));
  return box;
}
