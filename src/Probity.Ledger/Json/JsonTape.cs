using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Probity.Ledger.Json;

/// <summary>
/// One JSON text, read strictly and once: valid I-JSON (RFC 7493) without NUL, whose numbers mean the same in every
/// reader. It keeps the text, not a copy, and says where each value lies in it.
/// </summary>
/// <remarks>
/// Reading is thread safe after <see cref="Parse"/>. The text must not change, and be kept by its owner, until the tape
/// is disposed. Disposing gives pooled memory back; items of a disposed tape throw
/// <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class JsonTape : IDisposable
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly ArraySegment<byte> _array; // The same, where it lies in an array: found once, not with each look.
    private readonly int _count;
    private JsonToken[]? _tokens;

    private JsonTape(ReadOnlyMemory<byte> json, JsonToken[] tokens, int count)
    {
        _json = json;
        MemoryMarshal.TryGetArray(json, out _array);
        _tokens = tokens;
        _count = count;
    }

    /// <summary>Gets the value that the whole text is.</summary>
    public JsonItem Root => new(this, 0);

    /// <summary>Gets whether the text is, byte for byte, its own canonical form (RFC 8785 §3).</summary>
    public bool IsCanonical => Tokens[0].Has(TokenFlags.Canonical) && Tokens[0].Length == _json.Length;

    internal ReadOnlySpan<byte> Json => _array.Array is null ? _json.Span : _array;

    internal ReadOnlySpan<JsonToken> Tokens
    {
        get
        {
            var tokens = _tokens;
            ObjectDisposedException.ThrowIf(tokens is null, this);
            return tokens.AsSpan(0, _count);
        }
    }

    /// <summary>One token: what every look at a value goes through.</summary>
    internal ref readonly JsonToken this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            var tokens = _tokens;
            ObjectDisposedException.ThrowIf(tokens is null, this);
            return ref tokens[index];
        }
    }

    /// <summary>Reads a text (RFC 8259) and refuses it unless every later reader sees the same in it.</summary>
    /// <param name="utf8">The text; not copied.</param>
    /// <param name="limits">Its bounds.</param>
    /// <exception cref="JsonRefusedException">The text is refused; the exception says why and where.</exception>
    public static JsonTape Parse(ReadOnlyMemory<byte> utf8, JsonLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var json = utf8.Span;
        if (json.Length > limits.MaxBytes)
        {
            throw new JsonRefusedException(
                JsonRefusedException.Size, string.Empty, limits.MaxBytes,
                $"The text has {json.Length} bytes, more than {limits.MaxBytes}; send less, or in parts.");
        }

        var tokens = Scan(json, limits.MaxDepth, isStrict: true, out var count);
        return new JsonTape(utf8, tokens, count);
    }

    /// <summary>Gives the pooled memory back. More than once does no harm.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _tokens, null) is { } tokens)
        {
            ArrayPool<JsonToken>.Shared.Return(tokens);
        }
    }

    /// <summary>Reads a text onto a rented tape, which the caller gives back.</summary>
    internal static JsonToken[] Scan(ReadOnlySpan<byte> json, int maxDepth, bool isStrict, out int count)
    {
        CheckEncoding(json, maxDepth, isStrict);
        var scanner = new JsonScanner(json, maxDepth, isStrict);
        var isRead = false;
        try
        {
            scanner.Run();
            isRead = true;
        }
        finally
        {
            if (!isRead)
            {
                ArrayPool<JsonToken>.Shared.Return(scanner.Tokens);
            }
        }

        count = scanner.Count;
        return scanner.Tokens;
    }

    private static void CheckEncoding(ReadOnlySpan<byte> json, int maxDepth, bool isStrict)
    {
        if (json.StartsWith("\uFEFF"u8))
        {
            throw new JsonRefusedException(
                JsonRefusedException.Utf8, string.Empty, 0,
                "The text starts with a byte order mark, which JSON does not have (RFC 8259 §8.1); remove it.");
        }

        if (!Utf8.IsValid(json))
        {
            var fault = IndexOfInvalid(json);
            throw new JsonRefusedException(
                JsonRefusedException.Utf8, PointerBefore(json[..fault], maxDepth, isStrict), fault,
                "The bytes here are not UTF-8; send the text in UTF-8.");
        }
    }

    private static int IndexOfInvalid(ReadOnlySpan<byte> json)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(json[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }

    /// <summary>
    /// Where the text that is valid leads to: what is refused at its end is what the invalid bytes are in.
    /// </summary>
    private static string PointerBefore(ReadOnlySpan<byte> valid, int maxDepth, bool isStrict)
    {
        try
        {
            ArrayPool<JsonToken>.Shared.Return(Scan(valid, maxDepth, isStrict, out _));
            return string.Empty;
        }
        catch (JsonRefusedException refusal)
        {
            return refusal.Pointer;
        }
    }
}
