using System.Text.RegularExpressions;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// Reads payment messages of ISO 20022 into what monitoring judges: the whole message or nothing of it. Pure and
/// thread safe. Source: ISO 20022 message definitions; the Swiss Payment Standards write their own namespaces.
/// </summary>
internal static partial class MessageReader
{
    /// <summary>The largest message in bytes.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The most movements and reports of one message: they are judged and committed together.</summary>
    public const int MaxItems = 2_000;

    /// <summary>What is read, with the versions whose elements are known here.</summary>
    private static readonly Dictionary<string, (string Root, int First, int Last)> s_kinds = new(StringComparer.Ordinal)
    {
        ["pain.001"] = ("CstmrCdtTrfInitn", 3, 12),
        ["pacs.008"] = ("FIToFICstmrCdtTrf", 2, 13),
        ["pacs.002"] = ("FIToFIPmtStsRpt", 3, 15),
        ["camt.053"] = ("BkToCstmrStmt", 2, 13),
        ["camt.054"] = ("BkToCstmrDbtCdtNtfctn", 2, 13),
    };

    /// <summary>Whether a body is XML: its first sign after white space and a byte order mark is &lt;.</summary>
    public static bool IsXml(ReadOnlySpan<byte> body) =>
        body.TrimStart("\ufeff \t\r\n"u8) is [(byte)'<', ..]
        || body.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || body.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);

    /// <summary>Reads a message.</summary>
    /// <param name="message">The bytes, XML or the JSON of Tazama.</param>
    /// <param name="source">The system that its transactions are named after.</param>
    /// <exception cref="InputRefusedException">It cannot be judged; says where and what to do.</exception>
    public static PaymentMessage Read(ReadOnlyMemory<byte> message, string source)
    {
        var isXml = IsXml(message.Span);
        var (document, said) = isXml ? MessageXml.Read(message) : MessageJson.Read(message);
        var name = NameOf(said, isXml ? document.Path : "/TxTp");
        var kind = name[..8];
        var root = document.At(s_kinds[kind].Root)
            ?? (kind == "pacs.002" ? document.At("FIToFIPmtSts") : null) // What Tazama calls it.
            ?? throw document.Missing(s_kinds[kind].Root);
        var group = root.Need("GrpHdr");
        var id = group.Need("MsgId").Text is { Length: > 0 and <= 64 } text ? text
            : throw new InputRefusedException(
                group.Need("MsgId").Path, "monitoring.bad_name",
                "A message is called something of 1 to 64 characters.");
        IReadOnlyList<MessageItem> items = kind switch
        {
            "pain.001" => CreditTransfers.Instructions(root, id, source),
            "pacs.008" => CreditTransfers.Payments(root, id, source),
            "pacs.002" => StatusReports.Read(root),
            _ => AccountReports.Read(root, kind == "camt.053" ? "Stmt" : "Ntfctn", id, source),
        };
        return items.Count switch
        {
            0 => throw new InputRefusedException(
                root.Path, "monitoring.message_empty", "The message tells of no transaction."),
            > MaxItems => throw new InputRefusedException(
                root.Path, "monitoring.message_too_large",
                $"A message tells of at most {MaxItems} transactions; split it where it is made."),
            _ => new PaymentMessage(name, id, items),
        };
    }

    private static string NameOf(string said, string place)
    {
        var match = Definition().Match(said);
        if (!match.Success || !s_kinds.TryGetValue(match.Groups["kind"].Value, out var kind))
        {
            throw new InputRefusedException(
                place, "monitoring.message_unknown",
                $"Of the messages of ISO 20022 these are judged: {string.Join(", ", s_kinds.Keys)}.");
        }

        var version = int.Parse(match.Groups["version"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        return version >= kind.First && version <= kind.Last
            ? match.Groups["name"].Value
            : throw new InputRefusedException(
                place, "monitoring.message_version",
                FormattableString.Invariant(
                    $"Of {match.Groups["kind"].Value} versions 001.{kind.First:00} to 001.{kind.Last:00} are known."));
    }

    // At the end of the namespace, or before what a national standard adds (…/pain.001.001.03.ch.02.xsd).
    [GeneratedRegex(
        @"(?:^|[:/])(?<name>(?<kind>[a-z]{4}\.\d{3})\.001\.(?<version>\d{2}))(?:$|\.[a-z]{2}\.)",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Definition();
}
