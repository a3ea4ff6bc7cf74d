using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// What became of payments (pacs.002). A rejection or cancellation takes the payment back; every other code is noted.
/// Source: ISO 20022 external code set ExternalPaymentTransactionStatus1Code.
/// </summary>
internal static class StatusReports
{
    private static readonly HashSet<string> s_takenBack = new(StringComparer.Ordinal) { "RJCT", "CANC" };

    private static readonly HashSet<string> s_noted = new(StringComparer.Ordinal)
    {
        "ACCC", "ACCP", "ACFC", "ACIS", "ACPD", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "PART", "PATC", "PDNG", "PRES",
        "RCVD", "BLCK",
    };

    public static IReadOnlyList<MessageItem> Read(MessageNode root)
    {
        var items = new List<MessageItem>();
        foreach (var report in root.Many("TxInfAndSts"))
        {
            items.Add(Read(report, root.At("OrgnlGrpInfAndSts")));
        }

        return items.Count > 0 || root.At("OrgnlGrpInfAndSts/GrpSts") is not { } whole
            ? items
            : throw new InputRefusedException(
                whole.Path, "monitoring.message_group_only",
                "It speaks of a whole group; name each transaction in TxInfAndSts, so that it can be found.");
    }

    private static MessageItem.Report Read(MessageNode report, MessageNode? group)
    {
        var status = report.At("TxSts") ?? group?.At("GrpSts") ?? throw report.Missing("TxSts");
        if (!s_takenBack.Contains(status.Text) && !s_noted.Contains(status.Text))
        {
            throw new InputRefusedException(
                status.Path, "monitoring.bad_status",
                $"This is no status known here; these are: {string.Join(", ", s_takenBack.Union(s_noted))}.");
        }

        var names = Names(report, report.TextAt("OrgnlGrpInf/OrgnlMsgId") ?? group?.TextAt("OrgnlMsgId"));
        return names.Count == 0
            ? throw report.Missing("OrgnlEndToEndId")
            : new MessageItem.Report(
                report.Path, names, status.Text, s_takenBack.Contains(status.Text), Reason(status.Text, report));
    }

    private static List<string> Names(MessageNode report, string? messageId)
    {
        var names = new List<string>();
        if (MessageParties.Reference(report, "OrgnlUETR") is { } unique)
        {
            names.Add(unique.ToLowerInvariant());
        }

        var references = new[]
        {
            MessageParties.Reference(report, "OrgnlEndToEndId"), MessageParties.Reference(report, "OrgnlTxId"),
            MessageParties.Reference(report, "OrgnlInstrId"),
        }.OfType<string>().Distinct().ToList();
        if (messageId is not null)
        {
            names.AddRange(references.Select(reference => $"{messageId}/{reference}"));
        }

        names.AddRange(references);
        names.AddRange([.. names.Select(name => CreditTransfers.InstructionPrefix + name)]);
        return names;
    }

    private static string Reason(string status, MessageNode report)
    {
        var codes = report.Many("StsRsnInf").Select(item => item.TextAt("Rsn/Cd", "Rsn/Prtry")).OfType<string>();
        return string.Join(' ', codes.Prepend(status));
    }
}
