namespace Probity.Monitoring;

/// <summary>What is wrong with an input, where, and what to do.</summary>
/// <param name="Place">JSON Pointer (RFC 6901) to the value; empty for the whole.</param>
/// <param name="Code">Stable, of the form <c>monitoring.reason</c>.</param>
/// <param name="Message">What is wrong and what to do; never the value itself.</param>
public sealed record InputFault(string Place, string Code, string Message);

/// <summary>Refuses transactions that cannot be judged exactly. Pure and thread safe.</summary>
public static class TransactionCheck
{
    private const int LongestName = 128;
    private const int LongestPurpose = 35; // ISO 20022 Max35Text, the longer of code and proprietary purpose.

    private static readonly DateTimeOffset s_earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Returns every fault; empty when the transaction is sound.</summary>
    public static IReadOnlyList<InputFault> FaultsOf(Transaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        List<InputFault>? faults = null;
        Name(ref faults, "/source", transaction.Key.Source, 64);
        Name(ref faults, "/id", transaction.Key.Id, LongestName);
        Name(ref faults, "/type", transaction.Type, 64);
        Amount(ref faults, transaction);
        if (transaction.OccurredAt < s_earliest || transaction.OccurredAt >= s_latest)
        {
            (faults ??= []).Add(new InputFault(
                "/occurred_at", "monitoring.bad_instant", "Send an instant from 1970 up to 2200, with its offset."));
        }

        Party(ref faults, "/debtor", transaction.Debtor);
        Party(ref faults, "/creditor", transaction.Creditor);
        if (transaction.Purpose is not null)
        {
            Name(ref faults, "/purpose", transaction.Purpose, LongestPurpose);
        }

        if (transaction.Location is { IsSound: false })
        {
            (faults ??= []).Add(new InputFault(
                "/location", "monitoring.bad_location",
                "Send degrees with at most six places: latitude -90 to 90, longitude -180 to 180."));
        }

        if (transaction is { Debtor.Account: null, Creditor.Account: null })
        {
            (faults ??= []).Add(new InputFault(
                "/debtor/account",
                "monitoring.no_account",
                "Name at least one account, of the debtor or the creditor."));
        }

        return faults ?? (IReadOnlyList<InputFault>)[];
    }

    private static void Amount(ref List<InputFault>? faults, Transaction transaction)
    {
        if (transaction.Amount.Currency == default)
        {
            (faults ??= []).Add(new InputFault(
                "/currency", "monitoring.bad_currency", "Send a current ISO 4217 code."));
            return;
        }

        if (transaction.Amount.Amount is <= 0 or >= Transaction.AmountLimit)
        {
            (faults ??= []).Add(new InputFault(
                "/amount", "monitoring.bad_amount", "Send an amount above 0 and below 1000000000000 as a string."));
        }
        else if (!transaction.Amount.FitsMinorUnits)
        {
            (faults ??= []).Add(new InputFault(
                "/amount",
                "monitoring.bad_minor_units",
                "The amount has more decimal places than its currency; round it where it was made."));
        }
    }

    private static void Party(ref List<InputFault>? faults, string place, TransactionParty party)
    {
        if (party.Account is not null && !IsName(party.Account, LongestName))
        {
            BadName(ref faults, place + "/account", LongestName);
        }

        if (party.Customer is not null && !IsName(party.Customer, LongestName))
        {
            BadName(ref faults, place + "/customer", LongestName);
        }

        if (party.Country is { } country && !IsCountry(country))
        {
            (faults ??= []).Add(new InputFault(
                place + "/country", "monitoring.bad_country", "Send two capital letters of ISO 3166-1, or nothing."));
        }
    }

    private static bool IsCountry(string country) =>
        country.Length == 2 && char.IsAsciiLetterUpper(country[0]) && char.IsAsciiLetterUpper(country[1]);

    private static void Name(ref List<InputFault>? faults, string place, string? value, int longest)
    {
        if (!IsName(value, longest))
        {
            BadName(ref faults, place, longest);
        }
    }

    private static bool IsName(string? value, int longest) =>
        !string.IsNullOrWhiteSpace(value) && value.Length <= longest && !value.Contains('\0', StringComparison.Ordinal);

    private static void BadName(ref List<InputFault>? faults, string place, int longest) =>
        (faults ??= []).Add(new InputFault(
            place, "monitoring.bad_name", $"Send 1 to {longest} characters, not NUL."));
}
