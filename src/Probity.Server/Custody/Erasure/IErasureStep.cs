namespace Probity.Server.Custody.Erasure;

/// <summary>What a module to the right removes of a person once the keys are destroyed; the composition root passes it
/// in.</summary>
internal interface IErasureStep
{
    /// <summary>Removes what the module keeps beside entries. May run again after it was done: then it does
    /// nothing.</summary>
    /// <param name="subjectType">As the request names it: <c>customer</c>, <c>user</c>…</param>
    /// <param name="subjectId">The id of the person.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task EraseAsync(string subjectType, string subjectId, CancellationToken cancellationToken);
}
