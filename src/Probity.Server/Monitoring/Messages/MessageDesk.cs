using System.Security.Cryptography;
using System.Text.Json;
using Probity.Monitoring;
using Probity.Server.Access;
using Probity.Server.Monitoring.Decisions;
using Probity.Server.Monitoring.Input;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Monitoring.Messages;

/// <summary>A message that was judged.</summary>
/// <param name="Message">What it was.</param>
/// <param name="Outcomes">What became of what it tells, in its order.</param>
internal sealed record MessageAnswer(PaymentMessage Message, IReadOnlyList<MessageOutcome> Outcomes);

/// <summary>
/// Takes payment messages in: read whole, parties named by their accounts, what they speak of looked up, then judged
/// and kept together with the exact bytes of the original in one commit. Thread safe.
/// </summary>
internal sealed class MessageDesk(
    DecisionDesk desk, TransactionLibrary library, IPartyFactSource facts, AccountOwners owners)
{
    /// <summary>Base64 that fits into the data of one entry; a larger original is kept in parts.</summary>
    private const int PartChars = 180_000;

    private const int MostTargets = 90;

    /// <summary>Judges and keeps a message.</summary>
    /// <param name="body">Its exact bytes.</param>
    /// <param name="source">The system that its transactions are named after.</param>
    /// <param name="entry">Who sends it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Hosting.Problems.ProblemException">
    /// monitoring.message_refused: says where; nothing was kept.
    /// </exception>
    public async Task<MessageAnswer> TakeAsync(
        ReadOnlyMemory<byte> body, string source, AccessEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            var message = MessageReader.Read(body, source);
            var known = await KnownAsync(message, source, entry, cancellationToken);
            var accounts = await owners.OfAsync(
                message.Items.OfType<MessageItem.Movement>()
                    .SelectMany(item => AccountOwners.Unnamed(item.Transaction)),
                cancellationToken);
            var parties = await facts.OfAsync(
                [.. message.Items.OfType<MessageItem.Movement>()
                    .Select(item => AccountOwners.Complete(item.Transaction, accounts))],
                cancellationToken);
            var steps = message.Items.Select(item => item is MessageItem.Movement movement
                ? Judge(movement, accounts, known, parties)
                : Follow((MessageItem.Report)item, source, known)).ToList(); // There is no other item.
            var job = new MessageJob(steps, Originals(message, body, steps, entry), entry);
            return new MessageAnswer(message, await desk.AskAsync(job).WaitAsync(cancellationToken));
        }
        catch (InputRefusedException refused)
        {
            throw MessageRefusals.Of(refused.Faults);
        }
    }

    /// <summary>Gives the exact bytes of an original back.</summary>
    /// <param name="parts">The data of its entries, in order.</param>
    public static byte[] Original(IEnumerable<string> parts) =>
        MessagePacking.Unpack(Convert.FromBase64String(string.Concat(parts)));

    private async Task<Dictionary<TransactionKey, KnownTransaction>> KnownAsync(
        PaymentMessage message, string source, AccessEntry entry, CancellationToken cancellationToken)
    {
        var keys = message.Items.SelectMany(item => item switch
        {
            MessageItem.Movement movement => (IEnumerable<string>)
                [movement.Transaction.Key.Id, .. movement.OtherIds, .. Optional(movement.FollowsId)],
            MessageItem.Report report => report.Ids,
            _ => [],
        }).Distinct(StringComparer.Ordinal).Select(id => new TransactionKey(source, id)).ToList();
        var known = new Dictionary<TransactionKey, KnownTransaction>();
        if (keys.Count == 0)
        {
            return known;
        }

        var numbers = await desk.AskAsync(new LookUpJob(keys, entry)).WaitAsync(cancellationToken);
        foreach (var (key, number) in keys.Zip(numbers))
        {
            if (number is { } at && await library.KnownAsync(at, cancellationToken) is { } transaction)
            {
                known.Add(key, transaction);
            }
        }

        return known;
    }

    private static MessageStep.Judge Judge(
        MessageItem.Movement item, IReadOnlyDictionary<string, string> accounts,
        Dictionary<TransactionKey, KnownTransaction> known, KnownParties parties)
    {
        var source = item.Transaction.Key.Source;
        if (Again(item, known) is { } again)
        {
            return new MessageStep.Judge(item.Place, [again], PartyFacts.None, null);
        }

        var transaction = AccountOwners.Complete(item.Transaction, accounts);
        var follows = item.FollowsId is { } id ? known.GetValueOrDefault(new TransactionKey(source, id)) : null;
        return new MessageStep.Judge(
            item.Place,
            [transaction, .. item.OtherIds.Select(
                other => transaction with { Key = new TransactionKey(source, other) })],
            parties.Of(transaction),
            follows is not null && IsSamePayment(follows.Transaction, transaction) ? follows : null);
    }

    // The same message again is the same transactions, also when an owner was registered since: what was kept counts.
    private static Transaction? Again(
        MessageItem.Movement item, Dictionary<TransactionKey, KnownTransaction> known)
    {
        foreach (var id in (IEnumerable<string>)[item.Transaction.Key.Id, .. item.OtherIds])
        {
            var key = item.Transaction.Key with { Id = id };
            if (known.TryGetValue(key, out var kept) && AsSent(kept.Transaction, item.Transaction)
                == item.Transaction with { Key = key })
            {
                return kept.Transaction;
            }
        }

        return null;
    }

    private static Transaction AsSent(Transaction kept, Transaction sent) => kept with
    {
        Debtor = sent.Debtor.Customer is null ? kept.Debtor with { Customer = null } : kept.Debtor,
        Creditor = sent.Creditor.Customer is null ? kept.Creditor with { Customer = null } : kept.Creditor,
    };

    private static IEnumerable<string> Optional(string? text) => text is null ? [] : [text];

    // A debtor may use a reference again, and another debtor may use the same one.
    private static bool IsSamePayment(Transaction instruction, Transaction payment) =>
        instruction.Debtor.Account == payment.Debtor.Account && instruction.Amount.Currency == payment.Amount.Currency;

    private static MessageStep Follow(
        MessageItem.Report report, string source, Dictionary<TransactionKey, KnownTransaction> known)
    {
        var found = report.Ids.Select(id => known.GetValueOrDefault(new TransactionKey(source, id)))
            .FirstOrDefault(item => item is not null)
            ?? throw new InputRefusedException(
                report.Place, "monitoring.transaction_not_found",
                "No transaction of this source has its references; send the payment first, with the same `source`.");
        return report.IsTakenBack
            ? new MessageStep.TakeBack(report.Place, found, report.Reason)
            : new MessageStep.Note(report.Place, found);
    }

    private static List<EntryDraft> Originals(
        PaymentMessage message, ReadOnlyMemory<byte> body, List<MessageStep> steps, AccessEntry entry)
    {
        var packed = Convert.ToBase64String(MessagePacking.Pack(body.Span));
        var parts = packed.Chunk(PartChars).Select(part => new string(part)).ToList();
        var targets = steps.OfType<MessageStep.Judge>().Select(step => step.Names[0])
            .Concat(steps.OfType<MessageStep.TakeBack>().Select(step => step.Known.Transaction))
            .Concat(steps.OfType<MessageStep.Note>().Select(step => step.Known.Transaction))
            .SelectMany(transaction => new[] { transaction.Debtor.Customer, transaction.Creditor.Customer })
            .OfType<string>().Distinct(StringComparer.Ordinal).Take(MostTargets)
            .Select(customer => new EntryTarget("customer", customer)).ToList();
        var drafts = parts.ConvertAll(part => StepEntries.Draft(
            entry, MonitoringEvents.MessageReceived, "monitoring.message.receive", targets, _ => { }));
        var digest = Convert.ToHexStringLower(SHA256.HashData(body.Span));
        for (var i = 0; i < drafts.Count; i++)
        {
            drafts[i] = drafts[i] with
            {
                DataUtf8 = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["message"] = message.Name,
                    ["message_id"] = message.Id,
                    ["owasp"] = "sensitive_create",
                    ["part"] = i + 1,
                    ["parts"] = drafts.Select(draft => draft.Id),
                    ["sha256"] = digest,
                    ["text"] = parts[i],
                }),
            };
        }

        return drafts;
    }
}
