using Probity.Server.Access;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.AuditTrail.Cli;

/// <summary>What verbs have in common that ask a desk for a change: through a server when one is named or holds the
/// data folder, else by the desk in the folder itself.</summary>
/// <param name="context">What the verb works with.</param>
/// <param name="named">The server that is named; null for none.</param>
/// <param name="more">Adds the services of the desk in a data folder.</param>
internal sealed class DeskVerb(VerbContext context, ServerAddress? named, Action<IServiceCollection> more)
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(10);

    /// <summary>Reads the file that a verb is given.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="mostBytes">The longest that is taken.</param>
    /// <param name="shorten">What to do about a longer one.</param>
    /// <param name="correct">What to do about one that cannot be read.</param>
    /// <exception cref="ExpectedFaultException">It is too long, or cannot be read.</exception>
    public static byte[] Read(string path, int mostBytes, string shorten, string correct)
    {
        try
        {
            return new FileInfo(path).Length <= mostBytes
                ? File.ReadAllBytes(path)
                : throw new ExpectedFaultException($"{path} has more than {mostBytes} bytes.", shorten);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException($"{path} cannot be read: {fault.Message}", correct, cause: fault);
        }
    }

    /// <summary>Asks for it.</summary>
    /// <param name="path">What to post to on a server, below <c>api/v1/</c>.</param>
    /// <param name="body">What to post; null for nothing.</param>
    /// <param name="keep">What the desk does in the folder; what it records is the server's own doing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ExpectedFaultException">It is refused; every fault is told, and what to do.</exception>
    public async Task<TAnswer> AskAsync<TAnswer>(
        string path, HttpContent? body, Func<IServiceProvider, AccessEntry, Task<TAnswer>> keep,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        if ((named ?? (context.TryGetServer(out var server) ? server : null)) is { } remote)
        {
            return await ServerCall.PostAsync<TAnswer>(remote, path, body, s_timeout, cancellationToken);
        }

        await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken, more);
        try
        {
            return await keep(
                ledger.Services,
                new AccessEntry(Caller.Server.ToActor(), null, ledger.Services.GetRequiredService<TimeProvider>()));
        }
        catch (ProblemException refused)
        {
            throw ServerCall.Refused(refused);
        }
    }
}
