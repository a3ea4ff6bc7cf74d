using System.Collections.Concurrent;

namespace Probity.Server.Access.Sessions;

/// <summary>
/// Ends what goes on longer than a request when its credential ends: streams and circuits watch the id of their session or
/// key, and whoever revokes one says so here. <see cref="SessionWatch"/> asks the store too, so a revocation on
/// another node, an expiry and an idle end are felt within seconds. Thread safe.
/// </summary>
internal sealed class SessionRevocations
{
    private readonly ConcurrentDictionary<Watched, byte> _watched = new();

    /// <summary>Everything that is being watched now.</summary>
    public IReadOnlyCollection<Watched> Open => [.. _watched.Keys];

    /// <summary>Watches the caller's credential until disposed.</summary>
    public Watched Watch(Caller caller)
    {
        var watched = new Watched(this, caller);
        _watched.TryAdd(watched, 0);
        return watched;
    }

    /// <summary>Ends everything that goes on under a session (<c>ses_…</c>), key (<c>key_…</c>) or user (<c>usr_…</c>).</summary>
    public void End(string id)
    {
        foreach (var watched in _watched.Keys.Where(w => w.Caller.SessionId == id || w.Caller.Id == id || w.Caller.PersonId == id))
        {
            watched.End();
        }
    }

    /// <summary>Ends everything that goes on for a person.</summary>
    public void EndPeople()
    {
        foreach (var watched in _watched.Keys.Where(w => w.Caller.Kind == CallerKind.Person))
        {
            watched.End();
        }
    }

    /// <summary>One stream or circuit.</summary>
    internal sealed class Watched(SessionRevocations owner, Caller caller) : IDisposable
    {
        private readonly CancellationTokenSource _source = new();

        public Caller Caller { get; } = caller;

        /// <summary>Cancelled when the credential ends.</summary>
        public CancellationToken Ended => _source.Token;

        public void End()
        {
            try
            {
                _source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It went away in this instant, which is what was wanted.
            }
        }

        public void Dispose()
        {
            owner._watched.TryRemove(this, out _);
            _source.Dispose();
        }
    }
}
