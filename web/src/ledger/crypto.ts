import { sha256 as nobleSha256, sha512 } from "@noble/hashes/sha2.js";
import { hashes, verify as nobleVerify } from "@noble/ed25519";
import { concat, type Bytes } from "./bytes.ts";

// WebCrypto is there in secure contexts only (https, the loopback, files); over plain http the library steps in.
const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
hashes.sha512 = (message: Uint8Array) => sha512(message);

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : (nobleSha256(bytes) as Bytes);
}

/** RFC 6962 section 2.1: the hash of an entry. */
export const leafHash = (body: Uint8Array): Promise<Bytes> => sha256(concat(Uint8Array.of(0), body));

/** RFC 6962 section 2.1: the hash of two nodes. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(concat(Uint8Array.of(1), left, right));

let native: Promise<boolean> | undefined;

/** Whether this browser's WebCrypto knows Ed25519. */
function hasNativeEd25519(): Promise<boolean> {
  native ??= (async () => {
    try {
      if (!subtle) return false;
      // The public key of RFC 8032 section 7.1, test 1.
      const key = Uint8Array.from("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a".match(/../g)!, (h) => parseInt(h, 16));
      await subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
      return true;
    } catch {
      return false;
    }
  })();
  return native;
}

export async function ed25519(publicKey: Bytes, message: Bytes, signature: Bytes): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (await hasNativeEd25519()) {
      const key = await subtle!.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
      return await subtle!.verify("Ed25519", key, signature, message);
    }
    return nobleVerify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export async function cryptoInUse(): Promise<string> {
  if (!subtle) return "noble-hashes and noble-ed25519 (this page has no WebCrypto: it came over plain http)";
  return (await hasNativeEd25519()) ? "the browser's WebCrypto" : "the browser's WebCrypto for SHA-256, noble-ed25519 for signatures";
}
