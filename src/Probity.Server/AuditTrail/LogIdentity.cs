using Probity.Ledger.Notes;

namespace Probity.Server.AuditTrail;

/// <summary>Which log this is: its name and the key it signs with. Fixed for the life of the log.</summary>
internal sealed record LogIdentity(string Origin, VerifierKey Key);
