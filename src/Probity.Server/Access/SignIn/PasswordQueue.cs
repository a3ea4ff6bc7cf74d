using Microsoft.AspNetCore.Identity;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Access.SignIn;

/// <summary>
/// Computes password hashes, each of which takes a core and 64 MiB for a tenth of a second: a few at a time, some more
/// waiting, and beyond that a refusal to come back later, so that a flood at sign-in takes nothing from the rest.
/// </summary>
internal sealed class PasswordQueue(PasswordHashing hashing) : IDisposable
{
    private const int AtATime = 2;
    private const int MaxWaiting = 64;
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turns = new(AtATime);
    private int _waiting;

    /// <summary>Compares a password with a hash; null stands for a login nobody has, and takes as long.</summary>
    public async Task<PasswordVerificationResult> VerifyAsync(string? hash, string password, CancellationToken cancellationToken)
    {
        var result = await RunAsync(() => hashing.Verify(hash ?? hashing.Dummy, password), cancellationToken);
        return hash is null ? PasswordVerificationResult.Failed : result;
    }

    public void Dispose() => _turns.Dispose();

    /// <summary>Runs work that computes a hash in its turn.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ProblemException(ErrorCodes.ServerTimeout, "Too many sign in at once.") { RetryAfter = s_retryAfter };
        }

        try
        {
            await _turns.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(work, CancellationToken.None);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
