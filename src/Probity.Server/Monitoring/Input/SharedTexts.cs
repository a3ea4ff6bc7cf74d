using System.Runtime.InteropServices;
using System.Text.Json;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>
/// Texts and parties that come in one transaction after the other: the state keeps transactions for a year and more,
/// and holds one of each instead of one a transaction. What it knows is a help and no more: of those that share a place
/// the last four stay. Thread safe.
/// </summary>
/// <remarks>It holds no more of anybody than the state does, and nothing of it is stored or written anywhere.</remarks>
internal static class SharedTexts
{
    // Places for four each, side by side. With one each, a fifth of a few hundred thousand names took turns in one, and
    // each turn is a new object that an old one points at, which the collector looks for.
    private const int Ways = 4;
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

        var near = PlaceOf(s_texts, Spread(hash));
        foreach (var known in near)
        {
            if (known is not null && text.ValueEquals(known))
            {
                return known;
            }
        }

        return Keep(near, text.GetString()!); // As above.
    }

    /// <summary>The same text, perhaps one that is there already.</summary>
    public static string Of(string text)
    {
        if (text.Length > Longest)
        {
            return text;
        }

        var near = PlaceOf(s_texts, (uint)text.GetHashCode(StringComparison.Ordinal));
        foreach (var known in near)
        {
            if (known is not null && string.Equals(known, text))
            {
                return known;
            }
        }

        return Keep(near, text);
    }

    /// <summary>The same party, perhaps one that is there already.</summary>
    public static TransactionParty Of(TransactionParty party)
    {
        var name = party.Account ?? party.Customer ?? party.Country ?? string.Empty;
        var near = PlaceOf(s_parties, (uint)name.GetHashCode(StringComparison.Ordinal));
        foreach (var known in near)
        {
            if (known is not null && known == party)
            {
                return known;
            }
        }

        return Keep(near, party);
    }

    private static Span<T?> PlaceOf<T>(T?[] all, uint hash) =>
        all.AsSpan((int)(hash & (uint)(all.Length - Ways)), Ways); // The length is a power of two, as is theirs.

    private static T Keep<T>(Span<T?> near, T item)
    {
        near[..^1].CopyTo(near[1..]);
        near[0] = item;
        return item;
    }

    private static uint Spread(uint hash) => unchecked((hash ^ (hash >> 15)) * 2_246_822_519u) >> 8;
}
