namespace Probity.Server.Cases;

/// <summary>
/// Where the module that raised an alert shows what it is about; modules to the right implement it. Thread safe.
/// </summary>
internal interface IAlertPlace
{
    /// <summary>The source of the alerts it speaks of.</summary>
    string Source { get; }

    /// <summary>The address of the page; null when there is none for this alert.</summary>
    string? HrefOf(AlertView alert);
}
