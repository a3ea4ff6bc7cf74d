import { call, forgetProof, Problem } from "./api.ts";
import qrcode from "qrcode-generator";
import { $, $$, el, messageOf, toast } from "./dom.ts";

/**
 * A form that is a request to the API:
 * <form data-api="POST /api/v1/api-keys" data-then="reload | go:/path | show:#id | toast:Saved">.
 * Names are members of the JSON body: "a.b" nests, a repeated checkbox name is a list, data-type says number, bool, lines or instant.
 */
export function bindFormsOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("form[data-api]")) return;
    event.preventDefault();
    void send(form, event.submitter as HTMLButtonElement | null);
  });
  document.addEventListener("change", (event) => {
    const form = (event.target as HTMLInputElement).form;
    form?.querySelector("[data-save-role]")?.removeAttribute("disabled");
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const opener = target.closest<HTMLElement>("[data-dialog]");
    if (opener) openDialog(opener);
    const closer = target.closest("[data-close]");
    if (closer) closer.closest("dialog")?.close();
  });
}

function openDialog(opener: HTMLElement): void {
  const dialog = $<HTMLDialogElement>(opener.dataset["dialog"]!);
  if (!dialog) return;
  const [name, value] = (opener.dataset["fill"] ?? "").split("=") as [string, string | undefined];
  if (value !== undefined) $<HTMLInputElement>(`[name="${CSS.escape(name)}"]`, dialog)!.value = value;
  dialog.showModal();
}

/** The set-up token is in the fragment, which no server sees; it goes into the form and out of the address. */
export function refreshForms(): void {
  const form = $<HTMLFormElement>("form[data-token-from-address]");
  if (form) {
    const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
    if (token !== "") {
      $<HTMLInputElement>("[name=token], [data-token]", form)!.value = token;
      history.replaceState(null, "", location.pathname);
    }
    $("[data-no-token]", form)!.hidden = $<HTMLInputElement>("[name=token], [data-token]", form)!.value !== "";
  }
}

async function send(form: HTMLFormElement, button: HTMLButtonElement | null): Promise<void> {
  const [method, ownPath] = form.dataset["api"]!.split(" ") as [string, string];
  const path = button?.getAttribute("formaction") ?? ownPath; // Of two buttons the second may ask for something else.
  clearFaults(form);
  if (form.dataset["confirm"] && !confirm(form.dataset["confirm"])) return;
  button?.setAttribute("disabled", "");
  try {
    const answer = await call(method, path, method === "DELETE" && !form.elements.length ? undefined : bodyOf(form));
    await then(form, answer);
  } catch (fault) {
    if (!askForSecondFactor(form, fault)) showFault(form, fault);
  } finally {
    button?.removeAttribute("disabled");
  }
}

export function bodyOf(form: HTMLFormElement): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const control of controlsOf(form)) {
    const list = control.dataset["type"] === "list";
    if (list) {
      const values = (at(body, control.name)[last(control.name)] ??= []) as unknown[];
      if (control.checked) values.push(control.value);
      continue;
    }
    const value = valueOf(control);
    if (value !== undefined) at(body, control.name)[last(control.name)] = value;
  }
  return body;
}

/** Also those that stand elsewhere and name the form: the boxes of the roles matrix. */
const controlsOf = (form: HTMLFormElement): HTMLInputElement[] =>
  [...form.elements].filter((e): e is HTMLInputElement => e.matches("input[name]:not([name='']), select[name], textarea[name]"));

const last = (name: string): string => name.split(".").at(-1)!;

function at(body: Record<string, unknown>, name: string): Record<string, unknown> {
  let node = body;
  for (const step of name.split(".").slice(0, -1)) node = (node[step] ??= {}) as Record<string, unknown>;
  return node;
}

function valueOf(control: HTMLInputElement): unknown {
  if (control.type === "checkbox") return control.dataset["type"] === "bool" ? control.checked : control.checked ? control.value : undefined;
  if (control.type === "radio" && !control.checked) return undefined;
  const text = control.type === "password" ? control.value : control.value.trim();
  if (text === "" && !control.required) return undefined;
  switch (control.dataset["type"]) {
    case "number": return Number(text);
    case "lines": return text.split(/[\n,]+/).map((line) => line.trim()).filter((line) => line !== "");
    case "instant": return new Date(`${text}T00:00:00Z`).toISOString();
    default: return text;
  }
}

async function then(form: HTMLFormElement, answer: Response): Promise<void> {
  const [what, argument] = split(form.dataset["then"] ?? "reload");
  if (form.dataset["session"] !== undefined) forgetProof();
  if (answer.status === 202) {
    toast("Asked for: a second person decides. It waits in the approvals.");
    form.closest("dialog")?.close();
    return;
  }
  if (what === "sign-in") {
    const { login, password } = bodyOf(form);
    await call("POST", "/api/v1/session", { login, password });
    location.assign(argument);
    return;
  }
  if (what === "go") location.assign(returnTo(argument));
  else if (what === "toast") toast(argument);
  else if (what === "show") await show(form, argument, answer);
  else location.reload();
  form.dispatchEvent(new CustomEvent("api-done", { bubbles: true, detail: answer }));
}

const split = (text: string): [string, string] => {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
};

/** Where to go after signing in: a path of this server, whatever the address says. */
function returnTo(fallback: string): string {
  const wanted = new URLSearchParams(location.search).get("return") ?? "";
  return /^\/(?![/\\])/.test(wanted) ? wanted : fallback;
}

/** Puts members of the answer where they are wanted: [data-member="secret"] in the element named. */
async function show(form: HTMLFormElement, selector: string, answer: Response): Promise<void> {
  const json = (await answer.json()) as Record<string, unknown>;
  const box = $(selector);
  if (!box) return;
  for (const place of $$("[data-member]", box)) {
    const value = place.dataset["member"]!.split(".").reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], json);
    place.textContent = Array.isArray(value) ? value.join("\n") : String(value ?? "");
  }
  if (form.dataset["qr"]) $("[data-qr-place]", box)?.replaceChildren(drawQr(String(json[form.dataset["qr"]] ?? "")));
  const outer = form.closest<HTMLElement>("#totp");
  form.hidden = true;
  if (outer) outer.hidden = true;
  box.hidden = false;
  $<HTMLElement>("[autofocus], button, a", box)?.focus();
}

function drawQr(text: string): Element {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return new DOMParser().parseFromString(code.createSvgTag({ cellSize: 4, margin: 0, scalable: true }), "image/svg+xml").documentElement;
}

function askForSecondFactor(form: HTMLFormElement, fault: unknown): boolean {
  const field = $<HTMLElement>("[data-second-factor]", form);
  if (!field?.hidden || !(fault instanceof Problem) || fault.code !== "access.second_factor_needed") return false;
  field.hidden = false;
  const code = $<HTMLInputElement>("input", field)!;
  code.required = true;
  code.focus();
  return true;
}

function clearFaults(form: HTMLFormElement): void {
  for (const fault of $$(".fault", form)) fault.remove();
  for (const control of $$("[aria-invalid]", form)) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}

export function showFault(form: HTMLFormElement, fault: unknown): void {
  const faults = fault instanceof Problem ? fault.faults : [];
  let first: HTMLElement | null = null;
  for (const { pointer, detail } of faults) {
    const name = pointer.slice(1).replaceAll("/", ".");
    const control = $<HTMLElement>(`[name="${CSS.escape(name)}"]`, form) ?? $<HTMLElement>(`[name="${CSS.escape(name.split(".")[0] ?? "")}"]`, form);
    if (!control || control.getAttribute("aria-invalid")) continue;
    const id = `fault-${name.replaceAll(".", "-")}`;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    (control.closest(".field") ?? control.parentElement!).append(el("p", { class: "fault", id }, detail));
    first ??= control;
  }
  const summary = el("p", { class: "fault", role: "alert" }, messageOf(fault));
  ($(".buttons", form) ?? form).before(summary);
  if (!form.contains(summary)) form.prepend(summary);
  (first ?? form.querySelector<HTMLElement>("input:not([type=hidden]), textarea"))?.focus();
}
