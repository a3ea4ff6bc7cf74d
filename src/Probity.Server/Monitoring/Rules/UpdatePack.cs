using System.Globalization;
using System.Text;
using System.Text.Json;
using Probity.Contracts.Problems;
using Probity.Ledger.Notes;
using Probity.Monitoring;
using Probity.Monitoring.Rules;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// A change of regulation as data: rules, rules withdrawn, and lists, thresholds, rates and calendars, from a day on.
/// It comes as a signed note (C2SP signed-note) whose text is one JSON object, from a publisher whose key is trusted.
/// </summary>
/// <param name="Name">What the publisher calls it, 1 to 200 characters.</param>
/// <param name="EffectiveFrom">The day from which it is to be live.</param>
/// <param name="Rules">Rules that are new or take the place of the one of their name.</param>
/// <param name="Withdrawn">Names of rules that end.</param>
/// <param name="Reference">The reference data that takes the place of what there is; null to keep it.</param>
/// <param name="SignedBy">The name of the key that signed.</param>
internal sealed record UpdatePack(
    string Name, DateOnly EffectiveFrom, IReadOnlyList<RuleDocument> Rules, IReadOnlyList<string> Withdrawn,
    byte[]? Reference, string SignedBy)
{
    /// <summary>The largest pack in bytes.</summary>
    public const int MaxBytes = SignedNote.MaxBytes;

    /// <summary>What the member <c>pack</c> says: the form of this reader.</summary>
    public const string Form = "probity-update-1";

    private const int MaxName = 200;
    private static readonly string[] s_members =
        ["pack", "name", "effective_from", "rules", "withdrawn", "reference"];

    private static readonly JsonDocumentOptions s_reading = new() { AllowDuplicateProperties = false, MaxDepth = 40 };

    /// <summary>Verifies and reads a pack. Nothing of it is looked at before its signature holds.</summary>
    /// <param name="note">The bytes of the signed note.</param>
    /// <param name="keys">Whose packs are believed.</param>
    /// <exception cref="ProblemException">monitoring.pack_untrusted, monitoring.pack_refused.</exception>
    public static UpdatePack Read(ReadOnlySpan<byte> note, IReadOnlyList<VerifierKey> keys)
    {
        if (keys.Count == 0)
        {
            throw new ProblemException(
                ErrorCodes.MonitoringPackUntrusted, "No publisher is trusted: AML_PACK_KEYS names no key.");
        }

        SignedNote signed;
        try
        {
            signed = SignedNote.Parse(note);
        }
        catch (NoteFormatException fault)
        {
            throw Refused("", fault.Message);
        }

        return NoteVerification.Verify(signed, keys) switch
        {
            NoteVerdict.Verified good => Of(signed.Text, good.Signatures[0].Key.Name),
            NoteVerdict.Refused bad => throw new ProblemException(ErrorCodes.MonitoringPackUntrusted, bad.Detail),
            _ => throw new InvalidOperationException("There is no other verdict."),
        };
    }

    private static UpdatePack Of(string text, string signedBy)
    {
        try
        {
            using var json = JsonDocument.Parse(text, s_reading);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "pack") != Form)
            {
                throw Refused("/pack", $"This is no pack of the form {Form}.");
            }

            foreach (var member in root.EnumerateObject())
            {
                if (!s_members.Contains(member.Name, StringComparer.Ordinal))
                {
                    throw Refused("/" + member.Name, $"The members are: {string.Join(", ", s_members)}.");
                }
            }

            return new UpdatePack(
                Text(root, "name") is { Length: > 0 and <= MaxName } name ? name
                    : throw Refused("/name", $"Give a name of 1 to {MaxName} characters."),
                Day(Text(root, "effective_from")), RulesOf(root), WithdrawnOf(root), ReferenceOf(root), signedBy);
        }
        catch (JsonException)
        {
            throw Refused("", "The text of the note is no JSON object, or says something twice.");
        }
    }

    private static List<RuleDocument> RulesOf(JsonElement root) =>
        !root.TryGetProperty("rules", out var rules) ? []
        : rules.ValueKind != JsonValueKind.Array ? throw Refused("/rules", "Give an array of rules.")
        : [.. rules.EnumerateArray().Select((rule, at) => new RuleDocument(
            FormattableString.Invariant($"rules/{at}"), Encoding.UTF8.GetBytes(rule.GetRawText())))];

    private static List<string> WithdrawnOf(JsonElement root) =>
        !root.TryGetProperty("withdrawn", out var names) ? []
        : names.ValueKind == JsonValueKind.Array
            && names.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String)
                ? [.. names.EnumerateArray().Select(name => name.GetString()!)]
                : throw Refused("/withdrawn", "Give an array of names of rules.");

    private static byte[]? ReferenceOf(JsonElement root)
    {
        if (!root.TryGetProperty("reference", out var reference))
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(reference.GetRawText());
        try
        {
            ReferenceBookReader.Read(bytes);
            return bytes;
        }
        catch (FormatException fault)
        {
            throw Refused("/reference", fault.Message);
        }
    }

    private static DateOnly Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day : throw Refused("/effective_from", "Write a day as 2026-12-01.");

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static ProblemException Refused(string place, string text) => new(ErrorCodes.MonitoringPackRefused)
    {
        Faults = [new ProblemFault(place, ErrorCodes.MonitoringPackRefused.Code, text)],
    };
}
