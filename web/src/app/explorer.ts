import { $, $$, el, isTyping, messageOf, svg, toast } from "./dom.ts";
import { downloadProof, verifyRecord } from "./proof-panel.ts";

/** The audit explorer: rows and the record beside them, the histogram's brush, and the live tail. The address is the state. */
let opener: HTMLElement | null = null;
let live: EventSource | null = null;

export function bindExplorerOnce(): void {
  document.addEventListener("click", onClick, true); // Before the framework's own handler follows the link.
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", onPointerDown);
  document.addEventListener("pointermove", showTip);
  window.addEventListener("popstate", () => void showWanted());
}

export function refreshExplorer(): void {
  stopLive();
  if ($("[data-drawer]")) void showWanted();
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  const verify = target.closest<HTMLElement>("[data-verify]");
  if (verify) return void verifyRecord(verify.closest<HTMLElement>("[data-proof-of]")!, verify);
  const save = target.closest<HTMLElement>("[data-download-proof]");
  if (save) return void downloadProof(save.closest<HTMLElement>("[data-proof-of]")!);
  if (target.closest("[data-close-drawer]")) return closeDrawer(true);
  if (target.closest("[data-live]")) return toggleLive(target.closest<HTMLElement>("[data-live]")!);
  const step = target.closest<HTMLElement>("[data-step]");
  if (step) return move(Number(step.dataset["step"]), true);
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  const row = target.closest<HTMLElement>("[data-events] tr[data-id]");
  if (row && isPlain && $("[data-drawer]") && !String(getSelection())) {
    event.preventDefault();
    event.stopPropagation();
    open(row.dataset["id"]!, row);
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !$("[data-events]") || $("dialog[open]")) return;
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    move(event.key === "j" ? 1 : -1, drawerIsOpen());
  } else if (event.key === "v" && drawerIsOpen()) {
    $<HTMLElement>("[data-drawer] [data-verify]")?.click();
  } else if (event.key === "Escape" && drawerIsOpen()) {
    closeDrawer(true);
  }
}

const rows = (): HTMLElement[] => $$<HTMLElement>("[data-events] tr[data-id]");
const drawerIsOpen = (): boolean => $("[data-drawer]")?.hidden === false;

/** To the next or previous row: with the record open it follows, else only the focus moves. */
function move(by: number, withRecord: boolean): void {
  const all = rows();
  const now = all.findIndex((row) => (withRecord ? row.classList.contains("current") : row.contains(document.activeElement)));
  const next = all[Math.min(all.length - 1, Math.max(0, now + by))];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  if (withRecord) open(next.dataset["id"]!, next);
  else $<HTMLElement>("a", next)?.focus();
}

function open(id: string, from: HTMLElement | null): void {
  opener = from ? $<HTMLElement>("a", from) : null;
  const url = new URL(location.href);
  const isFirst = !url.searchParams.has("id");
  url.searchParams.set("id", id);
  if (isFirst) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  void show(id, true);
}

async function showWanted(): Promise<void> {
  const id = new URL(location.href).searchParams.get("id");
  if (id) await show(id, false);
  else closeDrawer(false);
}

async function show(id: string, takeFocus: boolean): Promise<void> {
  const drawer = $("[data-drawer]");
  if (!drawer) return;
  for (const row of rows()) row.classList.toggle("current", row.dataset["id"] === id);
  const body = $("[data-drawer-body]", drawer)!;
  if (drawer.dataset["shown"] !== id) {
    drawer.dataset["shown"] = id;
    try {
      const page = await fetch(`/events/${encodeURIComponent(id)}`, { headers: { Accept: "text/html" } });
      const record = $("[data-record]", new DOMParser().parseFromString(await page.text(), "text/html"));
      if (drawer.dataset["shown"] !== id) return;
      body.replaceChildren(record ? document.adoptNode(record) : el("p", { class: "fault", role: "alert" }, `The record cannot be shown (${page.status}).`));
    } catch (fault) {
      body.replaceChildren(el("p", { class: "fault", role: "alert" }, messageOf(fault)));
    }
    body.scrollTop = 0;
    $("[data-open-page]", drawer)?.setAttribute("href", `/events/${id}`);
  }
  drawer.hidden = false;
  if (takeFocus) $<HTMLElement>("[data-verify]", body)?.focus({ preventScroll: true });
}

function closeDrawer(giveFocusBack: boolean): void {
  const drawer = $("[data-drawer]");
  if (!drawer || drawer.hidden) return;
  const shown = drawer.dataset["shown"];
  drawer.hidden = true;
  delete drawer.dataset["shown"];
  for (const row of rows()) row.classList.remove("current");
  const url = new URL(location.href);
  if (url.searchParams.has("id")) {
    url.searchParams.delete("id");
    history.replaceState(null, "", url);
  }
  if (giveFocusBack) (opener ?? $<HTMLElement>(`[data-events] tr[data-id="${CSS.escape(shown ?? "")}"] a`))?.focus();
}

/* The histogram: drag to narrow the time; the table below it does the same with links. */
function onPointerDown(down: PointerEvent): void {
  const plot = (down.target as Element).closest<SVGSVGElement>("[data-histogram] svg");
  if (!plot || down.button !== 0) return;
  const box = plot.getBoundingClientRect();
  const width = plot.viewBox.baseVal.width;
  const place = (x: number): number => Math.min(width, Math.max(0, ((x - box.left) / box.width) * width));
  const start = place(down.clientX);
  const brush = svg("rect", { class: "brush", y: 0, height: plot.viewBox.baseVal.height, x: start, width: 0 });
  plot.append(brush);
  const move = (event: PointerEvent): void => {
    const now = place(event.clientX);
    brush.setAttribute("x", String(Math.min(start, now)));
    brush.setAttribute("width", String(Math.abs(now - start)));
  };
  const up = (event: PointerEvent): void => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", up);
    brush.remove();
    const [from, to] = [start, place(event.clientX)].sort((a, b) => a - b) as [number, number];
    const bars = $$<SVGGElement>("g[data-from]", plot);
    const step = width / bars.length;
    const first = bars[Math.min(bars.length - 1, Math.floor(from / step))];
    const last = bars[Math.min(bars.length - 1, Math.floor(Math.max(from, to - 0.01) / step))];
    if (first && last) narrow(first.dataset["from"]!, last.dataset["to"]!);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
}

function narrow(from: string, to: string): void {
  const url = new URL(location.href);
  for (const name of ["range", "page_token", "id"]) url.searchParams.delete(name);
  url.searchParams.set("from", from);
  url.searchParams.set("to", to);
  navigate(url);
}

function navigate(url: URL): void {
  const blazor = (globalThis as { Blazor?: { navigateTo(to: string): void } }).Blazor;
  if (blazor) blazor.navigateTo(url.pathname + url.search);
  else location.assign(url);
}

function showTip(event: PointerEvent): void {
  const plot = $("[data-histogram] .plot");
  if (!plot) return;
  const bar = (event.target as Element).closest?.<SVGGElement>("[data-histogram] g[data-from]");
  let tip = $(".tip", plot);
  if (!bar) {
    tip?.remove();
    return;
  }
  tip ??= plot.appendChild(el("div", { class: "tip", "aria-hidden": "true" }));
  tip.textContent = bar.dataset["label"] ?? "";
  const box = plot.getBoundingClientRect();
  tip.style.left = `${Math.min(box.width - 90, Math.max(90, event.clientX - box.left))}px`;
}

/* The live tail: new events come in over one stream, which is one entry in the ledger, and stop when the page goes. */
function toggleLive(button: HTMLElement): void {
  if (live) return stopLive();
  const filter = button.dataset["filter"] ?? "";
  live = new EventSource(`/api/v1/events:stream${filter === "" ? "" : `?filter=${encodeURIComponent(filter)}`}`);
  button.setAttribute("aria-pressed", "true");
  live.addEventListener("event", (event) => insert(JSON.parse((event as MessageEvent<string>).data) as LiveEvent));
  live.addEventListener("error", () => {
    if (live?.readyState === EventSource.CLOSED) {
      stopLive();
      toast("The live tail has ended", "bad");
    }
  });
}

function stopLive(): void {
  live?.close();
  live = null;
  $("[data-live]")?.setAttribute("aria-pressed", "false");
}

interface LiveEvent {
  readonly id: string;
  readonly seq?: number;
  readonly action?: string;
  readonly type?: string;
  readonly outcome?: string;
  readonly recorded_at: string;
  readonly actor?: { id?: string; name?: string };
  readonly targets?: { id?: string; type?: string; name?: string }[];
}

const MAX_ROWS = 500;

function insert(event: LiveEvent): void {
  const table = $("[data-events] tbody");
  const template = $<HTMLTemplateElement>("template[data-row]");
  if (!table || !template || $(`tr[data-id="${CSS.escape(event.id)}"]`, table)) return;
  const row = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const target = event.targets?.[0];
  row.dataset["id"] = event.id;
  const link = $("a", row)!;
  link.setAttribute("href", `/events/${event.id}`);
  link.textContent = event.action ?? event.type ?? "sealed";
  const time = $<HTMLTimeElement>("time", row)!;
  time.dateTime = event.recorded_at;
  time.textContent = event.recorded_at.slice(0, 19).replace("T", " ");
  $(".c-actor", row)!.textContent = event.actor?.name ?? event.actor?.id ?? "";
  $(".c-target", row)!.textContent = target ? `${target.type ?? ""} ${target.name ?? target.id ?? ""}`.trim() : "";
  const outcome = event.outcome ?? "success";
  const badge = $(".badge", row)!;
  badge.textContent = outcome;
  badge.classList.add(outcome === "success" ? "good" : outcome === "unknown" ? "warn" : "bad");
  row.classList.add("fresh");
  table.prepend(row);
  while (table.children.length > MAX_ROWS) table.lastElementChild!.remove();
  $("[data-empty]")?.remove();
  const count = $("[data-live-count]");
  if (count) count.textContent = `${Number(count.dataset["count"] = String(Number(count.dataset["count"] ?? 0) + 1))} new`;
}

