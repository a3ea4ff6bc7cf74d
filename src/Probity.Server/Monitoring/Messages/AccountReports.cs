using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>
/// What was booked on accounts: statements (camt.053) and notices (camt.054). Each detail of an entry is a movement;
/// an entry without details is one. A booking that reverses another is a movement the other way, of type
/// <c>reversal</c>: to take a transaction out of the windows, reverse it.
/// </summary>
internal static class AccountReports
{
    // Bank transaction codes that mean cash; the family says where, the sub-family which way. Source: ISO 20022
    // external code set, bank transaction codes, domain PMNT.
    private static readonly Dictionary<string, string> s_types = new(StringComparer.Ordinal)
    {
        ["CNTR/CDPT"] = "cash_in", ["CNTR/CWDL"] = "cash_out", ["CCRD/CDPT"] = "cash_in", ["CCRD/CWDL"] = "cash_out",
        ["MCRD/CDPT"] = "cash_in", ["CNTR/FCDP"] = "cash_in", ["CNTR/FCWD"] = "cash_out",
    };

    private static readonly Dictionary<string, string> s_families = new(StringComparer.Ordinal)
    {
        ["CCRD"] = "card_payment", ["MCRD"] = "card_payment", ["IDDT"] = "direct_debit", ["RDDT"] = "direct_debit",
        ["ICHQ"] = "cheque", ["RCHQ"] = "cheque", ["DRFT"] = "draft", ["LBOX"] = "lockbox",
    };

    /// <summary>Reads the reports under a root.</summary>
    /// <param name="root">The message.</param>
    /// <param name="name"><c>Stmt</c> or <c>Ntfctn</c>.</param>
    /// <param name="messageId">What the sender calls the message.</param>
    /// <param name="source">The system that transactions are named after.</param>
    public static IReadOnlyList<MessageItem> Read(MessageNode root, string name, string messageId, string source)
    {
        var items = new List<MessageItem>();
        foreach (var report in root.Many(name))
        {
            var own = MessageParties.Account(report.Need("Acct")) ?? throw report.Missing("Acct/Id");
            var scope = report.TextAt("Id") is { } id ? $"{own}/{id}" : $"{own}/{messageId}";
            var at = 0;
            foreach (var entry in report.Many("Ntry"))
            {
                at++;
                var details = entry.Many("NtryDtls").SelectMany(item => item.Many("TxDtls")).ToList();
                var booking = new Booking(
                    report, entry, own, source, FormattableString.Invariant($"{scope}/{at}"), details.Count);
                if (details.Count == 0)
                {
                    items.Add(booking.Movement(entry, 0));
                }

                items.AddRange(details.Select((detail, index) => booking.Movement(detail, index)));
            }
        }

        return items;
    }

    /// <summary>One entry of a report.</summary>
    private sealed record Booking(
        MessageNode Report, MessageNode Entry, string Own, string Source, string Scope, int Details)
    {
        public MessageItem.Movement Movement(MessageNode at, int index)
        {
            var direction = at.At("CdtDbtInd") ?? Entry.Need("CdtDbtInd");
            var isCredit = direction.Text switch
            {
                "CRDT" => true,
                "DBIT" => false,
                _ => throw new InputRefusedException(
                    direction.Path, "monitoring.bad_direction", "A booking is CRDT or DBIT."),
            };
            var names = Names(at, index);
            var ours = new TransactionParty(Own, null, MessageParties.Country(
                Report.At("Acct/Ownr"), Report.At("Acct"), Report.At("Acct/Svcr")));
            var other = MessageParties.Side(
                at.At("RltdPties"), isCredit ? "Dbtr" : "Cdtr", at.At("RltdAgts"));
            var type = TypeOf(at);
            return new MessageItem.Movement(at.Path, MessageParties.Checked(at, new Transaction
            {
                Key = new TransactionKey(Source, names[0]),
                OccurredAt = OccurredAt(),
                Amount = AmountOf(at),
                Type = type,
                Status = StatusOf(),
                Debtor = isCredit ? type == "cash_in" ? new TransactionParty() : other : ours,
                Creditor = isCredit ? ours : type == "cash_out" ? new TransactionParty() : other,
                Narrative = MessageParties.Narrative(at.At("RmtInf")),
            }), [.. names.Skip(1)], null);
        }

        // The servicer's own reference is unique for the account; the place in the report is where there is none.
        private List<string> Names(MessageNode at, int index)
        {
            var place = FormattableString.Invariant($"{Scope}.{index + 1}");
            var reference = MessageParties.Reference(at, "Refs/AcctSvcrRef")
                ?? (Details <= 1 ? MessageParties.Reference(Entry, "AcctSvcrRef") : null);
            return reference is null ? [Cut(place)] : [Cut($"{Own}/{reference}"), Cut(place)];
        }

        private static string Cut(string name) => name.Length <= 128 ? name : name[^128..];

        private DateTimeOffset OccurredAt() => MessageParties.Instant(
            Entry.At("BookgDt/DtTm") ?? Entry.At("BookgDt/Dt") ?? Entry.At("ValDt/DtTm") ?? Entry.At("ValDt/Dt")
            ?? Report.Need("CreDtTm"));

        private Money AmountOf(MessageNode at) =>
            at == Entry ? MessageParties.Amount(Entry.Need("Amt"))
            : (at.At("Amt") ?? at.At("AmtDtls/TxAmt/Amt")) is { } own ? MessageParties.Amount(own)
            : Details == 1 ? MessageParties.Amount(Entry.Need("Amt"))
            : throw at.Missing("AmtDtls/TxAmt/Amt");

        private TransactionStatus StatusOf()
        {
            var status = Entry.At("Sts/Cd") ?? Entry.Need("Sts");
            return status.Text switch
            {
                "BOOK" => TransactionStatus.Settled,
                "PDNG" or "FUTR" => TransactionStatus.Pending,
                "INFO" => TransactionStatus.Failed, // For information: nothing is booked.
                _ => throw new InputRefusedException(
                    status.Path, "monitoring.bad_status", "An entry is BOOK, PDNG, FUTR or INFO."),
            };
        }

        private string TypeOf(MessageNode at)
        {
            if (Entry.TextAt("RvslInd") == "true")
            {
                return "reversal";
            }

            var code = at.At("BkTxCd/Domn") ?? Entry.At("BkTxCd/Domn");
            var family = code?.TextAt("Fmly/Cd") ?? "";
            return s_types.GetValueOrDefault($"{family}/{code?.TextAt("Fmly/SubFmlyCd")}")
                ?? s_families.GetValueOrDefault(family) ?? "transfer";
        }
    }
}
