namespace Probity.Server.AuditTrail.Events.Classes;

/// <summary>
/// Which members may be classified, and how. What the log, holds, retention and the keys of persons need stays as it
/// is: ids, types, action, outcome, times, source, external_id and the case of a reason. Pure.
/// </summary>
internal static class ClassableMembers
{
    /// <summary>Most rules at a time.</summary>
    public const int MostRules = 64;

    private const int MostSegments = 8;
    private const int MostBytes = 512;

    /// <summary>Texts that may be kept in any of the four ways.</summary>
    private static readonly HashSet<string> s_texts = new(StringComparer.Ordinal)
    {
        "/actor/name", "/actor/email", "/actor/role", "/actor/session", "/actor/on_behalf_of/name", "/targets/*/name",
        "/targets/*/email", "/reason/code", "/reason/legal_basis", "/reason/text", "/reason/ticket", "/context/address",
        "/context/request_id", "/context/service", "/context/trace_id", "/context/user_agent",
    };

    /// <summary>Objects of the caller's own shape: encrypted or plain as a whole, hashed or masked below.</summary>
    private static readonly HashSet<string> s_free = new(StringComparer.Ordinal) { "/data", "/before", "/after" };

    private const string Original = "/original";

    /// <summary>Why a member may not be kept so; null when it may.</summary>
    public static string? Fault(string? pointer, MemberClass? wanted)
    {
        if (pointer is not { Length: > 1 and <= MostBytes } || pointer[0] != '/' || pointer.Any(char.IsControl))
        {
            return $"Give a JSON Pointer into the event, such as /data/iban, of at most {MostBytes} characters.";
        }

        if (wanted is null || s_texts.Contains(pointer))
        {
            return IsKnown(pointer) ? null : Unknown(pointer);
        }

        if (s_free.Contains(pointer) || pointer == Original)
        {
            return wanted is MemberClass.Plain or MemberClass.Encrypted ? null
                : $"{pointer} as a whole is encrypted or plain; hash or mask members below it.";
        }

        if (!IsBelow(pointer))
        {
            return Unknown(pointer);
        }

        return wanted is MemberClass.Hashed or MemberClass.Masked ? CheckBelow(pointer)
            : "Members below data, before and after are hashed or masked; encrypted or plain goes for the whole.";
    }

    /// <summary>Whether a pointer leads below <c>data</c>, <c>before</c> or <c>after</c>.</summary>
    public static bool IsBelow(string pointer) =>
        s_free.Any(free => pointer.StartsWith(free + "/", StringComparison.Ordinal));

    /// <summary>The members themselves, for those who choose one.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. s_free.Append(Original).Concat(s_texts).Order(StringComparer.Ordinal)];

    private static bool IsKnown(string pointer) =>
        s_texts.Contains(pointer) || s_free.Contains(pointer) || pointer == Original || IsBelow(pointer);

    private static string? CheckBelow(string pointer)
    {
        var segments = pointer[1..].Split('/');
        return segments.Length > MostSegments ? $"A pointer has at most {MostSegments} segments."
            : segments.Any(segment => segment.Length == 0) ? "A segment of a pointer is not empty."
            : segments.Any(HasStrangeTilde) ? "In a pointer ~ is written ~0 and / is written ~1 (RFC 6901)."
            : null;
    }

    private static bool HasStrangeTilde(string segment)
    {
        for (var at = segment.IndexOf('~', StringComparison.Ordinal); at >= 0;
            at = segment.IndexOf('~', at + 1))
        {
            if (at + 1 == segment.Length || segment[at + 1] is not ('0' or '1'))
            {
                return true;
            }
        }

        return false;
    }

    private static string Unknown(string pointer) =>
        $"{pointer} cannot be classified. Choose {string.Join(", ", Names)}, or a member below data, before or after.";
}
