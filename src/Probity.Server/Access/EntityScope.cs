using System.Collections.Frozen;

namespace Probity.Server.Access;

/// <summary>The legal entities that a permission reaches: all, or those with the codes named. Codes are opaque, ordinal.</summary>
internal sealed class EntityScope
{
    public const int MaxCodes = 50;
    public const int MaxCodeLength = 64;
    private const string Everything = "*";

    private EntityScope(bool isAll, IEnumerable<string> codes) =>
        (IsAll, Codes) = (isAll, codes.ToFrozenSet(StringComparer.Ordinal));

    public static EntityScope All { get; } = new(true, []);

    public static EntityScope None { get; } = new(false, []);

    public bool IsAll { get; }

    /// <summary>The codes; empty when <see cref="IsAll"/>, and then every code is covered.</summary>
    public IReadOnlySet<string> Codes { get; }

    public static EntityScope Of(IEnumerable<string> codes) => new(false, codes);

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static EntityScope Parse(string text) =>
        text == Everything ? All : Of(text.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Whether a code can be written: 1 to 64 letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.</summary>
    public static bool IsCode(string code) => code.Length is > 0 and <= MaxCodeLength
        && code.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public bool Covers(string code) => IsAll || Codes.Contains(code);

    public EntityScope Union(EntityScope other) => IsAll || other.IsAll ? All : Of(Codes.Concat(other.Codes));

    /// <summary><c>*</c> for all, else the codes, sorted, with spaces between.</summary>
    public override string ToString() => IsAll ? Everything : string.Join(' ', Codes.Order(StringComparer.Ordinal));
}
