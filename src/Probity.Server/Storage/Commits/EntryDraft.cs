namespace Probity.Server.Storage.Commits;

/// <summary>
/// An entry the server makes about itself, before it is encrypted and numbered. JSON members are texts of one JSON
/// object; the writer makes them canonical. Names are those of the entry's frozen shape.
/// </summary>
internal sealed record EntryDraft
{
    /// <summary>The entry's id, <c>evt_</c> and a UUIDv7; the rows it stands for carry it.</summary>
    public required string Id { get; init; }

    public required string Type { get; init; }

    public required string Action { get; init; }

    public required EntryActor Actor { get; init; }

    public IReadOnlyList<EntryTarget> Targets { get; init; } = [];

    /// <summary>success, failure, denied or unknown.</summary>
    public string Outcome { get; init; } = "success";

    public EntryReason? Reason { get; init; }

    public EntryContext? Context { get; init; }

    public string? BeforeJson { get; init; }

    public string? AfterJson { get; init; }

    public string? DataJson { get; init; }

    /// <summary>
    /// The same as UTF-8, from a writer of JSON that has checked it; empty where there is none, or a text of it.
    /// </summary>
    public ReadOnlyMemory<byte> DataUtf8 { get; init; }
}

/// <summary>Who acts.</summary>
internal sealed record EntryActor(string Type, string Id)
{
    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Role { get; init; }

    public string? Session { get; init; }
}

/// <summary>What is acted on.</summary>
internal sealed record EntryTarget(string Type, string Id)
{
    public string? Name { get; init; }
}

/// <summary>Why.</summary>
internal sealed record EntryReason
{
    public string? Case { get; init; }

    public string? Code { get; init; }

    public string? LegalBasis { get; init; }

    public string? Text { get; init; }

    public string? Ticket { get; init; }
}

/// <summary>Where the request came from.</summary>
internal sealed record EntryContext
{
    public string? Address { get; init; }

    public string? RequestId { get; init; }

    public string? Service { get; init; }

    public string? TraceId { get; init; }

    public string? UserAgent { get; init; }
}
