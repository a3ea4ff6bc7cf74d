using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.AuditTrail.Start;
using Probity.Server.AuditTrail.Stores;
using Probity.Server.Hosting.Settings;
using Probity.Server.Keys;
using Probity.Server.Storage;

namespace Probity.Server.AuditTrail;

/// <summary>
/// What can only be known once the store is open: the keys and the log's name. Opened once, before anything that needs
/// it is made; whoever asks earlier is told so.
/// </summary>
internal sealed class LedgerRuntime(
    IDatabase database, ILedgerStore store, ProbitySettings settings, TimeProvider time) : IDisposable
{
    private KeyRing? _keys;
    private NoteSigner? _signer;
    private LogIdentity? _log;

    /// <summary>How members of events are kept.</summary>
    public ClassesInForce Classes => field ??= new ClassesInForce(database, () => Keys.Installation.BlindIndex);

    public KeyRing Keys => _keys ?? throw NotOpen();

    public NoteSigner Signer => _signer ?? throw NotOpen();

    public LogIdentity Log => _log ?? throw NotOpen();

    /// <summary>The cipher for new entries; null when encryption is switched off.</summary>
    public IFieldCipher? SealingCipher => settings.EncryptionEnabled ? Keys : null;

    /// <summary>Opens keys and log; makes both on a new store.</summary>
    /// <returns>The stored head, checked against the key this server signs with.</returns>
    /// <exception cref="LedgerIntegrityException">The stored head does not hold.</exception>
    public async Task<LogHead> OpenAsync(CancellationToken cancellationToken)
    {
        _keys = await OpenKeysAsync(cancellationToken);
        var isPublic = settings.PublicUrl is { IsLoopback: false };
        var head = await LedgerStart.OpenAsync(store, isPublic ? settings.PublicUrl : null, cancellationToken);
        _signer = NoteSigner.FromSeed(head.Origin, _keys.Installation.LogSigning);
        _log = LogIdentity.Of(
            _signer, await store.ReadContinuationsAsync(cancellationToken), _keys.Installation.LogSigning);
        LedgerStart.CheckHead(head, _signer.Key);
        Classes.Refresh();
        if (settings.EncryptionEnabled)
        {
            await _keys.WarmAsync(cancellationToken);
        }

        return head;
    }

    /// <summary>
    /// Signs under another origin from here on: the first commit under it writes the entry that says so. Called before
    /// anything that writes is made.
    /// </summary>
    public void ContinueUnder(string origin)
    {
        var former = new FormerOrigin(Signer.Key, long.MaxValue);
        var next = NoteSigner.FromSeed(origin, Keys.Installation.LogSigning);
        _log = new LogIdentity(origin, next.Key) { Formers = [.. Log.Formers, former] };
        _signer?.Dispose();
        _signer = next;
    }

    /// <summary>Opens the keys; a change of the root key that was interrupted after its commit is finished.</summary>
    private async Task<KeyRing> OpenKeysAsync(CancellationToken cancellationToken)
    {
        var root = RootKeys.Find(settings) ?? throw new InvalidOperationException("The root key is read before this.");
        try
        {
            return await KeyRing.OpenAsync(database, root, time, cancellationToken);
        }
        catch (StorageException fault) when (
            fault.Code == "keys.root_rotated_away" && settings.KeyProvider is null && NextRoot() is { } next)
        {
            var ring = await KeyRing.OpenAsync(database, next, time, cancellationToken);
            RootKeyFiles.Exchange(settings, root);
            return ring;
        }
    }

    private FileRootKey? NextRoot() =>
        RootKeyFiles.ReadNext(settings) is { } waiting ? new FileRootKey(waiting.Bytes) : null;

    public void Dispose()
    {
        _signer?.Dispose();
        _keys?.Dispose();
    }

    private static InvalidOperationException NotOpen() => new("The ledger is opened before it is used.");
}
