import { call } from "./api.ts";
import { $, el, messageOf } from "./dom.ts";

/** The search page: POST /api/v1/screening/search, and the answer as the ledger has it. */
interface Part {
  readonly match: string;
  readonly ours: string;
  readonly theirs: string;
}

interface Evidence {
  readonly field: string;
  readonly says: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Result {
  readonly id: string;
  readonly list: string;
  readonly caption: string;
  readonly schema: string;
  readonly score: number;
  readonly name_score: number;
  readonly ofac_score?: number;
  readonly matched_name?: string;
  readonly name_kind?: string;
  readonly programmes: readonly string[];
  readonly parts: readonly Part[];
  readonly evidence: readonly Evidence[];
  readonly explanation: string;
}

interface Answer {
  readonly entry: string;
  readonly answer: {
    readonly status: string;
    readonly total: number;
    readonly results: readonly Result[];
    readonly rejected: readonly Result[];
    readonly lists: readonly { list: string; published_on?: string; entries: number; sha256: string }[];
  };
}

export function bindScreeningOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-screen]")) return;
    event.preventDefault();
    void ask(form);
  });
}

async function ask(form: HTMLFormElement): Promise<void> {
  const box = $("[data-screen-answer]");
  if (!box) return;
  const asked = Object.fromEntries([...new FormData(form)].filter(([, value]) => String(value).trim() !== ""));
  box.replaceChildren(el("p", { class: "muted" }, "Screening…"));
  try {
    const given = (await (await call("POST", "/api/v1/screening/search", asked)).json()) as { response: Answer; stale_lists: string[] };
    box.replaceChildren(...show(given.response, given.stale_lists));
  } catch (fault) {
    box.replaceChildren(el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

function show(given: Answer, stale: readonly string[]): HTMLElement[] {
  const { answer } = given;
  const lists = answer.lists.map((list) => `${list.list} ${list.published_on ?? list.sha256.slice(0, 12)} (${list.entries})`).join(", ");
  return [
    el("div", { class: "stack" },
      el("div", { class: "record-head" },
        el("h2", {}, answer.status === "clear" ? "Nobody listed" : `${answer.total} listed`),
        el("span", { class: `badge ${answer.status === "clear" ? "good" : "bad"}` }, answer.status)),
      stale.length > 0 && el("p", { class: "callout warn", role: "status" }, `Nobody has asked for these lists in 36 hours: ${stale.join(", ")}.`),
      ...answer.results.map(card),
      answer.rejected.length > 0 && el("details", {}, el("summary", {}, `Near, and below the threshold: ${answer.rejected.length}`), ...answer.rejected.map(card)),
      el("p", { class: "muted small break" }, `Against ${lists}. `, el("a", { class: "link", href: `/events/${given.entry}` }, "The entry"))),
  ];
}

export const percent = (score: number): string => `${Math.round(score * 100)} %`;

function card(result: Result): HTMLElement {
  return el("section", { class: "card", "aria-label": result.caption },
    el("div", { class: "card-head" }, el("h3", {}, result.caption), el("span", { class: "badge" }, percent(result.score))),
    el("div", { class: "card-body stack" },
      el("p", {}, `${result.list} ${result.id}, ${result.schema}`
        + (result.matched_name ? `, by ${result.name_kind ?? ""} name “${result.matched_name}” (${percent(result.name_score)})` : "")
        + (result.ofac_score === undefined ? "" : `; OFAC's own search would show ${result.ofac_score}`)
        + (result.programmes.length > 0 ? `; ${result.programmes.join(", ")}` : "")),
      why(result)));
}

/** What matched how, and what the other fields say; the same in words above it. */
export function why(result: Result): HTMLElement {
  return el("div", { class: "stack" },
    el("p", { class: "callout" }, result.explanation),
    result.parts.length + result.evidence.length > 0 && el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": `Why ${result.caption}` },
      el("table", { class: "list" },
        el("thead", {}, el("tr", {}, ...["What", "Asked", "Listed", "Says"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {},
          ...result.parts.map((part) => row("name part", part.ours, part.theirs, part.match.replaceAll("_", " "))),
          ...result.evidence.map((field) => row(field.field, field.ours, field.theirs, field.says))))));
}

const row = (...cells: string[]): HTMLElement => el("tr", {}, ...cells.map((cell) => el("td", {}, cell === "" ? "–" : cell)));
