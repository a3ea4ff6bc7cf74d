using Probity.Server.Hosting.Settings;

namespace Probity.Server.Hosting.Doctor;

/// <summary>Something <c>doctor</c> looks at. It changes nothing that lasts.</summary>
internal interface IDoctorCheck
{
    /// <summary>A short name, such as <c>clock</c>.</summary>
    string Name { get; }

    /// <summary>What was found, at least one line. Throwing means that it cannot be told.</summary>
    Task<IReadOnlyList<Finding>> LookAsync(ProbitySettings settings, CancellationToken cancellationToken);
}

internal enum FindingKind
{
    Ok,

    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>Works, but should be changed.</summary>
    Warning,

    /// <summary>Does not work, or cannot be told: exit 2.</summary>
    Fault,

    /// <summary>The configuration does not fit: exit 78.</summary>
    Misconfigured,
}

/// <summary>One line of <c>doctor</c>; never a secret.</summary>
/// <param name="Kind">How bad.</param>
/// <param name="Check">The check it comes from.</param>
/// <param name="Text">What was found.</param>
/// <param name="Fix">What to do; null when nothing.</param>
internal sealed record Finding(FindingKind Kind, string Check, string Text, string? Fix = null);
