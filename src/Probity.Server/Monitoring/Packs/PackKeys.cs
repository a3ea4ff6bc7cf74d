using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.Monitoring.Packs;

/// <summary>
/// Keys by eight bytes of a digest of their ids, in order: thousands of persons in a pack, and still soon looked
/// through. Two that share a digest cost a needless reading of the ledger.
/// </summary>
internal static class PackKeys
{
    /// <summary>The digest of a key's id.</summary>
    public static long Of(string keyId) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(keyId)));

    /// <summary>Writes the keys of a pack.</summary>
    public static byte[] Write(IEnumerable<string> keyIds)
    {
        var digests = keyIds.Distinct(StringComparer.Ordinal).Select(Of).Order().ToArray();
        var bytes = new byte[digests.Length * sizeof(long)];
        for (var i = 0; i < digests.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(i * sizeof(long)), digests[i]);
        }

        return bytes;
    }

    /// <summary>Whether a pack holds what was sealed under one of some keys.</summary>
    public static bool HasAny(ReadOnlySpan<byte> keys, IReadOnlySet<long> digests)
    {
        for (var i = 0; digests.Count > 0 && i + sizeof(long) <= keys.Length; i += sizeof(long))
        {
            if (digests.Contains(BinaryPrimitives.ReadInt64BigEndian(keys[i..])))
            {
                return true;
            }
        }

        return false;
    }
}
