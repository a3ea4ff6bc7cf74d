using Probity.Contracts.Problems;

namespace Probity.Server.Hosting.Problems;

/// <summary>
/// How a module's own exception is answered: null when it is not the module's. Registered as a singleton, any number;
/// asked in the order registered.
/// </summary>
internal sealed record ProblemMap(Func<Exception, MappedProblem?> Map);

/// <summary>A problem and, where it helps, when to try again.</summary>
internal sealed record MappedProblem(Problem Problem, TimeSpan? RetryAfter = null);
