using Microsoft.EntityFrameworkCore;
using Probity.Server.Storage.Auditing;

namespace Probity.Server.Access.Monitoring;

/// <summary>One row of <c>reading_count</c>: what a person read in an hour or a day.</summary>
internal sealed class ReadingCountRow
{
    public const string Hour = "hour";
    public const string Day = "day";

    public required string Person { get; init; }

    /// <summary><see cref="Hour"/> or <see cref="Day"/>.</summary>
    public required string Span { get; init; }

    /// <summary>Hours since 1970 in UTC, or days since 1970 in the institution's zone.</summary>
    public required long Start { get; init; }

    public long Records { get; set; }

    public long Requests { get; set; }

    public long Denied { get; set; }

    public static void Configure(ModelBuilder model) => model.Entity<ReadingCountRow>(map =>
    {
        map.ToTable("reading_count");
        map.HasKey(row => new { row.Person, row.Span, row.Start });
        map.Operational("Derived from the entries of reads by a follower.");
    });
}

/// <summary>One row of <c>access_view</c>: someone looked at a subject.</summary>
internal sealed class AccessViewRow
{
    /// <summary><see cref="SubjectDigest"/> of its id.</summary>
    public required string Subject { get; init; }

    public required long Seq { get; init; }

    public required string EntryId { get; init; }

    public required string Type { get; init; }

    public required string ActorType { get; init; }

    public required string ActorId { get; init; }

    /// <summary>The person behind the actor; null when none is known.</summary>
    public string? Person { get; init; }

    public required DateTimeOffset At { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<AccessViewRow>(map =>
    {
        map.ToTable("access_view");
        map.HasKey(row => new { row.Subject, row.Seq });
        map.Property(row => row.EntryId).HasColumnName("read_entry");
        map.Operational("Derived from the entries of reads by a follower.");
    });
}

/// <summary>One row of <c>access_relation</c>: a subject that a person has something to do with privately.</summary>
internal sealed class AccessRelationRow
{
    public required string Id { get; init; }

    public required string Person { get; init; }

    /// <summary><see cref="SubjectDigest"/> of the customer's or account's id.</summary>
    public required string Subject { get; init; }

    /// <summary><c>self</c>, <c>relative</c> or <c>own_account</c>.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<AccessRelationRow>(map =>
    {
        map.ToTable("access_relation");
        map.HasKey(row => row.Id);
        map.Audited();
    });
}

/// <summary>One row of <c>access_finding</c>: reading that someone should look into.</summary>
internal sealed class AccessFindingRow
{
    /// <summary><c>fnd_</c> and a UUIDv7.</summary>
    public required string Id { get; init; }

    /// <summary>One of <see cref="FindingKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What makes it one finding, however often it would be found.</summary>
    public required string Key { get; init; }

    public required string Person { get; init; }

    /// <summary>When what was found happened.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The entry that made it one; -1 when no entry did.</summary>
    public required long Seq { get; init; }

    public required long Observed { get; init; }

    public required long Threshold { get; init; }

    /// <summary>What it is about: a compartment, a relation, an approval; null for none.</summary>
    public string? About { get; init; }

    public static void Configure(ModelBuilder model) => model.Entity<AccessFindingRow>(map =>
    {
        map.ToTable("access_finding");
        map.HasKey(row => row.Id);
        map.HasIndex(row => row.Key).IsUnique();
        map.Audited();
    });
}

/// <summary>What is found.</summary>
internal static class FindingKinds
{
    public const string Volume = "volume";
    public const string Hours = "hours";
    public const string Compartment = "compartment";
    public const string Own = "own_relation";
    public const string Denied = "denied";
    public const string ReviewOverdue = "review_overdue";
}
