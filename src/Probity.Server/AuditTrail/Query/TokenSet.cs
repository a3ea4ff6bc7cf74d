using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// The keyed hashes of one event's words, up to <see cref="TextTokens.MaxWords"/> distinct ones. Used again for the next
/// event after <see cref="Clear"/>. Not thread safe.
/// </summary>
internal sealed class TokenSet(TextTokens tokens) : IWordSink
{
    /// <summary>
    /// So much ASCII without a space is no text but something encoded, such as a packed record: nobody seeks its words.
    /// </summary>
    private const int LeastEncoded = 600;

    private readonly HashSet<long> _seen = new(TextTokens.MaxWords);

    public bool IsFull => _seen.Count >= TextTokens.MaxWords;

    public void Clear() => _seen.Clear();

    public long[] ToArray() => [.. _seen];

    public void Add(ReadOnlySpan<char> word) => _seen.Add(tokens.Hash(word));

    /// <summary>Adds the words of a value and of what lies in it; names of members are no words.</summary>
    public void Add(JsonElement value)
    {
        if (IsFull)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.String or JsonValueKind.Number:
                AddText(value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Add(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    Add(member.Value);
                }

                break;
            default:
                break; // true, false and null carry no word
        }
    }

    // Nearly all text is ASCII without escapes: its words are cut from the bytes as they are.
    private void AddText(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (Ascii.IsValid(raw) && !raw.Contains((byte)'\\'))
        {
            if (raw.Length < LeastEncoded || raw.Contains((byte)' '))
            {
                AddAscii(raw);
            }
        }
        else
        {
            TextTokens.Split(value.GetString() ?? "", this);
        }
    }

    private void AddAscii(ReadOnlySpan<byte> text)
    {
        Span<char> word = stackalloc char[TextTokens.MaxWordLength];
        var length = 0;
        foreach (var at in text)
        {
            if (char.IsAsciiLetterOrDigit((char)at))
            {
                if (length < word.Length)
                {
                    word[length++] = char.ToLowerInvariant((char)at);
                }

                continue;
            }

            Close(word[..length]);
            length = 0;
        }

        Close(word[..length]);
    }

    private void Close(ReadOnlySpan<char> word)
    {
        if (word.Length > 0 && !IsFull)
        {
            Add(word);
        }
    }
}
