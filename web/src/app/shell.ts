import { call, forgetProof } from "./api.ts";
import { $, $$, isTyping, messageOf, toast } from "./dom.ts";

/** The frame of every page: colours, menu, search key, popups, copying, signing out. */
const THEMES = ["system", "light", "dark"] as const;

export function bindShellOnce(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("toggle", closeOtherPopups, true);
}

export function refreshShell(): void {
  nameTheme();
  closeMenu();
  for (const time of $$<HTMLTimeElement>("time[data-local]")) localise(time);
}

function onClick(event: MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("[data-theme-switch]")) switchTheme();
  else if (target.closest("[data-menu]")) toggleMenu();
  else if (target.closest("[data-sign-out]")) void signOut();
  else if (target.closest("[data-copy]")) void copy(target.closest<HTMLElement>("[data-copy]")!);
  else if (document.body.classList.contains("menu-open") && !target.closest(".side")) closeMenu();
  for (const popup of $$<HTMLDetailsElement>("details[data-popup][open]")) if (!popup.contains(target)) popup.open = false;
}

function onKey(event: KeyboardEvent): void {
  const search = $<HTMLInputElement>("[data-find] input");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && search) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const box = $<HTMLInputElement>("[data-filter] input") ?? search;
    if (box) {
      event.preventDefault();
      box.focus();
    }
  } else if (event.key === "Escape") {
    const popup = $<HTMLDetailsElement>("details[data-popup][open]");
    if (popup) {
      popup.open = false;
      $("summary", popup)?.focus();
    } else if (document.body.classList.contains("menu-open")) {
      closeMenu();
      $("[data-menu]")?.focus();
    }
  }
}

function closeOtherPopups(event: Event): void {
  const opened = event.target as HTMLDetailsElement;
  if (!opened.matches?.("details[data-popup]") || !opened.open) return;
  for (const other of $$<HTMLDetailsElement>("details[data-popup][open]")) if (other !== opened) other.open = false;
}

function switchTheme(): void {
  const root = document.documentElement;
  const now = root.dataset["theme"] ?? "system";
  const next = THEMES[(THEMES.indexOf(now as "system") + 1) % THEMES.length]!;
  if (next === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = next;
  try {
    if (next === "system") localStorage.removeItem("probity-theme");
    else localStorage.setItem("probity-theme", next);
  } catch {
    // Then the choice lasts as long as the page.
  }
  nameTheme();
}

function nameTheme(): void {
  const now = document.documentElement.dataset["theme"];
  const name = now === undefined ? "as the system" : now;
  for (const button of $$("[data-theme-switch]")) {
    button.setAttribute("aria-label", `Colours: ${name}`);
    button.title = `Colours: ${name}`;
  }
}

function toggleMenu(): void {
  const open = document.body.classList.toggle("menu-open");
  $("[data-menu]")?.setAttribute("aria-expanded", String(open));
  if (open) $(".side a")?.focus();
}

function closeMenu(): void {
  document.body.classList.remove("menu-open");
  $("[data-menu]")?.setAttribute("aria-expanded", "false");
}

async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset["copy"] || button.parentElement?.firstElementChild?.textContent?.trim() || "";
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser does not allow copying here", "bad");
  }
}

async function signOut(): Promise<void> {
  try {
    await call("DELETE", "/api/v1/session");
    forgetProof();
    location.assign("/sign-in");
  } catch (fault) {
    toast(messageOf(fault), "bad");
  }
}

/** Times are drawn in UTC by the server; here the reader's own zone is added where the pointer or focus is. */
function localise(time: HTMLTimeElement): void {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) time.title = `${at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" })}\n${time.dateTime}`;
}
