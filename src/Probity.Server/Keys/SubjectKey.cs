using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Keys;

/// <summary>
/// The key of one person in this process. What is stored is a root of which each process derives data keys of its own
/// under a random salt that the key id carries: so no nonce is counted across processes, and a data key that has
/// reached its bound is followed by the next without a row. Destroying the stored root destroys them all. Thread safe.
/// </summary>
internal sealed class SubjectKey : IDisposable
{
    /// <summary>
    /// Two processes that draw the same salt for one person share a data key, and count its uses apart. That is one
    /// chance in 2^48 for each pair of them, and the random nonces bear it: so few bytes are enough.
    /// </summary>
    private const int SaltBytes = 6;

    /// <summary>A row whose id is taken would not be written, so two of one person must never meet.</summary>
    private const int RootIdBytes = 9;

    private const int KeyBytes = 32;
    private const string Prefix = "sub_";
    private const char Separator = '.';

    private readonly byte[] _root;
    private readonly DataKeyRow _row;
    private readonly KeyEncryptionKeys _keks;
    private readonly SegmentKeyLimits _limits;
    private readonly Lock _deriving = new();
    private SegmentKey _present;
    private volatile bool _stored;

    /// <param name="row">Its row, written already or not.</param>
    /// <param name="root">The unwrapped root, owned: zeroed on dispose.</param>
    /// <param name="keks">What a row is wrapped under when it is written.</param>
    /// <param name="limits">The bounds of the data keys derived from it.</param>
    /// <param name="isStored">Whether the row is durable.</param>
    public SubjectKey(DataKeyRow row, byte[] root, KeyEncryptionKeys keks, SegmentKeyLimits limits, bool isStored)
    {
        (_row, _root, _keks, _limits, _stored) = (row, root, keks, limits, isStored);
        Digest = row.Subject ?? throw new ArgumentException("A subject key names its subject.", nameof(row));
        _present = Derive();
    }

    // One that falls out of the cache may still be in use, so the collector ends it.
    ~SubjectKey() => CryptographicOperations.ZeroMemory(_root);

    /// <summary>The id of its row.</summary>
    public string Id => _row.Id;

    /// <summary>The person, as entries name them.</summary>
    public string Digest { get; }

    /// <summary>Whether the row is durable. While it is not, whoever seals commits the row too.</summary>
    public bool IsStored => _stored;

    /// <summary>Uses of the present data key, for the list of keys.</summary>
    public long PresentUses => Volatile.Read(ref _present).Uses;

    /// <summary>
    /// The row to write with the first thing sealed under it, wrapped under the key-encryption key that is active now:
    /// asked for inside the transaction, so that a rotation between sealing and commit leaves nothing behind.
    /// </summary>
    public DataKeyRow ToRow()
    {
        var wrapped = _keks.Wrap(_root, _row.Id, _row.Kind, out var wrappedBy);
        return _row with { Wrapped = wrapped, WrappedBy = wrappedBy };
    }

    /// <summary>Follows another node's rotation: the store says which key-encryption key is active.</summary>
    public void Follow(string activeKekId)
    {
        if (_keks.ActiveId != activeKekId)
        {
            _keks.Refresh();
        }
    }

    /// <summary>Says that a commit that wrote the row has succeeded.</summary>
    public void MarkStored() => _stored = true;

    /// <summary>A data key for one sealing; the next one is derived when the present one has reached its
    /// bound.</summary>
    public ISealingKey Rent()
    {
        while (true)
        {
            var present = Volatile.Read(ref _present);
            if (present.TryRent(DateTimeOffset.MinValue) is { } key) // It has no age, so no clock is read.
            {
                return key;
            }

            lock (_deriving)
            {
                if (ReferenceEquals(present, _present))
                {
                    Volatile.Write(ref _present, Derive());
                }
            }
        }
    }

    /// <summary>
    /// The id of a new stored root: <c>sub_</c>, the digest without its prefix, a full stop, and 72 random bits.
    /// </summary>
    /// <param name="digest">The person, see <see cref="SubjectNames.Digest"/>.</param>
    public static string NewRootId(string digest)
    {
        Span<byte> own = stackalloc byte[RootIdBytes];
        RandomNumberGenerator.Fill(own);
        return Prefix + digest[SubjectNames.Prefix.Length..] + Separator + Base64Url.EncodeToString(own);
    }

    /// <summary>The id of the stored root in the id of a data key; null when the id is not of this form.</summary>
    public static string? RootOf(string keyId)
    {
        var at = keyId.LastIndexOf(Separator);
        return at < 0 ? null : keyId[..at];
    }

    /// <summary>The data key of an id, to open with.</summary>
    public static SegmentKey DeriveToOpen(ReadOnlySpan<byte> root, string keyId, DataKeyRow row) =>
        Derive(root, keyId, row, limits: null);

    public void Dispose()
    {
        lock (_deriving)
        {
            CryptographicOperations.ZeroMemory(_root);
            _present.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private SegmentKey Derive()
    {
        Span<byte> salt = stackalloc byte[SaltBytes];
        RandomNumberGenerator.Fill(salt);
        var id = _row.Id + Separator + Base64Url.EncodeToString(salt);
        return Derive(_root, id, _row, _limits);
    }

    // HKDF-Expand of RFC 5869 alone: the root is uniformly random already.
    private static SegmentKey Derive(
        ReadOnlySpan<byte> root, string keyId, DataKeyRow row, SegmentKeyLimits? limits)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        HKDF.Expand(HashAlgorithmName.SHA256, root, key, Encoding.UTF8.GetBytes("probity-subject-key-v1|" + keyId));
        var derived = new SegmentKey(keyId, key, row.CreatedAt, limits) { Subject = row.Subject };
        CryptographicOperations.ZeroMemory(key);
        return derived;
    }
}
