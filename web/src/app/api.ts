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
  const answer = await fetch(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (answer.ok) return answer;
  throw await problemOf(answer);
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
