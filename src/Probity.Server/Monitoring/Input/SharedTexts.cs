using System.Runtime.InteropServices;
using System.Text.Json;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>
/// Texts and parties that come in one transaction after the other: the state keeps transactions for a year and more,
/// and holds one of each instead of one a transaction. What it knows is a help and no more: what comes last takes the
/// place of another. Thread safe.
/// </summary>
/// <remarks>It holds no more of anybody than the state does, and nothing of it is stored or written anywhere.</remarks>
internal static class SharedTexts
{
    private const int Texts = 1 << 20;
    private const int Parties = 1 << 19;

    /// <summary>Longer texts hardly come again.</summary>
    private const int Longest = 64;

    private static readonly string?[] s_texts = new string?[Texts];
    private static readonly TransactionParty?[] s_parties = new TransactionParty?[Parties];

    /// <summary>The text of a JSON string.</summary>
    public static string Of(JsonElement text)
    {
        var raw = JsonMarshal.GetRawUtf8Value(text);
        if (raw.Length > Longest)
        {
            return text.GetString()!; // It is a string.
        }

        var hash = 0u;
        foreach (var letter in raw)
        {
            hash = unchecked((hash * 16_777_619) ^ letter);
        }

        ref var place = ref s_texts[Spread(hash) % Texts];
        return place is { } known && text.ValueEquals(known) ? known : place = text.GetString()!; // As above.
    }

    /// <summary>The same text, perhaps one that is there already.</summary>
    public static string Of(string text)
    {
        if (text.Length > Longest)
        {
            return text;
        }

        ref var place = ref s_texts[(uint)text.GetHashCode(StringComparison.Ordinal) % Texts];
        return place is { } known && string.Equals(known, text) ? known : place = text;
    }

    /// <summary>The same party, perhaps one that is there already.</summary>
    public static TransactionParty Of(TransactionParty party)
    {
        var name = party.Account ?? party.Customer ?? party.Country ?? string.Empty;
        ref var place = ref s_parties[(uint)name.GetHashCode(StringComparison.Ordinal) % Parties];
        return place is { } known && known == party ? known : place = party;
    }

    private static uint Spread(uint hash) => unchecked((hash ^ (hash >> 15)) * 2_246_822_519u) >> 8;
}
