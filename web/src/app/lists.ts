import { call } from "./api.ts";
import { $, el, messageOf, toast } from "./dom.ts";

/** Sanctions lists: GET /api/v1/screening/lists, versions and differences, and making a version live. */
interface Version {
  readonly id: string;
  readonly published_on?: string | null;
  readonly loaded_at: string;
  readonly entries: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly sha256: string;
  readonly is_active: boolean;
}

interface Status {
  readonly list: string;
  readonly active?: Version | null;
  readonly waiting?: Version | null;
  readonly checked_at?: string | null;
  readonly is_stale: boolean;
  readonly last_fault?: string | null;
}

interface Entry {
  readonly uid: string;
  readonly name: string;
  readonly fields?: readonly { field: string; removed: readonly string[]; added: readonly string[] }[];
}

interface Diff {
  readonly added_count: number;
  readonly removed_count: number;
  readonly changed_count: number;
  readonly added: readonly Entry[];
  readonly removed: readonly Entry[];
  readonly changed: readonly Entry[];
}

export function refreshLists(): void {
  const box = $("[data-lists]");
  if (box) void load(box);
}

async function load(box: HTMLElement): Promise<void> {
  try {
    const { lists } = (await (await call("GET", "/api/v1/screening/lists")).json()) as { lists: Status[] };
    const shown = el("div", { class: "stack", "aria-live": "polite" });
    box.replaceChildren(lists.length === 0
      ? el("div", { class: "empty" }, el("h2", {}, "No list is loaded"), el("p", {}, "Load one with ", el("code", {}, "probity lists load FOLDER"), ". Until then nobody is screened, which is not the same as clear."))
      : el("div", { class: "stack" }, table(lists, box, shown), shown));
  } catch (fault) {
    box.replaceChildren(el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

const minute = (instant: string | null | undefined): string => instant ? `${instant.slice(0, 16).replace("T", " ")} UTC` : "never";
const day = (version: Version | null | undefined): string => version ? `${version.published_on ?? version.loaded_at.slice(0, 10)} · ${version.entries} entries` : "none";

function table(lists: readonly Status[], box: HTMLElement, shown: HTMLElement): HTMLElement {
  return el("div", { class: "card" },
    el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Lists" },
      el("table", { class: "list" },
        el("thead", {}, el("tr", {}, ...["List", "Live", "Waiting", "Looked for", "State", "Look"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, ...lists.map((list) => {
          const versions = el("button", { class: "button", type: "button" }, "Versions");
          versions.addEventListener("click", () => void open(list, box, shown));
          return el("tr", {}, el("th", { scope: "row" }, list.list), el("td", {}, day(list.active)), el("td", {}, day(list.waiting)),
            el("td", {}, minute(list.checked_at)),
            el("td", {}, el("span", { class: `badge ${list.is_stale ? "warn" : "good"}` }, list.is_stale ? "stale" : "fresh"),
              list.last_fault ? el("p", { class: "small" }, list.last_fault) : null),
            el("td", {}, versions));
        })))));
}

async function open(list: Status, box: HTMLElement, shown: HTMLElement): Promise<void> {
  shown.replaceChildren(el("p", { class: "muted" }, "Reading…"));
  const path = `/api/v1/screening/lists/${encodeURIComponent(list.list)}`;
  try {
    const { versions } = (await (await call("GET", `${path}/versions`)).json()) as { versions: Version[] };
    const diff = list.waiting ? ((await (await call("GET", `${path}/diff?limit=100`)).json()) as Diff) : null;
    shown.replaceChildren(
      el("div", { class: "card" }, el("div", { class: "card-head" }, el("h2", {}, list.list)),
        el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": `Versions of ${list.list}` },
          el("table", { class: "list" },
            el("thead", {}, el("tr", {}, ...["Published", "Loaded", "Entries", "New", "Gone", "Changed", "SHA-256", ""].map((text) => el("th", { scope: "col" }, text === "" ? "Live" : text)))),
            el("tbody", {}, ...versions.map((version) => el("tr", {},
              el("td", {}, version.published_on ?? "not told"), el("td", {}, minute(version.loaded_at)),
              ...[version.entries, version.added, version.removed, version.changed].map((number) => el("td", { class: "num" }, String(number))),
              el("td", { class: "mono small" }, version.sha256.slice(0, 16)),
              el("td", {}, version.is_active ? el("span", { class: "badge good" }, "live") : null))))))),
      ...(diff && list.waiting ? [difference(list, list.waiting, diff, box)] : []));
  } catch (fault) {
    shown.replaceChildren(el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

function difference(list: Status, waiting: Version, diff: Diff, box: HTMLElement): HTMLElement {
  const live = el("button", { class: "button primary", type: "button" }, "Make it live");
  live.addEventListener("click", () => void activate(list.list, waiting.id, box));
  return el("section", { class: "card", "aria-label": "What would change" },
    el("div", { class: "card-head" }, el("h2", {}, `What ${waiting.published_on ?? "the new version"} would change`), box.dataset["mayActivate"] === "yes" && live),
    el("div", { class: "card-body stack" },
      ...([["New", diff.added_count, diff.added], ["Gone", diff.removed_count, diff.removed], ["Changed", diff.changed_count, diff.changed]] as const).map(([title, count, entries]) =>
        el("div", { class: "stack" }, el("h3", {}, `${title}: ${count}`),
          el("ul", { class: "stack" }, ...entries.map((entry) => el("li", { class: "break" }, `${entry.uid} ${entry.name}`,
            ...(entry.fields ?? []).map((field) => el("p", { class: "small muted" },
              `${field.field}: ${[...field.removed.map((value) => `− ${value}`), ...field.added.map((value) => `+ ${value}`)].join(", ")}`)))))))));
}

async function activate(list: string, id: string, box: HTMLElement): Promise<void> {
  try {
    const answer = await call("POST", `/api/v1/screening/lists/${encodeURIComponent(list)}/versions/${id}:activate`, { reason: "the difference was looked at" });
    toast(answer.status === 202 ? "A second person has to agree; it waits under Approvals." : "It is live.");
    await load(box);
  } catch (fault) {
    toast(messageOf(fault), "bad");
  }
}
