import { call } from "./api.ts";
import { $, el, messageOf } from "./dom.ts";

/** The search of customers: POST /api/v1/customers:search, since a name belongs in no address. */
interface Found {
  readonly customers: readonly { id: string; customer?: { external_id: string; kind: string; names: readonly { text: string }[] } | null }[];
  readonly next_page_token?: string | null;
}

export function bindCustomersOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-customer-search]")) return;
    event.preventDefault();
    void search(form);
  });
}

async function search(form: HTMLFormElement): Promise<void> {
  const box = $("[data-customer-found]", form);
  if (!box) return;
  box.replaceChildren(el("p", { class: "muted" }, "Searching…"));
  try {
    const text = String(new FormData(form).get("text") ?? "");
    const found = (await (await call("POST", "/api/v1/customers:search", { text, page_size: 20 })).json()) as Found;
    box.replaceChildren(...(found.customers.length === 0 ? [el("p", { class: "muted" }, "Nobody has all of these words.")] : [list(found)]));
  } catch (fault) {
    box.replaceChildren(el("p", { class: "fault", role: "alert" }, messageOf(fault)));
  }
}

const list = (found: Found): HTMLElement => el("ul", { class: "rows" }, ...found.customers.map((view) => el("li", {},
  el("a", { class: "link", href: `/customers/${encodeURIComponent(view.id)}` }, view.customer?.names[0]?.text ?? "erased"),
  el("span", { class: "muted small" }, view.customer?.external_id ?? view.id))),
  ...(found.next_page_token ? [el("li", { class: "muted small" }, "There are more; add a word.")] : []));
