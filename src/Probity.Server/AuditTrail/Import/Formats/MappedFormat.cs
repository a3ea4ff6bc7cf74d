using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using Probity.Server.AuditTrail.Import.Reading;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Reads a file event by event and maps each one; what a format adds is the mapping.</summary>
internal abstract class MappedFormat : IEventFormat
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 128, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 128 };

    public abstract string Name { get; }

    public virtual IReadOnlyList<string> WrapperMembers => [];

    public abstract bool Recognises(JsonElement sourceEvent);

    public async IAsyncEnumerable<SourceEvent> ReadAsync(
        Stream source, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var slice in JsonSlicer.ReadAsync(source, WrapperMembers, cancellationToken))
        {
            yield return Convert(slice);
        }
    }

    /// <summary>Maps one event, or throws <see cref="SourceRefusedException"/>.</summary>
    /// <param name="sourceEvent">The parsed event: an object.</param>
    /// <param name="text">Its exact text.</param>
    protected abstract EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text);

    /// <summary>Makes the bytes on the wire; a format that passes events through writes none of its own.</summary>
    protected virtual ReadOnlyMemory<byte> ToWire(JsonElement sourceEvent, JsonSlice slice, bool repeatsNames)
    {
        var draft = Map(sourceEvent, slice.Text.Span);
        if (repeatsNames)
        {
            // Two readers may see two different events in it, so whoever looks at this one should know.
            draft.Details["repeated_names"] = "true";
        }

        return WireEventWriter.Write(draft, Name, slice.Text.Span);
    }

    /// <summary>The SHA-256 of an event's text, for sources whose events have no id that can be trusted.</summary>
    protected static string TextHash(ReadOnlySpan<byte> text)
        => "sha256:" + System.Convert.ToHexStringLower(SHA256.HashData(text));

    private SourceEvent Convert(JsonSlice slice)
    {
        try
        {
            if (slice.Refusal is { } refusal)
            {
                return Refused(slice, refusal);
            }

            if (!Utf8.IsValid(slice.Text.Span))
            {
                return Refused(slice, SourceRefusal.Utf8());
            }

            using var document = Parse(slice.Text, out var repeatsNames);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Refused(slice, SourceRefusal.NotAnEvent("The line is not a JSON object."));
            }

            return Accepted(slice, ToWire(document.RootElement, slice, repeatsNames));
        }
        catch (SourceRefusedException refused)
        {
            return Refused(slice, refused.Refusal);
        }
        catch (JsonException wrong)
        {
            var place = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"line {slice.Line + (wrong.LineNumber ?? 0)}, byte {(wrong.BytePositionInLine ?? 0) + 1} of it.");
            return Refused(slice, SourceRefusal.Syntax(place));
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> text, out bool repeatsNames)
    {
        repeatsNames = false;
        try
        {
            return JsonDocument.Parse(text, Strict);
        }
        catch (JsonException)
        {
            var document = JsonDocument.Parse(text, Lenient);
            repeatsNames = true;
            return document;
        }
    }

    private static SourceEvent Accepted(JsonSlice slice, ReadOnlyMemory<byte> wire)
        => wire.Length > ImportLimits.MaxEventBytes
            ? Refused(slice, SourceRefusal.TooLarge(wire.Length))
            : new SourceEvent
            {
                Ordinal = slice.Ordinal,
                Line = slice.Line,
                ByteOffset = slice.ByteOffset,
                EventJson = wire,
            };

    private static SourceEvent Refused(JsonSlice slice, SourceRefusal refusal) => new()
    {
        Ordinal = slice.Ordinal,
        Line = slice.Line,
        ByteOffset = slice.ByteOffset,
        Refusal = refusal,
    };
}
