namespace Probity.Contracts.Access;

/// <summary>What <c>POST /api/v1/break-glass</c> takes.</summary>
public sealed record OpenBreakGlass
{
    /// <summary>The name of the set: <c>events</c>, <c>sars</c> or <c>operations</c>.</summary>
    public required string Permissions { get; init; }

    /// <summary>For how long, 1 to 240 minutes.</summary>
    public required int Minutes { get; init; }

    /// <summary>Why, 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>An emergency.</summary>
public sealed record BreakGlassView
{
    /// <summary><c>bgl_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string PersonId { get; init; }

    /// <summary>The name of the set of permissions.</summary>
    public required string Permissions { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Until when.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>The approval in which someone else reviews it.</summary>
    public required string ReviewId { get; init; }

    /// <summary>When it was found justified; null while it was not.</summary>
    public required DateTimeOffset? ReviewedAt { get; init; }
}

/// <summary>Emergencies, newest first, 200 at most.</summary>
/// <param name="BreakGlass">The emergencies.</param>
public sealed record BreakGlassList(IReadOnlyList<BreakGlassView> BreakGlass);

/// <summary>Someone looked at a subject.</summary>
/// <param name="Seq">The number of the entry of the read.</param>
/// <param name="EventId">The id of that entry.</param>
/// <param name="Type">What kind of read it was.</param>
/// <param name="ActorType"><c>user</c>, <c>api_key</c> or <c>service</c>.</param>
/// <param name="ActorId">The caller.</param>
/// <param name="PersonId">The person behind it; null when none is known.</param>
/// <param name="At">When.</param>
public sealed record AccessView(
    long Seq, string EventId, string Type, string ActorType, string ActorId, string? PersonId, DateTimeOffset At);

/// <summary>Who looked at a subject, newest first.</summary>
/// <param name="Views">The views.</param>
/// <param name="AsOfSequence">Entries from this number on were not looked at yet.</param>
/// <param name="NextPageToken">Where the next page starts; null at the end.</param>
public sealed record AccessViewList(IReadOnlyList<AccessView> Views, long AsOfSequence, string? NextPageToken);

/// <summary>Reading that someone should look into.</summary>
public sealed record AccessFinding
{
    /// <summary><c>fnd_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary><c>volume</c>, <c>hours</c>, <c>compartment</c>, <c>own_relation</c>, <c>denied</c> or <c>review_overdue</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whose reading it is.</summary>
    public required string PersonId { get; init; }

    /// <summary>When what was found happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The number of the entry that made it a finding; null when none did.</summary>
    public required long? Seq { get; init; }

    /// <summary>What was counted.</summary>
    public required long Observed { get; init; }

    /// <summary>What it may be at most.</summary>
    public required long Threshold { get; init; }

    /// <summary>The compartment, kind of relation or approval it is about; null for none.</summary>
    public required string? About { get; init; }
}

/// <summary>Findings, newest first.</summary>
/// <param name="Findings">The findings.</param>
/// <param name="NextPageToken">Where the next page starts; null at the end.</param>
public sealed record AccessFindingList(IReadOnlyList<AccessFinding> Findings, string? NextPageToken);

/// <summary>What <c>POST /api/v1/access/relations</c> takes. The subject is kept as a keyed digest only.</summary>
public sealed record AddRelation
{
    /// <summary>The user.</summary>
    public required string UserId { get; init; }

    /// <summary>The id of the customer or account.</summary>
    public required string Subject { get; init; }

    /// <summary><c>self</c>, <c>relative</c> or <c>own_account</c>.</summary>
    public required string Kind { get; init; }
}

/// <summary>A relation, without its subject.</summary>
/// <param name="Id"><c>rel_</c> and a UUIDv7.</param>
/// <param name="UserId">The user.</param>
/// <param name="Kind">The kind.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record RelationView(string Id, string UserId, string Kind, DateTimeOffset CreatedAt);

/// <summary>Relations of a user.</summary>
/// <param name="Relations">The relations.</param>
public sealed record RelationList(IReadOnlyList<RelationView> Relations);

/// <summary>When the institution works, and which reads need a reason.</summary>
public sealed record ReadingPolicyView
{
    /// <summary>Minutes after midnight at which work begins, in the institution's time zone.</summary>
    public required int WorkFrom { get; init; }

    /// <summary>Minutes after midnight at which it ends.</summary>
    public required int WorkTo { get; init; }

    /// <summary>ISO days of the week, 1 is Monday.</summary>
    public required IReadOnlyList<int> WorkDays { get; init; }

    /// <summary>Some of <c>exports</c>, <c>searches</c> and <c>reads</c>.</summary>
    public required IReadOnlyList<string> ReasonFor { get; init; }

    /// <summary>Why it is changed; null in answers.</summary>
    public string? Reason { get; init; }
}
