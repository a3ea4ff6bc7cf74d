using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// Credit transfers: what customers ask for (pain.001), judged as pending, and what banks pay (pacs.008), judged as
/// settled. A payment that carries out an instruction known here takes its place: both are never counted.
/// </summary>
internal static class CreditTransfers
{
    private const string Type = "transfer";

    /// <summary>Instructions are named apart from payments, since they may carry the same reference.</summary>
    public const string InstructionPrefix = "pain.001/";

    /// <summary>Reads pain.001.</summary>
    public static IReadOnlyList<MessageItem> Instructions(MessageNode root, string messageId, string source)
    {
        var group = root.Need("GrpHdr");
        var at = MessageParties.Instant(group.Need("CreDtTm"));
        var items = new List<MessageItem>();
        var sum = 0m;
        foreach (var payment in root.Many("PmtInf"))
        {
            var (count, before) = (items.Count, sum);
            foreach (var transfer in payment.Many("CdtTrfTxInf"))
            {
                var amount = InstructedAmount(transfer);
                var names = Names(transfer, messageId, items.Count).Select(name => InstructionPrefix + name).ToList();
                items.Add(Movement(transfer, names, null, new Transaction
                {
                    Key = new TransactionKey(source, names[0]),
                    OccurredAt = at,
                    Amount = amount,
                    Type = Type,
                    Status = TransactionStatus.Pending,
                    Debtor = MessageParties.Side(payment, "Dbtr"),
                    Creditor = MessageParties.Side(transfer, "Cdtr"),
                    Narrative = MessageParties.Narrative(transfer.At("RmtInf")),
                    Purpose = MessageParties.Purpose(transfer),
                    Location = MessageParties.Location(root),
                }));
                sum += amount.Amount;
            }

            MessageParties.Consistent(payment, items.Count - count, sum - before);
        }

        MessageParties.Consistent(group, items.Count, sum);
        return items;
    }

    /// <summary>Reads pacs.008.</summary>
    public static IReadOnlyList<MessageItem> Payments(MessageNode root, string messageId, string source)
    {
        var group = root.Need("GrpHdr");
        var items = new List<MessageItem>();
        var sum = 0m;
        foreach (var transfer in root.Many("CdtTrfTxInf"))
        {
            var amount = MessageParties.Amount(transfer.Need("IntrBkSttlmAmt"));
            var names = Names(transfer, messageId, items.Count);
            items.Add(Movement(transfer, names, InstructionPrefix + names[0], new Transaction
            {
                Key = new TransactionKey(source, names[0]),
                OccurredAt = MessageParties.Instant(transfer.At("AccptncDtTm") ?? group.Need("CreDtTm")),
                Amount = amount,
                Type = Type,
                Debtor = MessageParties.Side(transfer, "Dbtr"),
                Creditor = MessageParties.Side(transfer, "Cdtr"),
                Narrative = MessageParties.Narrative(transfer.At("RmtInf") ?? root.At("RmtInf")),
                Purpose = MessageParties.Purpose(transfer),
                Location = MessageParties.Location(root),
            }));
            sum += amount.Amount;
        }

        MessageParties.Consistent(group, items.Count, sum);
        Total(group, sum);
        return items;
    }

    // The UETR is unique for all time; an end-to-end reference is so for its debtor, who may use it again.
    private static List<string> Names(MessageNode transfer, string messageId, int at)
    {
        var reference = MessageParties.Reference(transfer, "PmtId/EndToEndId")
            ?? MessageParties.Reference(transfer, "PmtId/TxId", "PmtId/InstrId");
        List<string> names =
            MessageParties.Reference(transfer, "PmtId/UETR") is { } unique ? [unique.ToLowerInvariant()]
            : reference is null ? [FormattableString.Invariant($"{messageId}/{at + 1}")]
            : [reference, $"{messageId}/{reference}", FormattableString.Invariant($"{messageId}/{reference}/{at + 1}")];
        return names;
    }

    private static Money InstructedAmount(MessageNode transfer)
    {
        var amount = transfer.Need("Amt");
        return MessageParties.Amount(amount.At("InstdAmt") ?? amount.At("EqvtAmt/Amt") ?? amount.At("EqvtAmt")
            ?? throw amount.Missing("InstdAmt"));
    }

    private static void Total(MessageNode group, decimal sum)
    {
        if (group.At("TtlIntrBkSttlmAmt") is { } total && InputText.Number(total.Text, total.Path) != sum)
        {
            throw new InputRefusedException(
                total.Path, "monitoring.message_sum",
                "The amounts under it add up to something else; ask the sender which is right.");
        }
    }

    private static MessageItem.Movement Movement(
        MessageNode at, IReadOnlyList<string> names, string? follows, Transaction transaction) =>
        new(at.Path, MessageParties.Checked(at, transaction), [.. names.Skip(1)], follows);
}
