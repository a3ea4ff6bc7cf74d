using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Probity.Server.AuditTrail.Query;

/// <summary>
/// The blind index of an event's text: whole normalised words, kept only as HMAC-SHA256 under an installation key,
/// cut to 8 bytes. Who has the index but not the key cannot read a word nor try a dictionary on it. Thread-safe.
/// </summary>
internal sealed class TextTokens
{
    /// <summary>Most distinct words indexed of one event; later words are not found by search.</summary>
    public const int MaxWords = 256;

    /// <summary>A longer run of letters and digits is cut, in events and in queries alike.</summary>
    public const int MaxWordLength = 64;

    private const int MaxCached = 1 << 16;

    /// <summary>A longer word with digits is most likely an id that is met once.</summary>
    private const int LongestNumberKept = 4;

    private readonly byte[] _key;
    private readonly ConcurrentBag<IncrementalHash> _idle = [];
    private readonly ConcurrentDictionary<string, long> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _byWord;
    private int _cached; // Asking the dictionary would take all of its locks.

    /// <param name="key">Installation key of the blind index, at least 16 bytes.</param>
    public TextTokens(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 16);
        _key = key.ToArray();
        _byWord = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The keyed hash of one normalised word.</summary>
    public long Hash(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestNumberKept && word.ContainsAnyInRange('0', '9'))
        {
            return Compute(word);
        }

        if (_byWord.TryGetValue(word, out var known))
        {
            return known;
        }

        if (Volatile.Read(ref _cached) >= MaxCached)
        {
            _cache.Clear(); // words follow a power law: the frequent ones are back at once
            Volatile.Write(ref _cached, 0);
        }

        var hash = Compute(word);
        if (_byWord.TryAdd(word, hash))
        {
            Interlocked.Increment(ref _cached);
        }

        return hash;
    }

    private long Compute(ReadOnlySpan<char> word)
    {
        Span<byte> utf8 = stackalloc byte[MaxWordLength * 4];
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];

        // One that has its key set up already takes half the time of a call with the key.
        var hmac = _idle.TryTake(out var idle) ? idle : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(utf8[..Encoding.UTF8.GetBytes(word, utf8)]);
        hmac.GetHashAndReset(mac);
        _idle.Add(hmac);
        return BinaryPrimitives.ReadInt64BigEndian(mac);
    }

    /// <summary>The distinct normalised words of a text, in order of appearance.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new WordList();
        Split(text, words);
        return words.Words;
    }

    /// <summary>Cuts a text into normalised words until <paramref name="sink"/> is full.</summary>
    public static void Split(string text, IWordSink sink)
    {
        var normal = Normalise(text);
        Span<char> word = stackalloc char[MaxWordLength];
        var length = 0;
        foreach (var rune in normal.EnumerateRunes())
        {
            if (IsWordPart(rune))
            {
                // A cut word stays cut: the rest of the run is neither searched nor stored.
                length += length + rune.Utf16SequenceLength <= MaxWordLength
                    ? Rune.ToLowerInvariant(rune).EncodeToUtf16(word[length..])
                    : 0;
                continue;
            }

            Close(word[..length], sink);
            length = 0;
        }

        Close(word[..length], sink);
    }

    private static void Close(ReadOnlySpan<char> word, IWordSink sink)
    {
        if (word.Length > 0 && !sink.IsFull)
        {
            sink.Add(word);
        }
    }

    private static string Normalise(string text) =>
        System.Text.Ascii.IsValid(text) ? text : UnicodeFolding.Decompose(text);

    /// <summary>Letters and digits, and the marks that belong to a letter in scripts such as Devanagari.</summary>
    private static bool IsWordPart(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark
        or System.Globalization.UnicodeCategory.SpacingCombiningMark;

    private sealed class WordList : IWordSink
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private readonly List<string> _words = [];

        public IReadOnlyList<string> Words => _words;

        public bool IsFull => _words.Count >= MaxWords;

        public void Add(ReadOnlySpan<char> word)
        {
            if (_seen.GetAlternateLookup<ReadOnlySpan<char>>().Add(word))
            {
                _words.Add(word.ToString());
            }
        }
    }
}

/// <summary>Takes the words of a text, one by one.</summary>
internal interface IWordSink
{
    bool IsFull { get; }

    /// <summary>A normalised word; the same one may come again.</summary>
    void Add(ReadOnlySpan<char> word);
}
