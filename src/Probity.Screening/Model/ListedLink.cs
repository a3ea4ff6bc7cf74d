namespace Probity.Screening.Model;

/// <summary>How one entity belongs to another.</summary>
public enum LinkKind : byte
{
    /// <summary>"Linked To" and every other tie without a nearer name.</summary>
    LinkedTo,

    /// <summary>The entity is owned by the other (50 % rule, OFAC FAQ 398–401).</summary>
    OwnedBy,

    /// <summary>The entity is controlled by the other or acts for it.</summary>
    ControlledBy,

    /// <summary>The entity owns or controls the other.</summary>
    OwnerOf,

    /// <summary>The two are relatives.</summary>
    Family,
}

/// <summary>A tie from a listed entity to another entity.</summary>
public sealed record ListedLink
{
    /// <summary>Gets how they belong together, read from the entity that carries the link.</summary>
    public LinkKind Kind { get; init; }

    /// <summary>Gets the uid of the other entity on the same list, or null when only its name is given.</summary>
    public string? TargetUid { get; init; }

    /// <summary>Gets the other's name as the list prints it, or null when only the uid is given.</summary>
    public string? TargetName { get; init; }

    /// <summary>Gets the share owned in per cent, above 0 and at most 100, or null when not stated.</summary>
    public decimal? Percent { get; init; }

    /// <summary>Gets the list's own word for the tie, or null.</summary>
    public string? Label { get; init; }
}
