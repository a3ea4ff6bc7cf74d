namespace Probity.Screening.Model;

/// <summary>What a listed date is the date of.</summary>
public enum DateKind : byte
{
    /// <summary>Birth of a person.</summary>
    Birth,

    /// <summary>Death of a person.</summary>
    Death,

    /// <summary>Foundation or registration of an organisation.</summary>
    Incorporation,

    /// <summary>Building of a vessel or aircraft.</summary>
    Built,
}

/// <summary>A date or a span of dates of a listed entity.</summary>
/// <remarks>
/// One date has <see cref="From"/> equal to <see cref="To"/>. A span ("1955 to 1958", BETWEEN) means one unknown
/// date within it, both ends included. Several dates of one kind are alternatives.
/// </remarks>
/// <param name="Kind">What it is the date of.</param>
/// <param name="From">The date, or the first one possible.</param>
/// <param name="To">The date, or the last one possible; never before <paramref name="From"/>.</param>
/// <param name="IsCirca">The list says "circa" or "approximately".</param>
public readonly record struct ListedDate(DateKind Kind, PartialDate From, PartialDate To, bool IsCirca = false)
{
    /// <summary>Makes one date.</summary>
    public ListedDate(DateKind kind, PartialDate date, bool isCirca = false)
        : this(kind, date, date, isCirca)
    {
    }

    /// <summary>Gets whether it is a span and not one date.</summary>
    public bool IsSpan => From != To;

    /// <summary>Writes <c>1980</c>, <c>circa 1980</c> or <c>1955/1958</c>.</summary>
    public override string ToString() => (IsCirca ? "circa " : "") + (IsSpan ? $"{From}/{To}" : From.ToString());
}
