using Probity.Ledger.Entries;
using Probity.Ledger.Notes;
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
        var root = RootKeys.Find(settings) ?? throw new InvalidOperationException("The root key is read before this.");
        _keys = await KeyRing.OpenAsync(database, root, time, cancellationToken);
        var isPublic = settings.PublicUrl is { IsLoopback: false };
        var head = await LedgerStart.OpenAsync(store, isPublic ? settings.PublicUrl : null, cancellationToken);
        _signer = NoteSigner.FromSeed(head.Origin, _keys.Installation.LogSigning);
        _log = new LogIdentity(head.Origin, _signer.Key);
        LedgerStart.CheckHead(head, _signer.Key);
        if (settings.EncryptionEnabled)
        {
            await _keys.WarmAsync(cancellationToken);
        }

        return head;
    }

    public void Dispose()
    {
        _signer?.Dispose();
        _keys?.Dispose();
    }

    private static InvalidOperationException NotOpen() => new("The ledger is opened before it is used.");
}
