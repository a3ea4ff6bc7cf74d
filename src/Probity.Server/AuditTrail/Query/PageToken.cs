using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// Where a paged search goes on: opaque to the caller, protected by HMAC-SHA256, bound to the filter's text and to
/// the snapshot of the first page. It does not expire. Source: AIP-158, "Page token".
/// </summary>
/// <param name="AsOfSequence">The snapshot: only events below are listed, on every page.</param>
/// <param name="Before">Only events below come on the next page.</param>
/// <param name="Now">The clock of the first page, so that <c>-24h</c> means the same on every page.</param>
internal sealed record PageToken(long AsOfSequence, long Before, DateTimeOffset Now)
{
    private const byte Version = 1;
    private const int FilterBytes = 16;
    private const int BodyBytes = 1 + (3 * sizeof(long)) + FilterBytes;
    private const int MacBytes = 16;

    /// <summary>URL-safe text of the token.</summary>
    /// <param name="key">Installation key for page tokens.</param>
    /// <param name="filter">The filter's text; a later page must bring the same.</param>
    public string Encode(ReadOnlySpan<byte> key, string filter)
    {
        Span<byte> token = stackalloc byte[BodyBytes + MacBytes];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token[1..], AsOfSequence);
        BinaryPrimitives.WriteInt64BigEndian(token[9..], Before);
        BinaryPrimitives.WriteInt64BigEndian(token[17..], Now.UtcTicks);
        HashFilter(filter, token.Slice(25, FilterBytes));
        Authenticate(key, token[..BodyBytes], token[BodyBytes..]);
        return Base64Url.EncodeToString(token);
    }

    /// <summary>Reads a token made by <see cref="Encode"/> under the same key for the same filter.</summary>
    /// <exception cref="QueryRefusedException">The token is not ours, was changed, or belongs to another filter.</exception>
    public static PageToken Decode(string text, ReadOnlySpan<byte> key, string filter)
    {
        Span<byte> token = stackalloc byte[BodyBytes + MacBytes];
        Span<byte> expected = stackalloc byte[MacBytes];
        if (!TryDecode(text, token))
        {
            throw Invalid();
        }

        Authenticate(key, token[..BodyBytes], expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, token[BodyBytes..]) || token[0] != Version)
        {
            throw Invalid();
        }

        Span<byte> hash = stackalloc byte[FilterBytes];
        HashFilter(filter, hash);
        if (!CryptographicOperations.FixedTimeEquals(hash, token.Slice(25, FilterBytes)))
        {
            throw new QueryRefusedException(
                QueryRefusedException.PageTokenMismatch,
                "The page token belongs to another filter. Repeat the filter of the first page, or start without a token.");
        }

        return new PageToken(
            BinaryPrimitives.ReadInt64BigEndian(token[1..]),
            BinaryPrimitives.ReadInt64BigEndian(token[9..]),
            new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(token[17..]), TimeSpan.Zero));
    }

    /// <summary>Only the one spelling that <see cref="Encode"/> writes: a token is not malleable.</summary>
    private static bool TryDecode(string text, Span<byte> token) =>
        text.Length == Base64Url.GetEncodedLength(token.Length)
        && Base64Url.TryDecodeFromChars(text, token, out var written)
        && written == token.Length
        && Base64Url.EncodeToString(token) == text;

    private static void HashFilter(string filter, Span<byte> destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(filter), hash);
        hash[..FilterBytes].CopyTo(destination);
    }

    private static void Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> body, Span<byte> mac)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, body, whole);
        whole[..MacBytes].CopyTo(mac);
    }

    private static QueryRefusedException Invalid() => new(
        QueryRefusedException.PageTokenInvalid,
        "The page token is not one this server made. Start again without a token.");
}
