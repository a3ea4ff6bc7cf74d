namespace Probity.Server.Hosting.Cli;

/// <summary>What a command ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done, or sound.</summary>
    public const int Done = 0;

    /// <summary>Tampering was found.</summary>
    public const int Tampered = 1;

    /// <summary>Wrong usage, or it cannot be told.</summary>
    public const int CannotTell = 2;

    /// <summary>The configuration does not fit. Source: sysexits.h EX_CONFIG.</summary>
    public const int Configuration = 78;
}
