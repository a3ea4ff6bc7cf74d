using System.Globalization;
using System.Text.Json;
using Probity.Ledger.Verification;

namespace Probity.Verifier;

/// <summary>Prints steps as they are done, and the verdict at the end.</summary>
internal sealed class Verdict(TextWriter output, VerifyOptions options)
{
    private readonly List<(bool Holds, string Text)> _steps = [];
    private readonly List<string> _warnings = [];
    private readonly List<Finding> _findings = [];
    private readonly List<PurgedRange> _purged = [];
    private readonly List<LogContinuation> _continuations = [];

    public void Step(bool holds, string text)
    {
        _steps.Add((holds, text));
        if (!options.IsQuiet && !options.IsJson)
        {
            output.WriteLine($"{(holds ? '✓' : '✗')} {text}");
        }
    }

    public void Warn(string text)
    {
        _warnings.Add(text);
        if (!options.IsJson)
        {
            output.WriteLine($"! WARNING: {text}");
        }
    }

    /// <summary>Tells what is gone in order, and by whose approval: one line for each purge entry.</summary>
    public void Excuse(IReadOnlyList<PurgedRange> purged)
    {
        _purged.AddRange(purged);
        if (options.IsQuiet || options.IsJson)
        {
            return;
        }

        foreach (var entry in purged.GroupBy(p => p.EntrySeq))
        {
            var first = entry.First();
            var approvers = string.Join(", ", first.Approvers);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"- {entry.Sum(p => p.Last - p.First + 1)} entries between {entry.Min(p => p.First)} and "
                + $"{entry.Max(p => p.Last)} "
                + $"were purged: entry {first.EntrySeq} of {first.RecordedAt}, approved by "
                + $"{approvers}"));
        }
    }

    /// <summary>Says where the log goes on under another origin, and what was lost there.</summary>
    public void Tell(IReadOnlyList<LogContinuation> continuations)
    {
        _continuations.AddRange(continuations);
        if (options.IsQuiet || options.IsJson)
        {
            return;
        }

        foreach (var c in continuations)
        {
            var approvers = string.Join(", ", c.Approvers);
            var how = c.IsSigned
                ? "each has signed it with a key that an earlier entry names"
                : "named by whoever ran the command";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"- the log goes on from {c.FormerOrigin}: entries {c.EntrySeq} to {c.CheckpointSize - 1} of it were "
                + $"signed and are lost, as entry {c.EntrySeq} of {c.RecordedAt} states, accepted by "
                + $"{approvers} ({how})"));
        }
    }

    public void Find(Finding finding)
    {
        _findings.Add(finding);
        if (options.IsQuiet || options.IsJson)
        {
            return;
        }

        output.WriteLine($"✗ {finding.Kind.ToWireName()} at {finding.Where}: {finding.Detail}");
        if (finding.Expected is not null || finding.Actual is not null)
        {
            output.WriteLine($"    expected {finding.Expected ?? "(not known)"}");
            output.WriteLine($"    found    {finding.Actual ?? "(nothing)"}");
        }

        output.WriteLine($"    affected {finding.Affected}");
        output.WriteLine($"    last good checkpoint {Good(finding.LastGood)}");
    }

    /// <summary>The last line and the exit code.</summary>
    public int Conclude(string whenSound)
    {
        var isSound = _findings.Count == 0 && _steps.TrueForAll(s => s.Holds);
        if (options.IsJson)
        {
            output.WriteLine(Json(isSound ? "sound" : "tampered"));
        }
        else if (isSound)
        {
            output.WriteLine($"SOUND: {whenSound}");
        }
        else if (_findings is [var first, ..])
        {
            var seq = first.FirstSeq?.ToString(CultureInfo.InvariantCulture);
            output.WriteLine($"TAMPERED: {first.Kind.ToWireName()}"
                + (seq is null ? $" at {first.Where}" : $", first bad entry {seq}")
                + $"; last good checkpoint {Good(first.LastGood)}; {_findings.Count} finding(s)");
        }
        else
        {
            output.WriteLine("TAMPERED: " + _steps.First(s => !s.Holds).Text);
        }

        return isSound ? 0 : 1;
    }

    /// <summary>The last line when nothing can be said.</summary>
    public int CannotTell(string why)
    {
        if (options.IsJson)
        {
            _warnings.Add(why);
            output.WriteLine(Json("cannot_tell"));
        }
        else
        {
            output.WriteLine($"CANNOT TELL: {why}");
        }

        return 2;
    }

    private static string Good(GoodCheckpoint? good) =>
        good is null ? "none" : $"size {good.Size} root {good.Root.ToBase64()}";

    private string Json(string verdict)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("verdict", verdict);
            json.WriteStartArray("steps");
            foreach (var (holds, text) in _steps)
            {
                json.WriteStartObject();
                json.WriteBoolean("holds", holds);
                json.WriteString("step", text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("warnings");
            _warnings.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteStartArray("purged");
            _purged.ForEach(p => Write(json, p));
            json.WriteEndArray();
            json.WriteStartArray("continuations");
            _continuations.ForEach(c => Write(json, c));
            json.WriteEndArray();
            json.WriteStartArray("findings");
            _findings.ForEach(f => Write(json, f));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, PurgedRange purged)
    {
        json.WriteStartObject();
        json.WriteNumber("first_seq", purged.First);
        json.WriteNumber("last_seq", purged.Last);
        json.WriteNumber("entry_seq", purged.EntrySeq);
        json.WriteString("entry", purged.EntryId);
        json.WriteString("recorded_at", purged.RecordedAt);
        json.WriteStartArray("approvers");
        foreach (var approver in purged.Approvers)
        {
            json.WriteStringValue(approver);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LogContinuation continuation)
    {
        json.WriteStartObject();
        json.WriteString("former_origin", continuation.FormerOrigin);
        json.WriteNumber("entry_seq", continuation.EntrySeq);
        json.WriteString("entry", continuation.EntryId);
        json.WriteNumber("first_lost_seq", continuation.EntrySeq);
        json.WriteNumber("last_lost_seq", continuation.CheckpointSize - 1);
        json.WriteBoolean("signed", continuation.IsSigned);
        json.WriteStartArray("approvers");
        foreach (var approver in continuation.Approvers)
        {
            json.WriteStringValue(approver);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("kind", finding.Kind.ToWireName());
        if (finding.FirstSeq is { } first)
        {
            json.WriteNumber("first_seq", first);
            json.WriteNumber("last_seq", finding.LastSeq ?? first);
        }

        json.WriteString("where", finding.Where);
        json.WriteString("detail", finding.Detail);
        json.WriteString("expected", finding.Expected);
        json.WriteString("actual", finding.Actual);
        json.WriteString("affected", finding.Affected);
        if (finding.LastGood is { } good)
        {
            json.WriteStartObject("last_good_checkpoint");
            json.WriteNumber("size", good.Size);
            json.WriteString("root", good.Root.ToBase64());
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
