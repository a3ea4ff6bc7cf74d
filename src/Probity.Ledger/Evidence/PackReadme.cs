namespace Probity.Ledger.Evidence;

/// <summary>The instructions in a pack. A test runs its commands with bash on a real pack.</summary>
internal static class PackReadme
{
    public static string For(string origin, string pem) => Text
        .Replace("{origin}", origin, StringComparison.Ordinal).Replace("{pem}", pem, StringComparison.Ordinal);

    private const string Text = """
        EVIDENCE PACK of the log {origin}

        entries/N.json         the exact bytes of entry number N, as they were hashed when they were recorded
        tombstones/N.json      if present: what is left of entry N, which was purged when its time was over: its leaf
                               hash, and the number of the entry that names it and the two people who agreed; that
                               entry is in this pack
        proofs/N.tlog-proof    the proof that entry N is in the log (C2SP tlog-proof)
        checkpoints/S.txt      what the log signed when it had S entries (C2SP tlog-checkpoint)
        keys/                  public keys, as verifier keys (.vkey) and for openssl (.pem)
        opened/N.json          if present: a decrypted view of entry N for reading. NOT authenticated: the proof covers
                               entries/N.json only
        manifest.json          what this pack is, and the hashes of its files

        With the verifier:     probity-verify PACK.zip --key VKEY

        Take the key from the institution's publication or another source you trust, not from this pack: whoever made
        the pack chose the keys in it.

        BY HAND, with sha256sum, xxd, base64, sed and openssl 3, in the unpacked folder. Set N to the entry's number.

        -----8<----- steps
        N=${N:-0}
        # 1. The leaf hash: SHA-256 over a zero byte and the entry (RFC 6962 section 2.1).
        #    Of a purged entry it is what the tombstone says.
        if [ -f "tombstones/$N.json" ]; then hash=$(sed 's/.*"leaf":"\([0-9a-f]*\)".*/\1/' "tombstones/$N.json")
        else hash=$( { printf '\000'; cat "entries/$N.json"; } | sha256sum | cut -d' ' -f1 ); fi
        echo "leaf hash   $hash"
        # 2. The checkpoint in the proof, its text and its signature.
        sed '1,/^$/d' "proofs/$N.tlog-proof" > checkpoint.tmp
        sed '/^$/,$d' checkpoint.tmp > text.tmp
        awk '$1 == "—" && $2 == "{origin}" { print $3; exit }' checkpoint.tmp | base64 -d | tail -c 64 > signature.tmp
        root=$(sed -n 3p text.tmp | base64 -d | xxd -p -c 32)
        # 3. Up the tree: each line of the proof is the hash beside ours (RFC 9162 section 2.1.3.2).
        fn=$(sed -n 's/^index //p' "proofs/$N.tlog-proof"); sn=$(( $(sed -n 2p text.tmp) - 1 ))
        test "$fn" = "$N"
        for line in $(sed -e '1,/^index /d' -e '/^$/,$d' "proofs/$N.tlog-proof"); do
          beside=$(echo "$line" | base64 -d | xxd -p -c 32)
          if [ $((fn & 1)) = 1 ] || [ "$fn" = "$sn" ]; then
            hash=$( { printf '\001'; echo "$beside$hash" | xxd -r -p; } | sha256sum | cut -d' ' -f1 )
            while [ $((fn & 1)) = 0 ] && [ "$fn" != 0 ]; do fn=$((fn >> 1)); sn=$((sn >> 1)); done
          else
            hash=$( { printf '\001'; echo "$hash$beside" | xxd -r -p; } | sha256sum | cut -d' ' -f1 )
          fi
          fn=$((fn >> 1)); sn=$((sn >> 1))
        done
        echo "root hash   $hash"
        echo "checkpoint  $root"
        test "$sn" = 0 && test "$hash" = "$root" && echo "The entry is in the tree."
        # 4. The signature of the log over the checkpoint's text (Ed25519, C2SP signed-note).
        openssl pkeyutl -verify -pubin -inkey {pem} -rawin -in text.tmp -sigfile signature.tmp
        rm -f checkpoint.tmp text.tmp signature.tmp
        -----8<----- end

        The entry is proven when the two roots are equal and openssl says "Signature Verified Successfully".
        A tombstone is in order when, beside that, the entry it calls purged_by is proven, is of type
        probity.custody.purged, and its data has N within one of the ranges and two approvers.

        """;
}
