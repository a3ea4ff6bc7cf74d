import { call, forgetProof } from "./api.ts";
import { $, $$, messageOf, toast } from "./dom.ts";

/** Passkeys: signing in with one, and keeping one's own. The browser does the ceremony, the server judges it. */
interface Offer {
  readonly options: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;
  readonly state: string;
}

// Passkeys belong to a name; a bare address has none.
const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.startsWith("[");
const isOffered = (): boolean =>
  "PublicKeyCredential" in globalThis && "parseRequestOptionsFromJSON" in PublicKeyCredential && !isAddress(location.hostname);

export function bindPasskeysOnce(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const button = target.closest<HTMLButtonElement>("[data-passkey-sign-in], [data-passkey-add]");
    if (!button) return;
    const act = button.matches("[data-passkey-add]") ? add : signIn;
    button.disabled = true;
    void act(button).catch((fault: unknown) => tell(button, fault)).finally(() => { button.disabled = false; });
  });
}

/** Where the browser knows no passkeys, nothing offers one. */
export function refreshPasskeys(): void {
  for (const box of $$("[data-passkey-box]")) box.hidden = !isOffered();
  for (const note of $$("[data-passkey-missing]")) note.hidden = isOffered();
}

async function signIn(button: HTMLButtonElement): Promise<void> {
  clear(button);
  const { options, state } = (await (await call("POST", "/api/v1/session:passkeyOffer")).json()) as Offer;
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  await call("POST", "/api/v1/session:passkey", { state, credential: (credential as PublicKeyCredential).toJSON() });
  forgetProof();
  const wanted = new URLSearchParams(location.search).get("return") ?? "";
  location.assign(/^\/(?![/\\])/.test(wanted) ? wanted : "/");
}

async function add(button: HTMLButtonElement): Promise<void> {
  clear(button);
  const name = $<HTMLInputElement>("[data-passkey-name]")?.value.trim() ?? "";
  const { options, state } = (await (await call("POST", "/api/v1/account/passkeys:offer")).json()) as Offer;
  const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  await call("POST", "/api/v1/account/passkeys", { state, credential: (credential as PublicKeyCredential).toJSON(), ...(name === "" ? {} : { name }) });
  toast("The passkey is kept");
  location.reload();
}

const placeOf = (button: HTMLButtonElement): HTMLElement | null => $("[data-passkey-fault]", button.closest<HTMLElement>("[data-passkey-box]") ?? document.body);

function clear(button: HTMLButtonElement): void {
  const place = placeOf(button);
  if (place) place.hidden = true;
}

function tell(button: HTMLButtonElement, fault: unknown): void {
  const place = placeOf(button);
  // NotAllowedError is what the browser says when the person cancels, or when time is up.
  const text = fault instanceof DOMException ? (fault.name === "InvalidStateError" ? "This device has a passkey here already." : "The browser gave no passkey: cancelled, or too late.") : messageOf(fault);
  if (!place) return toast(text, "bad");
  place.textContent = text;
  place.hidden = false;
}
