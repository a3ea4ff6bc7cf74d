using Probity.Contracts.Finance;
using Probity.Monitoring;
using Probity.Server.Monitoring.Input;

namespace Probity.Server.Monitoring.Messages;

/// <summary>Parties, amounts, times and texts as the messages have them in common.</summary>
internal static class MessageParties
{
    private const int MaxNarrative = 1_024;
    private const string TazamaScheme = "TAZAMA_EID";

    /// <summary>Reads one side of a movement.</summary>
    /// <param name="at">Where <c>Dbtr</c>, <c>DbtrAcct</c> and <c>DbtrAgt</c> stand.</param>
    /// <param name="side"><c>Dbtr</c> or <c>Cdtr</c>.</param>
    /// <param name="agents">Where the agents stand, if elsewhere.</param>
    public static TransactionParty Side(MessageNode? at, string side, MessageNode? agents = null)
    {
        var account = at?.At(side + "Acct");
        // From version 8 of camt a party may be in Pty or be an agent.
        var party = at?.At(side + "/Pty") ?? at?.At(side);
        var number = Account(account);
        return new TransactionParty(
            number, Customer(party), Country(party, account, (agents ?? at)?.At(side + "Agt")));
    }

    /// <summary>An account's number: the IBAN without blanks, else what the bank calls it; null for none.</summary>
    public static string? Account(MessageNode? account) =>
        account?.TextAt("Id/IBAN") is { } iban ? iban.Replace(" ", "", StringComparison.Ordinal)
            : account?.TextAt("Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id", "Prxy/Id");

    /// <summary>ISO 3166-1 of a party: its residence, its address, its IBAN, else its bank; null for none.</summary>
    public static string? Country(MessageNode? party, MessageNode? account, MessageNode? agent) =>
        Code(party?.TextAt("CtryOfRes", "PstlAdr/Ctry"))
        ?? Code(account?.TextAt("Id/IBAN") is { Length: > 4 } iban ? iban[..2] : null)
        ?? Code(agent?.TextAt("FinInstnId/PstlAdr/Ctry"))
        ?? Code(agent?.TextAt("FinInstnId/BICFI", "FinInstnId/BIC") is { Length: 8 or 11 } bic ? bic[4..6] : null);

    /// <summary>Reads an amount with its currency.</summary>
    /// <exception cref="InputRefusedException">It is none.</exception>
    public static Money Amount(MessageNode amount)
    {
        var currency = amount.Currency ?? throw new InputRefusedException(
            amount.Path + "/@Ccy", "monitoring.bad_currency", "An amount says its currency in Ccy.");
        return InputText.Amount(amount.Text, currency, amount.Path, amount.Path + "/@Ccy");
    }

    /// <summary>Reads an instant or a day.</summary>
    public static DateTimeOffset Instant(MessageNode at) => InputText.Instant(at.Text, at.Path);

    /// <summary>The unstructured text of a movement, in one line; null for none.</summary>
    public static string? Narrative(MessageNode? remittance)
    {
        var text = remittance is null ? "" : string.Join(' ', remittance.Many("Ustrd").Select(item => item.Text));
        return text.Length == 0 ? null : text[..Math.Min(text.Length, MaxNarrative)].Replace('\0', ' ');
    }

    /// <summary>The purpose of a payment, as a code or in words of the parties; null when none is given.</summary>
    public static string? Purpose(MessageNode transfer) => transfer.TextAt("Purp/Cd", "Purp/Prtry");

    /// <summary>
    /// Where the initiating party stood, as the abridged messages of Tazama say it in their supplementary data; null
    /// when it is not said.
    /// </summary>
    public static GeoPoint? Location(MessageNode root) => root.At("SplmtryData/Envlp/Doc/InitgPty/Glctn") is { } at
        ? InputText.Location(at.TextAt("Lat") ?? "", at.TextAt("Long") ?? "", at.Path)
        : null;

    /// <summary>A reference; null when there is none, or when it says that none was given.</summary>
    public static string? Reference(MessageNode at, params ReadOnlySpan<string> paths) =>
        at.TextAt(paths) is { } text && !text.Equals("NOTPROVIDED", StringComparison.OrdinalIgnoreCase) ? text : null;

    /// <summary>Makes a transaction, or says at which element it cannot be judged.</summary>
    public static Transaction Checked(MessageNode at, Transaction transaction)
    {
        var faults = TransactionCheck.FaultsOf(transaction);
        return faults.Count == 0
            ? transaction
            : throw new InputRefusedException(
                [.. faults.Select(fault => fault with { Place = at.Path + fault.Place })]);
    }

    /// <summary>Refuses a message whose group says something else than its transactions.</summary>
    /// <param name="group">The header with <c>NbOfTxs</c> and <c>CtrlSum</c>.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="sum">The amounts as written, added up whatever their currencies, as the standard has it.</param>
    public static void Consistent(MessageNode group, int count, decimal sum)
    {
        if (group.At("NbOfTxs") is { } told && InputText.Number(told.Text, told.Path) != count)
        {
            throw new InputRefusedException(
                told.Path, "monitoring.message_count",
                FormattableString.Invariant(
                    $"There are {count} transactions under it; ask the sender which is right."));
        }

        if (group.At("CtrlSum") is { } control && InputText.Number(control.Text, control.Path) != sum)
        {
            throw new InputRefusedException(
                control.Path, "monitoring.message_sum",
                "The amounts under it add up to something else; ask the sender which is right.");
        }
    }

    // Tazama names the entity itself; elsewhere the owner is known by the account.
    private static string? Customer(MessageNode? party) =>
        party?.At("Id/PrvtId") is { } person
            ? person.Many("Othr").FirstOrDefault(item => item.TextAt("SchmeNm/Prtry") == TazamaScheme)?.TextAt("Id")
            : null;

    private static string? Code(string? text) =>
        text is { Length: 2 } && char.IsAsciiLetterUpper(text[0]) && char.IsAsciiLetterUpper(text[1])
            && text is not "ZZ" and not "XX"
            ? text : null;
}
