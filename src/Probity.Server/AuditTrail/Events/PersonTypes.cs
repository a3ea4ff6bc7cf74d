using Probity.Ledger.Json;
using Probity.Server.Keys;

namespace Probity.Server.AuditTrail.Events;

/// <summary>
/// Which types of targets are people, whose members are then kept under a key of their own. Types of rows that stand
/// for
/// the same person are one type here, so that one erasure reaches both.
/// </summary>
internal static class PersonTypes
{
    private static readonly (byte[] Type, byte[] Known)[] s_types =
    [
        Of("user"), Of("user_account", "user"), Of("person"), Of("customer"), Of("employee"), Of("applicant"),
        Of("account_holder"), Of("beneficial_owner"), Of("contact"), Of("patient"),
    ];

    /// <summary>The types, as the list of classes shows them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. s_types.Select(type => System.Text.Encoding.ASCII.GetString(type.Type))];

    /// <summary>The type a person is known by, or empty when the type is not one of people.</summary>
    public static ReadOnlySpan<byte> Known(JsonItem type)
    {
        var isPlain = type.TryGetUnescaped(out var plain);
        foreach (var (name, known) in s_types)
        {
            if (isPlain ? plain.SequenceEqual(name) : type.ValueEquals(name))
            {
                return known;
            }
        }

        return [];
    }

    /// <summary>The type a person is known by; any other type stays as it is.</summary>
    public static string Known(string type) => type == "user_account" ? SubjectNames.DefaultType : type;

    private static (byte[] Type, byte[] Known) Of(string type, string? known = null) =>
        (System.Text.Encoding.ASCII.GetBytes(type), System.Text.Encoding.ASCII.GetBytes(known ?? type));
}
