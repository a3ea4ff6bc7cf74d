import { call } from "./api.ts";
import { $, el } from "./dom.ts";

/** Completion in the filter bar: fields first, then values. A combobox as the ARIA practices have it. */
interface Option {
  readonly text: string;
  readonly hint: string;
}

const FIELDS: Option[] = [
  { text: "action", hint: "what was done, payment.*" }, { text: "actor", hint: "who, by id" }, { text: "actor.type", hint: "user, api_key…" },
  { text: "role", hint: "the actor's role" }, { text: "session", hint: "the actor's session" }, { text: "on_behalf_of", hint: "whom the actor acted for" },
  { text: "target", hint: "what was touched, by id" }, { text: "target.type", hint: "payment, customer…" }, { text: "outcome", hint: "success, failure, denied, unknown" },
  { text: "type", hint: "event, or probity.… of this server" }, { text: "source", hint: "the system it came from" }, { text: "external_id", hint: "its id there" },
  { text: "service", hint: "the service of the context" }, { text: "request_id", hint: "" }, { text: "trace_id", hint: "" }, { text: "case", hint: "the case of the reason" },
  { text: "ticket", hint: "the ticket of the reason" }, { text: "seq", hint: "number in the log, seq>=100" }, { text: "time", hint: "recorded: time>=-24h" },
  { text: "occurred_at", hint: "as the source says" }, { text: "text", hint: "whole words, also in encrypted members" },
];
const FIXED: Record<string, string[]> = {
  outcome: ["success", "failure", "denied", "unknown"],
  time: ["-1h", "-24h", "-7d", "-30d"],
  occurred_at: ["-1h", "-24h", "-7d", "-30d"],
};
const COMPLETED_BY_SERVER = new Set(["action", "type", "actor.type", "target.type", "source", "service", "role"]);

let options: Option[] = [];
let picked = -1;
let asked = 0;

export function bindCompletionOnce(): void {
  document.addEventListener("input", (event) => {
    const box = inputOf(event.target);
    if (box) void suggest(box);
  });
  document.addEventListener("focusin", (event) => {
    const box = inputOf(event.target);
    if (box) void suggest(box);
  });
  document.addEventListener("focusout", (event) => {
    if (inputOf(event.target)) setTimeout(close, 120);
  });
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("pointerdown", (event) => {
    const item = (event.target as Element).closest?.<HTMLElement>("[data-completions] li");
    if (!item) return;
    event.preventDefault();
    picked = Number(item.dataset["index"]);
    accept();
  });
}

const inputOf = (target: EventTarget | null): HTMLInputElement | null =>
  target instanceof HTMLInputElement && target.matches("[data-filter] input[role=combobox]") ? target : null;
const list = (): HTMLElement | null => $("[data-completions]");
const input = (): HTMLInputElement | null => $<HTMLInputElement>("[data-filter] input[role=combobox]");

/** The word under the caret: a field being typed, or a field, a sign and the start of a value. */
function wordAt(box: HTMLInputElement): { start: number; field: string | null; typed: string } {
  const before = box.value.slice(0, box.selectionStart ?? box.value.length);
  const match = /(?:^|[\s(])(-?)([a-z_.]*)(?:(!=|>=|<=|=|:|>|<)\(?"?([^\s()"]*))?$/i.exec(before);
  if (!match) return { start: before.length, field: null, typed: "" };
  const value = match[4];
  return value === undefined
    ? { start: before.length - (match[2]?.length ?? 0), field: null, typed: match[2] ?? "" }
    : { start: before.length - value.length, field: (match[2] ?? "").toLowerCase(), typed: value };
}

async function suggest(box: HTMLInputElement): Promise<void> {
  const { field, typed } = wordAt(box);
  const turn = ++asked;
  let found: Option[];
  if (field === null) found = FIELDS.filter((o) => o.text.startsWith(typed.toLowerCase()) && o.text !== typed);
  else if (FIXED[field]) found = FIXED[field].filter((v) => v.startsWith(typed) && v !== typed).map((text) => ({ text, hint: "" }));
  else if (COMPLETED_BY_SERVER.has(field)) found = await values(field, typed);
  else found = seenValues(field, typed);
  if (turn !== asked || document.activeElement !== box) return;
  options = found.slice(0, 12);
  picked = -1;
  draw(box);
}

async function values(field: string, prefix: string): Promise<Option[]> {
  try {
    const answer = await call("GET", `/api/v1/events:values?field=${encodeURIComponent(field)}&prefix=${encodeURIComponent(prefix)}`);
    const { values: found } = (await answer.json()) as { values: { value: string; count: number }[] };
    return found.filter((v) => v.value !== prefix).map((v) => ({ text: v.value, hint: v.count.toLocaleString() }));
  } catch {
    return [];
  }
}

/** Ids of people are completed only from what is on the page: that reading is in the ledger already. */
function seenValues(field: string, prefix: string): Option[] {
  const seen = new Set([...document.querySelectorAll<HTMLElement>(`[data-value-of="${CSS.escape(field)}"]`)].map((cell) => cell.dataset["value"] ?? ""));
  return [...seen].filter((v) => v !== "" && v !== prefix && v.startsWith(prefix)).sort().map((text) => ({ text, hint: "on this page" }));
}

function draw(box: HTMLInputElement): void {
  const ul = list();
  if (!ul) return;
  ul.replaceChildren(...options.map((option, i) => el("li", { role: "option", id: `completion-${i}`, "data-index": String(i), "aria-selected": String(i === picked) },
    el("span", { class: "mono" }, option.text), el("span", { class: "hint" }, option.hint))));
  ul.hidden = options.length === 0;
  box.setAttribute("aria-expanded", String(options.length > 0));
  if (picked >= 0) {
    box.setAttribute("aria-activedescendant", `completion-${picked}`);
    $(`#completion-${picked}`)?.scrollIntoView({ block: "nearest" });
  } else {
    box.removeAttribute("aria-activedescendant");
  }
}

function close(): void {
  const box = input();
  if (document.activeElement === box) return;
  options = [];
  if (box) draw(box);
}

function onKey(event: KeyboardEvent): void {
  const box = inputOf(event.target);
  if (!box || options.length === 0) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    picked = (picked + (event.key === "ArrowDown" ? 1 : -1) + options.length + (picked < 0 && event.key === "ArrowUp" ? 1 : 0)) % options.length;
    draw(box);
    event.preventDefault();
  } else if ((event.key === "Enter" || event.key === "Tab") && picked >= 0) {
    accept();
    event.preventDefault();
  } else if (event.key === "Escape") {
    options = [];
    draw(box);
    event.preventDefault();
    event.stopPropagation();
  }
}

function accept(): void {
  const box = input();
  const option = options[picked];
  if (!box || !option) return;
  const { start, field } = wordAt(box);
  const end = box.selectionStart ?? box.value.length;
  const text = field === null ? `${option.text}=` : `${quoted(option.text)} `;
  box.value = box.value.slice(0, start) + text + box.value.slice(end).replace(/^ /, "");
  box.setSelectionRange(start + text.length, start + text.length);
  box.focus();
  void suggest(box);
}

const quoted = (value: string): string => (/^-?[A-Za-z0-9_.*-]+$/.test(value) ? value : `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
