using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Ledger.Evidence;

/// <summary>What an evidence pack says of itself. Canonical JSON (RFC 8785), so that one manifest has one spelling.</summary>
/// <param name="Origin">The log the entries are from.</param>
/// <param name="MadeAt">When the pack was made; the maker's claim, to the second, in UTC.</param>
/// <param name="Filter">The filter that chose the entries, as text; empty for all.</param>
/// <param name="Entries">How many entries it holds.</param>
/// <param name="EntrySums">
/// SHA-256 over one line <c>hash, two spaces, name, newline</c> for each file of an entry, in the order of the pack.
/// </param>
/// <param name="Files">The hashes of all other files by name, the manifest's own excepted.</param>
public sealed record PackManifest(string Origin, DateTimeOffset MadeAt, string Filter, long Entries, string EntrySums,
    IReadOnlyDictionary<string, string> Files)
{
    /// <summary>The version of the format: 1; see <see cref="VersionWithTombstones"/>.</summary>
    public const int Version = 1;

    /// <summary>The version of a pack with tombstones, which readers of version 1 refuse: 2.</summary>
    public const int VersionWithTombstones = 2;

    /// <summary>How many purged entries it holds the tombstones of.</summary>
    public long Tombstones { get; init; }

    private const string Format = "probity-evidence-pack";
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    internal byte[] Encode()
    {
        var json = new ArrayBufferWriter<byte>();
        Write(json, "{\"entries\":");
        Write(json, Entries.ToString(CultureInfo.InvariantCulture));
        Write(json, ",\"entry_sums\":");
        CanonicalJson.WriteString(json, EntrySums);
        Write(json, ",\"files\":{");
        var separator = string.Empty;
        foreach (var (name, hash) in Files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Write(json, separator);
            CanonicalJson.WriteString(json, name);
            Write(json, ":");
            CanonicalJson.WriteString(json, hash);
            separator = ",";
        }

        Write(json, "},\"filter\":");
        CanonicalJson.WriteString(json, Filter);
        Write(json, ",\"format\":\"" + Format + "\",\"made_at\":");
        CanonicalJson.WriteString(json, MadeAt.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
        Write(json, ",\"origin\":");
        CanonicalJson.WriteString(json, Origin);
        Write(json, Tombstones == 0
            ? string.Create(CultureInfo.InvariantCulture, $",\"version\":{Version}}}")
            : string.Create(CultureInfo.InvariantCulture,
                $",\"tombstones\":{Tombstones},\"version\":{VersionWithTombstones}}}"));
        return json.WrittenSpan.ToArray();
    }

    /// <summary>Reads a manifest; anything but its canonical form is refused.</summary>
    /// <exception cref="InvalidDataException">It is no such manifest.</exception>
    internal static PackManifest Decode(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            var root = json.RootElement;
            var manifest = new PackManifest(
                Text(root, "origin"),
                DateTimeOffset.ParseExact(Text(root, "made_at"), TimeFormat, CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal),
                Text(root, "filter"), root.GetProperty("entries").GetInt64(), Text(root, "entry_sums"),
                root.GetProperty("files").EnumerateObject()
                    .ToDictionary(f => f.Name, f => f.Value.GetString() ?? string.Empty))
            {
                Tombstones = root.TryGetProperty("tombstones", out var tombstones) ? tombstones.GetInt64() : 0,
            };
            return manifest.Encode().AsSpan().SequenceEqual(bytes)
                ? manifest
                : throw new InvalidDataException("The manifest is not the canonical form of one of version 1 or 2.");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException
            or ArgumentException)
        {
            throw new InvalidDataException("The manifest cannot be read: " + e.Message, e);
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? string.Empty;

    private static void Write(ArrayBufferWriter<byte> to, string ascii)
    {
        System.Text.Encoding.ASCII.GetBytes(ascii, to.GetSpan(ascii.Length + 1));
        to.Advance(ascii.Length);
    }
}
