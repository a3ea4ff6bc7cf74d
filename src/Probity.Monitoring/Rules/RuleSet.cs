using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Json;

namespace Probity.Monitoring.Rules;

/// <summary>A rule as it is stored: a JSON document and where it came from.</summary>
/// <param name="Origin">File name or id, for messages.</param>
/// <param name="Json">UTF-8.</param>
public sealed record RuleDocument(string Origin, ReadOnlyMemory<byte> Json);

/// <summary>What compiling came to.</summary>
public abstract record RuleSetResult
{
    private RuleSetResult()
    {
    }

    /// <summary>Every rule is sound.</summary>
    /// <param name="Rules">The set.</param>
    /// <param name="Warnings">What hardly is as meant; empty when nothing is.</param>
    public sealed record Compiled(RuleSet Rules, IReadOnlyList<RuleFault> Warnings) : RuleSetResult;

    /// <summary>At least one rule is refused, and with it the set.</summary>
    /// <param name="Faults">All that was found.</param>
    public sealed record Refused(IReadOnlyList<RuleFault> Faults) : RuleSetResult;
}

/// <summary>Rules that were read, checked and compiled together. Immutable and thread safe.</summary>
public sealed class RuleSet
{
    /// <summary>Most rules in a set.</summary>
    public const int MostRules = 2_000;

    /// <summary>
    /// Most units of work in one rule: a comparison is 1, an aggregate 50 and up, a search for cycles 500 a transfer.
    /// </summary>
    public const int CostBound = 10_000;

    /// <summary>How far back transactions are kept unless the institution keeps more, in days.</summary>
    public const int DefaultHistoryDays = 400;

    private readonly ConcurrentDictionary<string, Rule[]> _byType = new(StringComparer.Ordinal);

    private RuleSet(IReadOnlyList<Rule> rules, AggregateReader aggregates, ReferenceBook book)
    {
        Rules = rules;
        Aggregates = aggregates.Texts;
        Specs = aggregates.Specs;
        UsesPairs = aggregates.UsesPairs;
        Book = book;
        var digests = string.Join('\n', rules.Select(rule => rule.Digest).Order(StringComparer.Ordinal));
        Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(digests)));
    }

    /// <summary>Gets the rules, each after those whose scores it uses.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>Gets what is computed from history, by the number that decisions record.</summary>
    public IReadOnlyList<string> Aggregates { get; }

    /// <summary>Gets the dated data the rules were compiled with.</summary>
    public ReferenceBook Book { get; }

    /// <summary>
    /// Gets the lower-case hexadecimal SHA-256 of the sorted digests of the rules, a line feed between them.
    /// </summary>
    public string Digest { get; }

    /// <summary>Gets what is kept as running values, by slot; null for a search.</summary>
    internal IReadOnlyList<AggregateSpec?> Specs { get; }

    /// <summary>Gets whether an aggregate looks at pairs of accounts.</summary>
    internal bool UsesPairs { get; }

    /// <summary>Compiles rules; every rule is read, so that all faults are told at once.</summary>
    public static RuleSetResult Compile(
        IEnumerable<RuleDocument> documents, ReferenceBook book, int historyDays = DefaultHistoryDays)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(book);
        var faults = new List<RuleFault>();
        var rules = new List<Rule>();
        var aggregates = new AggregateReader(book, historyDays);
        var reader = new RuleReader(book, aggregates);
        foreach (var document in documents)
        {
            if (Read(reader, document, faults) is { } rule)
            {
                rules.Add(rule);
            }
        }

        RuleLinter.Check(rules, faults);
        var ordered = RuleLinter.InOrder(rules, faults);
        return faults.Any(fault => fault.Level == FaultLevel.Error)
            ? new RuleSetResult.Refused(faults)
            : new RuleSetResult.Compiled(new RuleSet(ordered, aggregates, book), faults);
    }

    /// <summary>The rules for a type of transaction, in order.</summary>
    internal Rule[] For(string type) => _byType.TryGetValue(type, out var rules) ? rules
        : _byType.Count < 1_000 ? _byType.GetOrAdd(type, Select)
        : Select(type);

    /// <summary>As <see cref="For"/>, without leaving out what the type alone excludes: for checking.</summary>
    internal Rule[] PlainFor(string type) =>
        [.. Rules.Where(rule => rule.TransactionTypes is null || rule.TransactionTypes.Contains(type))];

    private static Rule? Read(RuleReader reader, RuleDocument document, List<RuleFault> faults)
    {
        try
        {
            return reader.Read(document.Json);
        }
        catch (RuleRefusedException fault)
        {
            faults.Add(new RuleFault(document.Origin, fault.Place, fault.Code, fault.Message, fault.Fix));
        }
        catch (JsonRefusedException fault)
        {
            faults.Add(new RuleFault(
                document.Origin, fault.Pointer, "monitoring.bad_json", fault.Message, "Mend the JSON at this place."));
        }

        return null;
    }

    // A rule that asks for another type first is not asked at all: it could only be false.
    private Rule[] Select(string type) => [.. PlainFor(type).Where(rule => TypeCheck.MayHold(rule.Conditions, type))];
}
