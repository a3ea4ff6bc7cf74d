using System.Globalization;
using Probity.Monitoring;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Pages;

/// <summary>How transactions look on pages.</summary>
internal static class TransactionText
{
    /// <summary>An amount with separators of thousands and its currency.</summary>
    public static string Money(string? amount, string? currency) =>
        decimal.TryParse(amount, NumberStyles.Number, CultureInfo.InvariantCulture, out var value)
            ? $"{value.ToString("#,0.00##", CultureInfo.InvariantCulture)} {currency}" : "";

    /// <summary>A side: customer and account, or what it is instead.</summary>
    public static string Party(TransactionParty? party) => party switch
    {
        null => "erased",
        { Account: null, Customer: null } => "cash",
        { Account: null } => party.Customer!,
        { Customer: null } => party.Account!,
        _ => $"{party.Customer} · {party.Account}",
    };

    /// <summary>The customers of a transaction.</summary>
    public static IEnumerable<string> Customers(Transaction? transaction) =>
        new[] { transaction?.Debtor.Customer, transaction?.Creditor.Customer }.OfType<string>();

    /// <summary>A score of millionths as 0.70.</summary>
    public static string Score(int? millionths) =>
        millionths is { } score ? (score / 1_000_000m).ToString("0.00##", CultureInfo.InvariantCulture) : "";

    /// <summary>The class of an outcome's badge.</summary>
    public static string Tone(string? outcome) => outcome switch
    {
        "approve" => "good",
        "block" => "bad",
        _ => "warn",
    };

    /// <summary>An instant as the wire writes it; null stays null.</summary>
    public static string? Wire(DateTimeOffset? instant) => instant is { } at ? InputText.Wire(at) : null;
}
