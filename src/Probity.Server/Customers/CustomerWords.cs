using Probity.Server.AuditTrail;
using Probity.Server.AuditTrail.Query;

namespace Probity.Server.Customers;

/// <summary>
/// What a customer is found by: every word of the names, identifiers and account numbers whole, each as a keyed hash
/// (<see cref="TextTokens"/>). Names are found as they are written; how else they might be written is screening's
/// trade. Thread safe.
/// </summary>
internal sealed class CustomerWords(LedgerRuntime runtime)
{
    private readonly Lazy<TextTokens> _tokens = new(() => new TextTokens(runtime.Keys.Installation.BlindIndex));

    /// <summary>The distinct hashes of a customer.</summary>
    public IReadOnlySet<long> Of(CustomerDocument document) =>
        Texts(document).SelectMany(Of).ToHashSet();

    /// <summary>The distinct hashes of a search.</summary>
    public IReadOnlySet<long> Of(string text) =>
        TextTokens.Words(text).Select(word => _tokens.Value.Hash("customer " + word)).ToHashSet();

    // Numbers are written with and without blanks; both spellings find them.
    private static IEnumerable<string> Texts(CustomerDocument document) =>
        document.Names.Select(name => name.Text)
            .Concat(document.Identifiers.SelectMany(item => Spellings(item.Value)))
            .Concat(document.Accounts.SelectMany(item => Spellings(item.Number)))
            .Append(document.ExternalId);

    private static IEnumerable<string> Spellings(string number) =>
        [number, string.Concat(number.Where(char.IsLetterOrDigit))];
}
