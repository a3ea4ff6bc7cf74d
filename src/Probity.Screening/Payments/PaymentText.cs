using System.Collections.Immutable;
using Probity.Screening.Lists.Values;
using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.Screening.Payments;

/// <summary>A piece of a payment that may name somebody.</summary>
/// <param name="Text">The piece.</param>
/// <param name="Query">What to screen for it.</param>
public sealed record PaymentPiece(string Text, ScreeningQuery Query);

/// <summary>
/// Cuts payment text into names to screen: party blocks of MT messages (50K, 59F), free text with name and address in
/// one line, vessel names with IMO numbers.
/// </summary>
/// <remarks>
/// Nothing is left out: a line that cannot be told apart is screened as a whole and in its leading words, so that an
/// address behind a name does not hide it. Bounded by <see cref="MaxLines"/> and <see cref="MaxLength"/>.
/// Source: SWIFT SR MT 50F/59F (line numbers 1/ name, 2/ address, 3/ country and town), ISO 20022 party blocks.
/// </remarks>
public static class PaymentText
{
    /// <summary>The most characters that are looked at.</summary>
    public const int MaxLength = 4_000;

    /// <summary>The most lines that are looked at.</summary>
    public const int MaxLines = 40;

    private static readonly string[] s_vesselMarks = ["M/V", "MV", "M.V.", "M/T", "MT", "VESSEL", "VSL", "SHIP",
        "TANKER"];

    private static readonly string[] s_addressMarks =
        ["P.O.", "PO", "BOX", "STREET", "ST", "ROAD", "RD", "AVENUE", "AVE", "NO", "BLDG", "FLOOR", "UL", "STR",
            "STRASSE", "RUE", "CALLE", "VIA", "APT"];

    /// <summary>Lists the pieces of a text, in its order.</summary>
    public static ImmutableArray<PaymentPiece> Pieces(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pieces = ImmutableArray.CreateBuilder<PaymentPiece>();
        var country = "";
        foreach (var raw in text[..Math.Min(text.Length, MaxLength)].Split(['\n', '\r'],
            StringSplitOptions.RemoveEmptyEntries).Take(MaxLines))
        {
            var line = raw.Trim();
            if (line.Length > 2 && char.IsAsciiDigit(line[0]) && line[1] == '/')
            {
                country = line[0] == '3' && line.Length >= 4
                    && Countries.CodeOf(line[2..4]) is { } code ? code : country;
                line = line[0] == '1' ? line[2..] : "";
            }
            else if (line[0] is '/' or ':')
            {
                AddIdentifier(pieces, line.Trim('/', ':'));
                line = "";
            }

            AddLine(pieces, line);
        }

        return country.Length == 0 ? pieces.ToImmutable()
            : [.. pieces.Select(piece => piece with { Query = piece.Query with { Countries = [country] } })];
    }

    private static void AddLine(ImmutableArray<PaymentPiece>.Builder pieces, string line)
    {
        foreach (var part in line.Split([';', '|'],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = part.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            AddVessel(pieces, words);
            var end = Array.FindIndex(words, 1, word => IsAddress(word));
            var name = end > 0 ? string.Join(' ', words[..end]) : part;
            Add(pieces, name, new ScreeningQuery { Name = name, Address = end > 0 ? string.Join(' ',
                words[end..]) : null });
            if (part.IndexOf(',', StringComparison.Ordinal) is var comma and > 0 && comma < part.Length - 1)
            {
                Add(pieces, part[..comma], new ScreeningQuery { Name = part[..comma] });
            }

            for (var count = 2; count <= Math.Min(4, words.Length - 1); count++)
            {
                var lead = string.Join(' ', words[..count]);
                Add(pieces, lead, new ScreeningQuery { Name = lead });
            }
        }
    }

    private static void AddVessel(ImmutableArray<PaymentPiece>.Builder pieces, string[] words)
    {
        for (var at = 0; at + 1 < words.Length; at++)
        {
            if (string.Equals(words[at].Trim(',', '.', ':'), "IMO",
                StringComparison.OrdinalIgnoreCase) || IsImo(words[at]))
            {
                AddIdentifier(pieces, IsImo(words[at]) ? words[at] : words[at + 1]);
            }

            if (s_vesselMarks.Contains(words[at].Trim(',', ':'), StringComparer.OrdinalIgnoreCase))
            {
                var name = words.Skip(at + 1)
                    .TakeWhile(word => !IsImo(word) && !string.Equals(word, "IMO",
                        StringComparison.OrdinalIgnoreCase)).Take(4).ToArray();
                for (var count = 1; count <= name.Length; count++)
                {
                    var text = string.Join(' ', name[..count]);
                    Add(pieces, text, new ScreeningQuery { Name = text, Kind = EntityKind.Vessel });
                }
            }
        }

        if (words.Length != 0 && IsImo(words[^1]))
        {
            AddIdentifier(pieces, words[^1]);
        }
    }

    private static void AddIdentifier(ImmutableArray<PaymentPiece>.Builder pieces, string value)
    {
        var clean = value.Trim(',', '.', ':', '/', ' ');
        if (clean.Length >= 5)
        {
            Add(pieces, clean, new ScreeningQuery { Identifiers = [clean] });
        }
    }

    private static void Add(ImmutableArray<PaymentPiece>.Builder pieces, string text, ScreeningQuery query)
    {
        if (text.Length > 2 && !pieces.Any(piece => piece.Text == text && piece.Query.Kind == query.Kind))
        {
            pieces.Add(new PaymentPiece(text, query));
        }
    }

    private static bool IsImo(string word) =>
        word.Trim(',', '.', '(', ')') is { Length: 7 } digits && digits.All(char.IsAsciiDigit);

    private static bool IsAddress(string word) =>
        (word.Any(char.IsAsciiDigit) && !IsImo(word))
        || s_addressMarks.Contains(word.Trim(',', '.', ':'), StringComparer.OrdinalIgnoreCase);
}
