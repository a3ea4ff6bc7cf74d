import { call, Problem } from "./api.ts";
import { $, el, messageOf } from "./dom.ts";

/** The approvals inbox, read from GET /api/v1/approvals; decisions are forms to :approve and :decline. */
interface Approval {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly reason?: string;
  readonly requested_by?: string;
  readonly requested_by_name?: string;
  readonly requested_at?: string;
  readonly expires_at?: string;
  readonly target?: unknown;
  readonly payload?: unknown;
}

export function refreshApprovals(): void {
  const box = $("[data-approvals]");
  if (box) void load(box);
}

async function load(box: HTMLElement): Promise<void> {
  try {
    const { approvals } = (await (await call("GET", "/api/v1/approvals?state=pending")).json()) as { approvals: Approval[] };
    const mayDecide = box.dataset["mayDecide"] === "yes";
    box.replaceChildren(approvals.length === 0 ? empty("Nothing waits", "When someone asks for what needs a second person, it stands here until it is decided or expires.")
      : el("section", { class: "card", "aria-label": "Waiting" }, ...approvals.map((a) => item(a, mayDecide))));
  } catch (fault) {
    const isMissing = fault instanceof Problem && fault.status === 404;
    box.replaceChildren(isMissing ? empty("No approvals on this server yet", "This build asks no second person for anything, so nothing can wait here.")
      : el("p", { class: "callout bad", role: "alert" }, messageOf(fault)));
  }
}

const empty = (title: string, text: string): HTMLElement => el("div", { class: "empty" }, el("h2", {}, title), el("p", {}, text));

function item(approval: Approval, mayDecide: boolean): HTMLElement {
  const who = approval.requested_by_name ?? approval.requested_by ?? "someone";
  const detail = JSON.stringify(approval.payload ?? approval.target ?? {}, null, 2);
  return el("article", { class: "approval stack" },
    el("div", { class: "record-head" }, el("h2", {}, approval.action), el("span", { class: "badge warn" }, approval.state)),
    el("p", {}, `Asked for by ${who}${approval.requested_at ? ` on ${approval.requested_at.slice(0, 16).replace("T", " ")} UTC` : ""}`
      + `${approval.expires_at ? `, open until ${approval.expires_at.slice(0, 16).replace("T", " ")}` : ""}.`),
    approval.reason ? el("p", { class: "callout" }, approval.reason) : null,
    el("pre", { class: "block", tabindex: "0", "aria-label": "What was asked for" }, detail),
    mayDecide && el("form", { "data-api": `POST /api/v1/approvals/${approval.id}:approve`, "data-then": "reload" },
      el("div", { class: "field" }, el("label", { for: `reason-${approval.id}` }, "Reason"), el("input", { class: "input", id: `reason-${approval.id}`, name: "reason", required: true })),
      el("div", { class: "buttons" }, el("button", { class: "button danger", type: "submit", formaction: `/api/v1/approvals/${approval.id}:decline` }, "Decline"),
        el("button", { class: "button primary", type: "submit" }, "Approve"))));
}
