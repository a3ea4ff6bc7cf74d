import { call } from "./api.ts";
import { $, $$, el, isTyping, messageOf, toast } from "./dom.ts";
import { percent, type Result, why } from "./screening.ts";

/** Hit review: GET /api/v1/screening/hits, one of them with both sides, and its decision by key or button. */
interface Hit {
  readonly id: string;
  readonly external_id: string;
  readonly list: string;
  readonly entity_uid: string;
  readonly score: number;
  readonly status: string;
  readonly found_at: string;
  readonly reason_code?: string | null;
}

interface Detail {
  readonly hit: Hit;
  readonly fields: readonly { field: string; ours: readonly string[]; theirs: readonly string[]; says: string }[];
  readonly result?: Result | null;
}

const statuses = [["open", "Open"], ["escalated", "Escalated"], ["false_positive", "False positives"], ["true_match", "True matches"],
  ["exempted", "Exempted"], ["ended", "Ended"]] as const;

const reasons = [["name_only", "Only the name is alike, and it is common"], ["name_differs", "The names are not the same name"],
  ["birth_date_differs", "Born on another day"], ["country_differs", "Of another country"],
  ["identifier_differs", "Other documents or registrations"], ["gender_differs", "Of the other gender"],
  ["kind_differs", "A person is not an organisation"], ["documented_other", "Documents prove another person"]] as const;

const keys: Record<string, "false_positive" | "true_match" | "escalate"> = { f: "false_positive", t: "true_match", e: "escalate" };
const titles = { false_positive: "False positive", true_match: "True match", escalate: "Escalate" } as const;

export function refreshHits(): void {
  const box = $("[data-hits]");
  if (box) void load(box);
}

export function bindHitsOnce(): void {
  document.addEventListener("keydown", (event) => {
    const box = $("[data-hits]");
    if (!box || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") step(box, event.key === "j" ? 1 : -1);
    else if (keys[event.key] && mayDecide(box)) $<HTMLElement>(`[data-decide="${keys[event.key]}"]`, box)?.click();
    else return;
    event.preventDefault();
  });
}

const mayDecide = (box: HTMLElement): boolean => box.dataset["mayDecide"] === "yes";

function step(box: HTMLElement, by: number): void {
  const links = $$("[data-hit]", box);
  const at = links.findIndex((link) => link.getAttribute("aria-current") === "true");
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.click();
}

async function load(box: HTMLElement): Promise<void> {
  const status = statuses.find(([name]) => name === new URLSearchParams(location.search).get("status"))?.[0] ?? "open";
  const tabs = el("nav", { class: "ranges tabs", "aria-label": "Which hits" },
    ...statuses.map(([name, text]) => el("a", { href: `/screening/hits?status=${name}`, "aria-current": name === status ? "page" : false }, text)));
  try {
    const { hits } = (await (await call("GET", `/api/v1/screening/hits?status=${status}&page_size=100`)).json()) as { hits: Hit[] };
    if (hits.length === 0) {
      box.replaceChildren(tabs, el("div", { class: "empty" }, el("h2", {}, "Nothing here"),
        el("p", {}, "Registered customers are screened with every change of theirs and of the lists; what is found stands here.")));
      return;
    }
    const shown = el("div", { class: "stack", "data-hit-detail": true, "aria-live": "polite" });
    const list = el("section", { class: "card", "aria-label": "Hits" }, el("ul", { class: "stack" }, ...hits.map((hit) => item(hit, box, shown))));
    box.replaceChildren(tabs, el("div", { class: "stack" }, list, shown));
    step(box, 1);
  } catch (fault) {
    box.replaceChildren(tabs, el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

function item(hit: Hit, box: HTMLElement, shown: HTMLElement): HTMLElement {
  const button = el("button", { class: "button", type: "button", "data-hit": hit.id, "aria-current": "false" },
    `${hit.external_id} · ${hit.list} ${hit.entity_uid} · ${percent(hit.score)} · ${hit.found_at.slice(0, 16).replace("T", " ")}`);
  button.addEventListener("click", () => {
    $$("[data-hit]", box).forEach((other) => other.setAttribute("aria-current", String(other === button)));
    void open(hit.id, box, shown);
  });
  return el("li", {}, button);
}

async function open(id: string, box: HTMLElement, shown: HTMLElement): Promise<void> {
  shown.replaceChildren(el("p", { class: "muted" }, "Reading both sides…"));
  try {
    const detail = (await (await call("GET", `/api/v1/screening/hits/${id}`)).json()) as Detail;
    shown.replaceChildren(compare(detail, box));
  } catch (fault) {
    shown.replaceChildren(el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

/** To agree with someone listed is what alarms, so it is said in words and by a mark, not by a colour alone; to differ is not "good". */
const meanings: Record<string, { readonly tone: string; readonly mark: string; readonly text: string; readonly sum: string }> = {
  same: { tone: "bad", mark: "▲", text: "agrees: speaks for a match", sum: "Speak for a match" },
  similar: { tone: "bad", mark: "▲", text: "alike: speaks for a match", sum: "Speak for a match" },
  differs: { tone: "", mark: "▽", text: "differs: speaks against", sum: "Speak against it" },
  missing: { tone: "warn", mark: "○", text: "cannot be compared", sum: "Cannot be compared" },
};

/** The same as one line each, for whoever decides by it: what speaks for a match first. */
function balance(fields: Detail["fields"]): HTMLElement {
  const by = new Map<string, string[]>();
  for (const { sum } of Object.values(meanings)) by.set(sum, []);
  for (const field of fields) {
    // What only a list ever has (programmes, remarks) compares with nothing and would only make noise here.
    if (field.ours.length > 0 || field.says !== "missing" || !["programmes", "positions", "remarks"].includes(field.field)) {
      by.get(meanings[field.says]?.sum ?? "")?.push(field.field);
    }
  }
  return el("ul", { class: "stack", "data-balance": true }, ...[...by].map(([sum, names]) =>
    el("li", {}, `${sum}: ${names.length === 0 ? "nothing" : names.join(", ")}`)));
}

function compare(detail: Detail, box: HTMLElement): HTMLElement {
  const { hit } = detail;
  const isWaiting = hit.status === "open" || hit.status === "escalated";
  return el("section", { class: "card", "aria-label": "Comparison" },
    el("div", { class: "card-head" }, el("h2", {}, `${hit.external_id} and ${hit.list} ${hit.entity_uid}`), el("span", { class: "badge" }, `${percent(hit.score)}, ${hit.status.replaceAll("_", " ")}`)),
    el("div", { class: "card-body stack" },
      isWaiting && mayDecide(box) && el("div", { class: "buttons" }, ...Object.entries(keys).map(([key, decision]) => {
        const button = el("button", { class: decision === "true_match" ? "button danger" : "button", type: "button", "data-decide": decision }, `${titles[decision]} `, el("kbd", {}, key));
        button.addEventListener("click", () => ask(hit, decision, box));
        return button;
      })),
      balance(detail.fields),
      el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Field by field" },
        el("table", { class: "list" },
          el("thead", {}, el("tr", {}, ...["Field", "Ours", "The list's", "Says"].map((text) => el("th", { scope: "col" }, text)))),
          el("tbody", {}, ...detail.fields.map((field) => el("tr", {},
            el("th", { scope: "row" }, field.field), cell(field.ours), cell(field.theirs),
            el("td", {}, says(field.says))))))),
      detail.result ? why(detail.result) : el("p", { class: "muted" }, "The recorded answer cannot be opened any more.")));
}

function says(word: string): HTMLElement {
  const meaning = meanings[word];
  return el("span", { class: `badge ${meaning?.tone ?? ""}`, "data-says": word }, el("span", { "aria-hidden": "true" }, meaning?.mark ?? ""), meaning?.text ?? word);
}

const cell = (values: readonly string[]): HTMLElement => el("td", { class: "break" }, values.length === 0 ? "–" : values.join("; "));

/** A decision has a reason; a false positive has a code that can be counted, too. */
function ask(hit: Hit, decision: "false_positive" | "true_match" | "escalate", box: HTMLElement): void {
  const reason = el("input", { class: "input", id: "hit-reason", required: true, maxlength: "1000", autocomplete: "off" }) as HTMLInputElement;
  const code = el("select", { class: "input", id: "hit-code" }, ...reasons.map(([value, text]) => el("option", { value }, text))) as HTMLSelectElement;
  const fault = el("p", { class: "fault", role: "alert" });
  const cancel = el("button", { class: "button", type: "button" }, "Cancel");
  const form = el("form", { class: "card-body stack" }, el("h2", { id: "hit-title" }, titles[decision]),
    decision === "false_positive" && el("div", { class: "field" }, el("label", { for: "hit-code" }, "Why it is no match"), code),
    el("div", { class: "field" }, el("label", { for: "hit-reason" }, "Reason, for the ledger"), reason, fault),
    el("div", { class: "buttons" }, cancel, el("button", { class: "button primary", type: "submit" }, "Decide")));
  const dialog = el("dialog", { class: "modal", "aria-labelledby": "hit-title" }, form) as HTMLDialogElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    const body = { decision, reason: reason.value, ...(decision === "false_positive" ? { reason_code: code.value } : {}) };
    call("POST", `/api/v1/screening/hits/${hit.id}:decide`, body).then(() => {
      dialog.close();
      toast(`${titles[decision]}: recorded.`);
      void load(box);
    }, (refused: unknown) => {
      fault.textContent = messageOf(refused);
    });
  });
  dialog.showModal();
  (decision === "false_positive" ? code : reason).focus();
}
