using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Probity.Contracts.Problems;
using Probity.Ledger.Json;
using Probity.Monitoring.Rating;
using Probity.Monitoring.Rules;
using Probity.Server.Access;
using Probity.Server.Access.Approval;
using Probity.Server.Access.Approvals;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Customers.Ratings;

/// <summary>
/// The life of scorecards: drafted, compared, tried on customers, agreed to by a second person, in force from a time;
/// an earlier one comes into force again the same way. Thread safe.
/// </summary>
internal sealed class ScorecardDesk(
    IDatabase database, Lazy<ILedgerWriter> ledger, Scorecards scorecards, RatingArchive archive,
    RatingFactSource facts, CustomerSeal seal, Lazy<IApprovalGate> gate, TimeProvider time)
{
    /// <summary>The id under which the shipped scorecard is read; it is in force only once it was drafted and agreed
    /// to.</summary>
    public const string Shipped = "shipped";

    /// <summary>The most customers that a trial looks at, the first registered.</summary>
    public const int MostTried = 10_000;

    /// <summary>The most customers that a trial names.</summary>
    public const int MostNamed = 50;

    private const int MaxNote = 500;
    private const int MostListed = 200;

    /// <summary>Reads a scorecard without keeping it.</summary>
    public static IReadOnlyList<RuleFault> Check(ReadOnlyMemory<byte> json) =>
        ScorecardReader.Read(json) is ScorecardResult.Refused refused ? refused.Faults : [];

    /// <summary>Stores a draft.</summary>
    /// <exception cref="ProblemException">customers.scorecard_refused, with every fault and its place.</exception>
    public async Task<ScorecardRow> DraftAsync(
        ReadOnlyMemory<byte> json, string note, AccessEntry entry, CancellationToken cancellationToken)
    {
        if (note.Length > MaxNote)
        {
            throw new ProblemException(ErrorCodes.RequestMalformed, $"note has at most {MaxNote} characters.");
        }

        var scorecard = Read(json);
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = new ScorecardRow
        {
            Id = AccessIds.New(ScorecardRow.Prefix, time.GetUtcNow()),
            Name = scorecard.Name,
            Sha256 = scorecard.Sha256,
            Json = Encoding.UTF8.GetString(CanonicalJson.Canonicalize(json.Span)),
            Note = note,
            State = ScorecardRow.Draft,
            BaseId = await Scorecards.LastAsync(work.Db, cancellationToken),
            MadeBy = entry.Actor.Id,
            MadeAt = time.GetUtcNow(),
        };
        work.Add(row);
        work.Record(
            entry.Draft(
                CustomerEvents.ScorecardDrafted, "customers.scorecard.draft", "system_configuration_changed", null,
                ("sha256", row.Sha256), ("scorecard", JsonSerializer.Deserialize<JsonElement>(row.Json))),
            row);
        await work.CommitAsync(cancellationToken);
        return row;
    }

    /// <summary>Stored scorecards, the newest first, at most 200, and which one rates.</summary>
    public async Task<(IReadOnlyList<ScorecardRow> Rows, string? InForce)> AllAsync(
        CancellationToken cancellationToken)
    {
        await using var db = database.CreateContext();
        var rows = await db.Set<ScorecardRow>().AsNoTracking().OrderByDescending(row => row.MadeAt)
            .ThenByDescending(row => row.Id).Take(MostListed).ToListAsync(cancellationToken);
        return (rows, (await scorecards.CurrentAsync(db, cancellationToken))?.Id);
    }

    /// <summary>The document of a stored scorecard, or of the one that ships.</summary>
    /// <exception cref="ProblemException">customers.scorecard_not_found.</exception>
    public async Task<(ScorecardRow? Row, JsonNode Document)> FindAsync(
        string id, CancellationToken cancellationToken)
    {
        if (id == Shipped)
        {
            return (null, JsonNode.Parse(ScorecardPack.Document().Span)!); // A test reads it.
        }

        await using var db = database.CreateContext();
        var row = await FindAsync(db, id, cancellationToken);
        Scorecards.Read(row);
        return (row, JsonNode.Parse(row.Json)!); // It was read when it was drafted.
    }

    /// <summary>What one scorecard says otherwise than another.</summary>
    /// <exception cref="ProblemException">customers.scorecard_not_found.</exception>
    public async Task<IReadOnlyList<ScorecardChange>> CompareAsync(
        string before, string after, CancellationToken cancellationToken) =>
        ScorecardChange.Between(
            (await FindAsync(before, cancellationToken)).Document,
            (await FindAsync(after, cancellationToken)).Document);

    /// <summary>Rates customers by a scorecard, beside their ratings in force; nothing changes.</summary>
    /// <exception cref="ProblemException">customers.scorecard_not_found.</exception>
    public async Task<ScorecardTrial> TryAsync(
        string id, EntityScope scope, AccessEntry entry, CancellationToken cancellationToken)
    {
        await using var work = new UnitOfWork(database, ledger.Value);
        var row = await FindAsync(work.Db, id, cancellationToken);
        var scorecard = Scorecards.Read(row);
        var trial = new ScorecardTrial();
        var codes = scope.Codes.ToList();
        var isAll = scope.IsAll;
        await using var db = database.CreateContext();
        await foreach (var customer in db.Set<CustomerRow>().AsNoTracking()
            .Where(item => item.State == CustomerRow.Active
                && (isAll || (item.LegalEntity != null && codes.Contains(item.LegalEntity))))
            .OrderBy(item => item.Id).Take(MostTried).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (await RateAsync(customer, scorecard, cancellationToken) is { } rated)
            {
                trial.Take(customer, rated);
            }
        }

        work.Record(entry.Draft(
            CustomerEvents.ScorecardTried, "customers.scorecard.try", "sensitive_read",
            new EntryTarget("customer_scorecard", id), ("customers", trial.Customers),
            ("moved", trial.Moved), ("after", trial.After)));
        await work.CommitAsync(cancellationToken);
        return trial;
    }

    /// <summary>Asks for a scorecard to come into force. It is agreed to now where nobody else could; else it
    /// waits.</summary>
    /// <returns>The approval that is waited for; null when it was agreed to at once.</returns>
    /// <exception cref="ProblemException">customers.scorecard_not_found, customers.scorecard_stale,
    /// request.bad_field.</exception>
    public async Task<string?> ActivateAsync(
        string id, DateTimeOffset? from, string reason, Caller caller, AccessEntry entry,
        CancellationToken cancellationToken)
    {
        var why = ApprovalDesk.CheckReason(reason);
        await using (var db = database.CreateContext())
        {
            await CheckBaseAsync(db, await FindAsync(db, id, cancellationToken), from, cancellationToken);
        }

        var action = new GatedAction(
            ActivateScorecardAction.Name, new EntryTarget("customer_scorecard", id),
            JsonSerializer.Serialize(new ScorecardPayload(id, from), ApprovalJson.Options), why);
        if (await gate.Value.AskAsync(action, caller, cancellationToken) is GateAnswer.Waiting waiting)
        {
            return waiting.ApprovalId;
        }

        var alone = entry with { IsAlone = true, Reason = new EntryReason { Text = why } };
        await CommitRaces.AgainAsync(
            async () =>
            {
                await using var work = new UnitOfWork(database, ledger.Value);
                await ApproveAsync(work, id, from, alone, cancellationToken);
                return await work.CommitAsync(cancellationToken);
            },
            ErrorCodes.CustomersChanged);
        return null;
    }

    /// <summary>Adds the agreement to a unit of work; it rates from its time on. Of two that are committed in the same
    /// moment one fails, and finds the other when it is tried again.</summary>
    /// <exception cref="ProblemException">customers.scorecard_not_found, customers.scorecard_stale.</exception>
    public async Task ApproveAsync(
        UnitOfWork work, string id, DateTimeOffset? from, AccessEntry entry, CancellationToken cancellationToken)
    {
        var row = await FindAsync(work.Db, id, cancellationToken);
        Scorecards.Read(row);

        // Before the check: whoever is agreed to between the two has this number, and this commit fails.
        var last = await work.Db.Set<ScorecardRow>().MaxAsync(other => other.AgreedNumber, cancellationToken);
        await CheckBaseAsync(work.Db, row, from, cancellationToken);

        // Not before now: what was rated stays rated by what was in force then.
        var now = time.GetUtcNow();
        (row.State, row.ActiveFrom) = (ScorecardRow.Approved, from > now ? from : now);
        row.AgreedNumber = 1 + (last ?? 0);
        work.Record(
            entry.Draft(
                CustomerEvents.ScorecardActivated, "customers.scorecard.activate", "system_configuration_changed",
                new EntryTarget("customer_scorecard", id), ("sha256", row.Sha256), ("number", row.AgreedNumber)),
            row);
    }

    // A scorecard holds everything, so one that was drafted beside another would take back what that one changed. An
    // earlier one comes into force again on purpose.
    private async Task CheckBaseAsync(
        ProbityDb db, ScorecardRow row, DateTimeOffset? from, CancellationToken cancellationToken)
    {
        if (row.State != ScorecardRow.Draft)
        {
            return;
        }

        var now = time.GetUtcNow();
        var at = from > now ? from.Value : now;
        if (await Scorecards.InForceAsync(db, at, cancellationToken) is { } held && held != row.BaseId)
        {
            throw new ProblemException(
                ErrorCodes.CustomersScorecardStale,
                $"It was drafted {Beside(row.BaseId)}, and {held} is in force {(at > now ? "by then" : "since")}: it "
                + "would take back what changed there.");
        }

        // One that comes later and was drafted beside the same would in turn take back this one.
        if (await db.Set<ScorecardRow>().AsNoTracking().Where(other => other.State == ScorecardRow.Approved
                && other.ActiveFrom > at).OrderBy(other => other.ActiveFrom).Select(other => other.Id)
            .FirstOrDefaultAsync(cancellationToken) is { } waiting)
        {
            throw new ProblemException(
                ErrorCodes.CustomersScorecardStale,
                $"{waiting} was agreed to and comes into force after it: it would take back what this one changes. "
                + "Draft it anew beside that one, or let it come into force later.");
        }
    }

    private static string Beside(string? id) => id is null ? "while none was agreed to" : $"after {id}";

    // From the facts of the last rating, so that only the scorecard differs; whoever has none is looked at anew.
    private async Task<RatingResult?> RateAsync(
        CustomerRow customer, Scorecard scorecard, CancellationToken cancellationToken)
    {
        if (customer.RatingId is { } rating)
        {
            return await archive.RecordAsync(rating, cancellationToken) is not { } record ? null
                : Rater.Rate(scorecard, RatingRecord.Facts(record), RatingRecord.Override(record));
        }

        if (seal.Open(customer) is not { } document || document.Role == CustomerRules.Related)
        {
            return null;
        }

        await using var db = database.CreateContext();
        return Rater.Rate(
            scorecard, await facts.OfAsync(db, customer, document, scorecard, cancellationToken), null);
    }

    private static Scorecard Read(ReadOnlyMemory<byte> json) => ScorecardReader.Read(json) switch
    {
        ScorecardResult.Sound sound => sound.Scorecard,
        ScorecardResult.Refused refused => throw new ProblemException(ErrorCodes.CustomersScorecardRefused)
        {
            Faults = [.. refused.Faults.Take(50).Select(fault =>
                new ProblemFault(fault.Place, fault.Code, $"{fault.Message} {fault.Fix}"))],
        },
        _ => throw new InvalidOperationException("There is no other result."),
    };

    private static async Task<ScorecardRow> FindAsync(
        ProbityDb db, string id, CancellationToken cancellationToken) =>
        await db.Set<ScorecardRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken)
        ?? throw new ProblemException(ErrorCodes.CustomersScorecardNotFound);
}

/// <summary>What the second person agrees to. A scorecard never changes, so its id says what it holds.</summary>
internal sealed record ScorecardPayload(string Id, DateTimeOffset? ActiveFrom);

/// <summary>Puts in force what was agreed to; the sweep rates by it within seconds.</summary>
internal sealed class ActivateScorecardAction(Lazy<ScorecardDesk> desk) : IApprovedAction
{
    public const string Name = "customers.scorecard.activate";

    public string Action => Name;

    public string MakerPermission => Permission.ManageScorecards;

    public Task ExecuteAsync(
        UnitOfWork work, ApprovedRequest request, AccessEntry entry, CancellationToken cancellationToken)
    {
        var agreed = JsonSerializer.Deserialize<ScorecardPayload>(request.Payload, ApprovalJson.Options)
            ?? throw new ProblemException(ErrorCodes.RequestMalformed);
        return desk.Value.ApproveAsync(work, agreed.Id, agreed.ActiveFrom, entry, cancellationToken);
    }
}

/// <summary>What a scorecard would do to customers.</summary>
internal sealed class ScorecardTrial
{
    private readonly List<MovedCustomer> _named = [];

    public int Customers { get; private set; }

    public int Moved { get; private set; }

    /// <summary>How many have each rating in force; none for those that were never rated.</summary>
    public SortedDictionary<string, int> Before { get; } = new(StringComparer.Ordinal);

    /// <summary>How many would have each rating.</summary>
    public SortedDictionary<string, int> After { get; } = new(StringComparer.Ordinal);

    /// <summary>The first of those who would move.</summary>
    public IReadOnlyList<MovedCustomer> Named => _named;

    public void Take(CustomerRow customer, RatingResult rating)
    {
        var (before, after) = (customer.Rating ?? "none", RatingRecord.Word(rating.Value));
        Customers++;
        Before[before] = Before.GetValueOrDefault(before) + 1;
        After[after] = After.GetValueOrDefault(after) + 1;
        if (before != after)
        {
            Moved++;
            if (_named.Count < ScorecardDesk.MostNamed)
            {
                _named.Add(new MovedCustomer(
                    customer.Id, before, after, RatingRecord.Score(rating.Score)));
            }
        }
    }
}

/// <summary>A customer who would move.</summary>
internal sealed record MovedCustomer(string CustomerId, string From, string To, string Score);

/// <summary>A difference of two scorecards.</summary>
/// <param name="Place">Where: members by name, factors by theirs.</param>
/// <param name="Before">JSON; null for what is new.</param>
/// <param name="After">JSON; null for what is gone.</param>
internal sealed record ScorecardChange(string Place, string? Before, string? After)
{
    /// <summary>What the second says otherwise, in the order of places.</summary>
    public static IReadOnlyList<ScorecardChange> Between(JsonNode before, JsonNode after)
    {
        var (was, now) = (Flat(before), Flat(after));
        return [.. was.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Where(place => was.GetValueOrDefault(place) != now.GetValueOrDefault(place))
            .Select(place => new ScorecardChange(place, was.GetValueOrDefault(place), now.GetValueOrDefault(place)))];
    }

    private static Dictionary<string, string> Flat(JsonNode root)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(root, "");
        return flat;

        void Add(JsonNode? node, string place)
        {
            switch (node)
            {
                case JsonObject members:
                    foreach (var (name, value) in members)
                    {
                        Add(value, $"{place}/{name}");
                    }

                    break;
                case JsonArray items:
                    for (var i = 0; i < items.Count; i++)
                    {
                        Add(items[i], $"{place}/{NameOf(items[i]) ?? i.ToString(CultureOfPlaces)}");
                    }

                    break;
                default:
                    flat[place] = node?.ToJsonString() ?? "null";
                    break;
            }
        }
    }

    private static System.Globalization.CultureInfo CultureOfPlaces =>
        System.Globalization.CultureInfo.InvariantCulture;

    // An element keeps its place when another one is added before it.
    private static string? NameOf(JsonNode? item) => item is not JsonObject members ? null
        : members["name"] is { } name ? name.GetValue<string>()
        : members["why"] is { } why ? why.GetValue<string>()
        : members["member"] is { } member ? $"{members["list"]} {member} {members["from"]}"
        : members["jurisdiction"] is { } law ? $"{law} {members["from"]}"
        : null;
}
