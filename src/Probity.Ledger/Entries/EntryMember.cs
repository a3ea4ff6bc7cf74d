using System.Text;

namespace Probity.Ledger.Entries;

/// <summary>The members of an entry in canonical (UTF-16 code unit) order; see <see cref="EntryFormat"/>.</summary>
public enum EntryMember
{
    /// <summary>Before the first member.</summary>
    None,

    /// <summary><c>action</c>: what was done, such as <c>payment.approve</c>.</summary>
    Action,

    /// <summary><c>actor</c>: who did it.</summary>
    Actor,

    /// <summary><c>after</c>: the target's values afterwards.</summary>
    After,

    /// <summary><c>before</c>: the target's values until then.</summary>
    Before,

    /// <summary><c>blobs</c>: references to content stored beside the log.</summary>
    Blobs,

    /// <summary><c>context</c>: where it came from.</summary>
    Context,

    /// <summary><c>data</c>: the caller's own members.</summary>
    Data,

    /// <summary><c>enc</c>: encrypted members.</summary>
    Enc,

    /// <summary><c>external_id</c>: the source's own id of the event.</summary>
    ExternalId,

    /// <summary><c>id</c>: our id.</summary>
    Id,

    /// <summary><c>log</c>: the origin of the log.</summary>
    Log,

    /// <summary><c>occurred_at</c>: when, as the source asserts.</summary>
    OccurredAt,

    /// <summary><c>original</c>: exact source text of an imported event.</summary>
    Original,

    /// <summary><c>outcome</c>: success, failure, denied or unknown.</summary>
    Outcome,

    /// <summary><c>prev</c>: the leaf hash of the entry before; spliced in.</summary>
    Prev,

    /// <summary><c>reason</c>: why.</summary>
    Reason,

    /// <summary><c>recorded_at</c>: when the server recorded it; spliced in.</summary>
    RecordedAt,

    /// <summary><c>seq</c>: the leaf index; spliced in.</summary>
    Seq,

    /// <summary><c>source</c>: the system that sent it.</summary>
    Source,

    /// <summary><c>targets</c>: what it was done to.</summary>
    Targets,

    /// <summary><c>type</c>: the kind of entry.</summary>
    Type,

    /// <summary><c>v</c>: the format version.</summary>
    V,

    /// <summary>After the last member.</summary>
    End,
}

/// <summary>The names of <see cref="EntryMember"/> on the wire.</summary>
internal static class EntryMembers
{
    private static readonly string[] s_names =
    [
        "", "action", "actor", "after", "before", "blobs", "context", "data", "enc", "external_id", "id", "log",
        "occurred_at", "original", "outcome", "prev", "reason", "recorded_at", "seq", "source", "targets", "type", "v",
    ];

    private static readonly byte[][] s_prefixes = [.. s_names.Select(name => Encoding.ASCII.GetBytes($"\"{name}\":"))];

    public static string Name(EntryMember member) => s_names[(int)member];

    /// <summary>The quoted name and its colon.</summary>
    public static ReadOnlySpan<byte> Prefix(EntryMember member) => s_prefixes[(int)member];
}
