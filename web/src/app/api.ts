import { el } from "./dom.ts";

/** Requests to this server's API. What changes something carries the session's proof, which only our pages can read. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

export class Problem extends Error {
  public constructor(public readonly status: number, public readonly code: string, message: string, public readonly faults: Fault[]) {
    super(message);
  }
}

let proof: Promise<string | null> | undefined;

async function readProof(): Promise<string | null> {
  const answer = await fetch("/api/v1/session", { headers: { Accept: "application/json" } });
  return answer.ok ? (((await answer.json()) as { csrf_token?: string | null }).csrf_token ?? null) : null;
}

/** After signing in or out the proof is another one. */
export function forgetProof(): void {
  proof = undefined;
}

export async function call(method: string, path: string, body?: unknown, accept = "application/json"): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") {
    proof ??= readProof();
    const token = await proof;
    if (token) headers["X-Probity-Csrf"] = token;
  }
  const send = (): Promise<Response> => fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const answer = await send();
  if (answer.ok) return answer;
  const problem = await problemOf(answer);
  if (problem.code !== "access.step_up_needed" || path.endsWith(":stepUp") || !(await proveAgain())) throw problem;
  const second = await send();
  if (second.ok) return second;
  throw await problemOf(second);
}

/** A text that is sent as it is; the proof of the session goes with it. */
export async function sendText(path: string, text: string): Promise<Response> {
  proof ??= readProof();
  const token = await proof;
  const headers: Record<string, string> = { Accept: "application/json", "Content-Type": "text/plain", ...(token ? { "X-Probity-Csrf": token } : {}) };
  const answer = await fetch(path, { method: "POST", headers, body: text });
  if (answer.ok) return answer;
  throw await problemOf(answer);
}

/** What needs a recent proof asks for one, and then goes on where it was. */
function proveAgain(): Promise<boolean> {
  const input = el("input", { class: "input", id: "step-up", type: "password", autocomplete: "current-password", required: true }) as HTMLInputElement;
  const fault = el("p", { class: "fault", role: "alert" });
  const form = el("form", { class: "card-body" }, el("h2", { id: "step-up-title" }, "Is it still you?"),
    el("p", { class: "muted lead-in" }, "This changes who may do what, so it needs a proof of the last minutes."),
    el("div", { class: "field" }, el("label", { for: "step-up" }, "Code of your authenticator app, or your password if you have none"), input, fault),
    atProvider(),
    el("div", { class: "buttons" }, el("button", { class: "button", type: "button", "data-cancel": true }, "Cancel"), el("button", { class: "button primary", type: "submit" }, "Go on")));
  const dialog = el("dialog", { class: "modal", "aria-labelledby": "step-up-title" }, form) as HTMLDialogElement;
  (document.querySelector("dialog[open]") ?? document.body).append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (done: boolean): void => {
      dialog.remove();
      resolve(done);
    };
    dialog.addEventListener("cancel", () => end(false));
    form.querySelector("[data-cancel]")!.addEventListener("click", () => end(false));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      call("POST", "/api/v1/session:stepUp", { code: input.value, password: input.value }).then(() => end(true), (refused: Error) => {
        fault.textContent = refused.message;
        input.select();
      });
    });
  });
}

/** Someone who came by way of the provider has neither code nor password here, and proves it there. */
function atProvider(): HTMLElement | null {
  const label = document.querySelector<HTMLElement>("[data-oidc]")?.dataset["oidc"];
  if (!label) return null;
  const back = encodeURIComponent(location.pathname + location.search);
  return el("p", { class: "small" }, el("a", { class: "link", href: `/api/v1/session/oidc?step_up=true&return=${back}`, "data-enhance-nav": "false" }, `Prove it with ${label} instead`));
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    const problem = (await answer.json()) as { code?: string; title?: string; detail?: string; errors?: Fault[] };
    const text = problem.detail ? `${problem.title}: ${problem.detail}` : (problem.title ?? `The server answered ${answer.status}.`);
    return new Problem(answer.status, problem.code ?? "", text, problem.errors ?? []);
  } catch {
    return new Problem(answer.status, "", `The server answered ${answer.status}.`, []);
  }
}
