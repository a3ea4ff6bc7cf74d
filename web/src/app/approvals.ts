import { call } from "./api.ts";
import { $, el, messageOf } from "./dom.ts";

/** The approvals inbox: GET /api/v1/approvals, and forms to :approve, :reject and :withdraw. */
interface Decision {
  readonly name: string;
  readonly verdict: string;
  readonly reason: string;
  readonly decided_at: string;
}

interface Approval {
  readonly id: string;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly payload: unknown;
  readonly payload_sha256: string;
  readonly maker_name: string;
  readonly reason: string;
  readonly created_at: string;
  readonly expires_at: string;
  readonly state: string;
  readonly checkers_needed: number;
  readonly decisions: readonly Decision[];
  readonly failure?: string;
  readonly can_decide: boolean;
}

const views = [["pending", "Waiting for me"], ["mine", "Asked by me"], ["all", "All"]] as const;

export function refreshApprovals(): void {
  const box = $("[data-approvals]");
  if (box) void load(box);
}

async function load(box: HTMLElement): Promise<void> {
  const view = views.find(([name]) => name === new URLSearchParams(location.search).get("view"))?.[0] ?? "pending";
  const tabs = el("nav", { class: "ranges tabs", "aria-label": "Which approvals" },
    ...views.map(([name, text]) => el("a", { href: `/approvals?view=${name}`, "aria-current": name === view ? "page" : false }, text)));
  try {
    const { approvals } = (await (await call("GET", `/api/v1/approvals?view=${view}`)).json()) as { approvals: Approval[] };
    box.replaceChildren(tabs, approvals.length === 0
      ? empty("Nothing here", "When someone asks for what needs a second person, it stands here until it is decided or expires.")
      : el("section", { class: "card", "aria-label": "Approvals" }, ...approvals.map((a) => item(a, view))));
  } catch (fault) {
    box.replaceChildren(tabs, el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

const empty = (title: string, text: string): HTMLElement => el("div", { class: "empty" }, el("h2", {}, title), el("p", {}, text));

const minute = (instant: string): string => `${instant.slice(0, 16).replace("T", " ")} UTC`;

const tones: Record<string, string> = { pending: "warn", executed: "good", rejected: "bad", failed: "bad" };

function item(approval: Approval, view: string): HTMLElement {
  const isOpen = approval.state === "pending";
  const agreed = approval.decisions.filter((d) => d.verdict === "approved").length;
  return el("article", { class: "approval stack" },
    el("div", { class: "record-head" }, el("h2", {}, approval.action), el("span", { class: `badge ${tones[approval.state] ?? ""}` }, approval.state)),
    el("p", {}, `${approval.target_type} ${approval.target_id}. Asked for by ${approval.maker_name} on ${minute(approval.created_at)}`
      + (isOpen ? `; ${agreed} of ${approval.checkers_needed} agreed, open until ${minute(approval.expires_at)}.` : ".")),
    el("p", { class: "callout" }, approval.reason),
    el("pre", { class: "block", tabindex: "0", role: "region", "aria-label": `What ${approval.id} would do` }, JSON.stringify(approval.payload, null, 2)),
    ...approval.decisions.map((d) => el("p", { class: "muted" }, `${d.name} ${d.verdict} on ${minute(d.decided_at)}: ${d.reason}`)),
    approval.failure ? el("p", { class: "callout bad" }, approval.failure) : null,
    isOpen && approval.can_decide && view !== "mine" && decide(approval),
    isOpen && view === "mine" && aside(approval, "withdraw", "Withdraw"));
}

function decide(approval: Approval): HTMLElement {
  return el("div", { class: "stack" },
    el("form", { "data-api": `POST /api/v1/approvals/${approval.id}:approve`, "data-then": "reload" },
      el("input", { type: "hidden", name: "payload_sha256", value: approval.payload_sha256 }),
      reason(approval, "approve"),
      el("div", { class: "buttons" }, el("button", { class: "button primary", type: "submit" }, "Approve"))),
    aside(approval, "reject", "Decline"));
}

/** What is rarer than approving stands folded under it. */
function aside(approval: Approval, verb: string, title: string): HTMLElement {
  return el("details", {}, el("summary", {}, `${title}…`),
    el("form", { "data-api": `POST /api/v1/approvals/${approval.id}:${verb}`, "data-then": "reload" },
      reason(approval, verb),
      el("div", { class: "buttons" }, el("button", { class: "button danger", type: "submit" }, title))));
}

function reason(approval: Approval, verb: string): HTMLElement {
  const id = `${verb}-${approval.id}`;
  return el("div", { class: "field" }, el("label", { for: id }, `Reason to ${verb}`),
    el("input", { class: "input", id, name: "reason", required: true, maxlength: "1000", autocomplete: "off" }));
}
