using System.Text.Json;
using Probity.Ledger.Notes;

namespace Probity.Ledger.Verification;

/// <summary>
/// Entries that say with which key a person consents to a loss, agreed to by a second one while the server ran. Their
/// <c>data</c> stands in clear. Pure and thread safe.
/// </summary>
public static class RecoveryKeyClaims
{
    /// <summary>The type of such an entry.</summary>
    public const string EntryType = "probity.custody.recovery_key_set";

    /// <summary>Two people: whoever brings a key does not agree to it alone.</summary>
    internal const int FewestApprovers = 2;

    private static readonly byte[] s_end = PlainStatement.EndOf(EntryType);

    /// <summary>What an entry claims; null when it is no such entry or says it in another form.</summary>
    internal static RecoveryKeyClaim? TryRead(ReadOnlySpan<byte> entry) => PlainStatement.TryRead(entry, s_end, Read);

    private static RecoveryKeyClaim Read(JsonElement entry)
    {
        var data = entry.GetProperty("data"u8);
        var person = data.GetProperty("person"u8).GetString() ?? "";
        var key = data.GetProperty("key"u8).GetString();
        return new RecoveryKeyClaim(
            entry.GetProperty("seq"u8).GetInt64(), person, key is null ? null : VerifierKey.Parse(key),
            PlainStatement.Approvers(data));
    }
}

/// <summary>What one such entry claims. Without a key it takes the person's back.</summary>
internal sealed record RecoveryKeyClaim(long Seq, string Person, VerifierKey? Key, IReadOnlyList<string> Approvers)
{
    /// <summary>Whether it counts: two approvers, and a key of the one kind that bears the person's id.</summary>
    public bool IsValid => Approvers.Count >= RecoveryKeyClaims.FewestApprovers
        && (Key is null || (Key.SignatureType == VerifierKey.Ed25519Note && Key.Name == Person));
}

/// <summary>The key with which a person consents to a loss, as a genuine entry names it. Immutable.</summary>
public sealed class RecoveryKey
{
    internal RecoveryKey(string person, VerifierKey key, long entrySeq) =>
        (Person, Key, EntrySeq) = (person, key, entrySeq);

    /// <summary>The person's id, which is also the key's name.</summary>
    public string Person { get; }

    /// <summary>What verifies the person's consent.</summary>
    public VerifierKey Key { get; }

    /// <summary>The number of the entry.</summary>
    public long EntrySeq { get; }
}
