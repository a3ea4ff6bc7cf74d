namespace Probity.Server.Storage.Followers;

/// <summary>What holds a follower up.</summary>
/// <param name="Seq">The first entry not applied; the bad one itself once <paramref name="Attempts"/> exceeds 1.</param>
/// <param name="Attempts">Tries at this entry so far.</param>
/// <param name="Since">When the streak began.</param>
/// <param name="Error">The type of the last error; never its text, which may carry content.</param>
internal sealed record FollowerFault(long Seq, int Attempts, DateTimeOffset Since, string Error);
