namespace Probity.Ledger.Entries;

/// <summary>
/// The stored log contradicts itself. Nothing may be signed until a person has looked: an integrity failure is never
/// repaired silently. The message names what disagrees and where.
/// </summary>
public sealed class LedgerIntegrityException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What disagrees, at which size or entry.</param>
    public LedgerIntegrityException(string message) : base(message)
    {
    }
}
