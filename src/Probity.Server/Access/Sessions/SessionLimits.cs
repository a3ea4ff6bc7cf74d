namespace Probity.Server.Access.Sessions;

/// <summary>How long things last. Source: NIST SP 800-63B-4 section 2.2.3 (AAL2: 12 hours and 30 minutes at most).</summary>
internal static class SessionLimits
{
    /// <summary>Without a request for so long a session is over.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);

    /// <summary>A session is over then whatever happens.</summary>
    public static readonly TimeSpan Absolute = TimeSpan.FromHours(12);

    /// <summary>How long a good session is believed without asking the store again.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    /// <summary>How long a second proof lasts for what asks for one.</summary>
    public static readonly TimeSpan Strong = TimeSpan.FromMinutes(10);

    /// <summary>The last use is written at most so often.</summary>
    public static readonly TimeSpan SeenStep = TimeSpan.FromMinutes(1);
}
