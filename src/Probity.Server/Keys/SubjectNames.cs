using System.Security.Cryptography;
using System.Text;
using Probity.Ledger.Json;

namespace Probity.Server.Keys;

/// <summary>
/// Who a key belongs to. A person is named by type and id; the store and the entries name the person by a digest under
/// an installation key, so that neither tells who it is to one without the keys.
/// </summary>
internal static class SubjectNames
{
    /// <summary>What a digest begins with.</summary>
    public const string Prefix = "sbj_";

    /// <summary>The type of an actor that names none.</summary>
    public const string DefaultType = "user";

    private const int DigestBytes = 16;

    /// <summary>Writes type, a zero byte and id: what a person is looked up by.</summary>
    public static void Write(ByteBuffer to, ReadOnlySpan<byte> type, ReadOnlySpan<byte> id)
    {
        to.ResetWrittenCount();
        to.Write(type.IsEmpty ? "user"u8 : type);
        to.Write("\0"u8);
        to.Write(id);
    }

    /// <summary>The name of a person.</summary>
    public static byte[] Of(string type, string id)
    {
        var name = new ByteBuffer(64);
        Write(name, Encoding.UTF8.GetBytes(type), Encoding.UTF8.GetBytes(id));
        return name.WrittenSpan.ToArray();
    }

    /// <summary>The digest of a name: <c>sbj_</c> and 22 characters of base64url.</summary>
    public static string Digest(ReadOnlySpan<byte> key, ReadOnlySpan<byte> name)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, name, digest);
        return Prefix + System.Buffers.Text.Base64Url.EncodeToString(digest[..DigestBytes]);
    }
}
