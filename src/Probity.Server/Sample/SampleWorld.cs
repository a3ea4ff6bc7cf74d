using Probity.Monitoring;
using Probity.Server.Customers;

namespace Probity.Server.Sample;

/// <summary>What a sample bank is made from.</summary>
/// <param name="Today">The last day, UTC; everything moves with it.</param>
/// <param name="Days">How many days back.</param>
/// <param name="Seed">Another seed is another bank.</param>
internal sealed record SampleRequest(DateOnly Today, int Days, ulong Seed)
{
    /// <summary>The source of its transactions: another day is another bank, which does not clash with it.</summary>
    public string Source => FormattableString.Invariant($"sample-{Today:yyyyMMdd}-{Days}-{Seed}");
}

/// <summary>One transaction of the bank.</summary>
/// <param name="Transaction">What happened.</param>
/// <param name="IsTakenBack">Whether it is reversed right after.</param>
internal sealed record SampleStep(Transaction Transaction, bool IsTakenBack = false);

/// <summary>A typology that was put into the bank.</summary>
/// <param name="Rule">The rule it is about.</param>
/// <param name="IsTrue">Whether the rule is to match; else it is a near miss.</param>
/// <param name="Last">The transaction that decides it.</param>
/// <param name="Alerts">Whether the decision about it is to raise an alert.</param>
internal sealed record SampleScenario(string Rule, bool IsTrue, TransactionKey Last, bool Alerts);

/// <summary>An invented bank, the same for the same request.</summary>
internal sealed record SampleWorld
{
    public required IReadOnlyList<CustomerDocument> Customers { get; init; }

    /// <summary>Owners and reviews.</summary>
    public required SampleDiligence Diligence { get; init; }

    /// <summary>Checks of onboarding, customer by customer.</summary>
    public required IReadOnlyList<SampleCheck> Checks { get; init; }

    /// <summary>In the order of time.</summary>
    public required IReadOnlyList<SampleStep> Steps { get; init; }

    public required IReadOnlyList<SampleScenario> Scenarios { get; init; }

    /// <summary>Rules whose examples could not be placed in the days asked for; empty as a rule.</summary>
    public required IReadOnlyList<string> Unplaced { get; init; }

    /// <summary>A list of invented people, as <c>lists load</c> takes it.</summary>
    public required string ListCsv { get; init; }

    /// <summary>Makes the bank.</summary>
    public static SampleWorld Make(SampleRequest request)
    {
        var random = new SampleRandom(request.Seed);
        var typologies = new SampleTypologies(request, random.For("typologies"));
        typologies.Make();
        var background = new SampleBackground(request, random.For("background"));
        background.Make();
        var diligence = new SampleDiligence(request, random.For("diligence"));
        diligence.Make();
        return new SampleWorld
        {
            Diligence = diligence,
            Checks = [.. SampleChecks.Of(request, [.. background.Customers, .. typologies.Customers])],
            Customers = [.. diligence.Parties, .. background.Customers, .. typologies.Customers],
            Steps = [.. background.Steps.Concat(typologies.Steps)
                .OrderBy(step => step.Transaction.OccurredAt)
                .ThenBy(step => step.Transaction.Key.Id, StringComparer.Ordinal)],
            Scenarios = typologies.Scenarios,
            Unplaced = typologies.Unplaced,
            ListCsv = "id,list,type,name,dob,country\n" + string.Concat(SampleNames.Listed.Select(
                (person, i) => FormattableString.Invariant(
                    $"{i + 1},own_sample,person,{person.Name},{person.Born},{person.Country}\n"))),
        };
    }
}
