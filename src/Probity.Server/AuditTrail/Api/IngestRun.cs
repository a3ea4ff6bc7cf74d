using System.Text.Json;
using Probity.Server.AuditTrail.Append;

namespace Probity.Server.AuditTrail.Api;

/// <summary>
/// Writes the results of an ingest. They are flushed as they come, but reading the request never waits for the flush:
/// many clients read nothing until they have sent everything, and both sides would wait for ever.
/// </summary>
internal sealed class IngestRun(HttpResponse response) : IDisposable
{
    private readonly Utf8JsonWriter _json = new(response.BodyWriter);
    private Task _flush = Task.CompletedTask;
    private long _accepted;
    private long _duplicate;
    private long _refused;

    public void Write(IngestBatch batch)
    {
        foreach (var line in batch.Lines)
        {
            Write(line);
        }

        if (_flush.IsCompletedSuccessfully)
        {
            _flush = response.BodyWriter.FlushAsync().AsTask();
        }
    }

    public async Task FinishAsync()
    {
        _json.WriteStartObject();
        _json.WriteStartObject("summary"u8);
        _json.WriteNumber("lines"u8, _accepted + _duplicate + _refused);
        _json.WriteNumber("accepted"u8, _accepted);
        _json.WriteNumber("duplicate"u8, _duplicate);
        _json.WriteNumber("refused"u8, _refused);
        _json.WriteEndObject();
        _json.WriteEndObject();
        EndLine();
        await _flush;
        await response.BodyWriter.FlushAsync();
    }

    public void Dispose() => _json.Dispose();

    private void Write(LineOutcome outcome)
    {
        _json.WriteStartObject();
        _json.WriteNumber("line"u8, outcome.Line);
        if (outcome.Code is { } code)
        {
            _refused++;
            WriteRefusal(code, outcome);
        }
        else
        {
            WritePlace(outcome.Place!.Value); // A line is refused or committed.
        }

        _json.WriteEndObject();
        EndLine();
    }

    private void WritePlace(in EntryPlace place)
    {
        _json.WriteString("status"u8, place.Duplicate ? "duplicate"u8 : "accepted"u8);
        _json.WriteString("id"u8, place.Id);
        _json.WriteNumber("seq"u8, place.Seq);
        _json.WriteString("hash"u8, place.Hash.ToString());
        if (place.Duplicate)
        {
            _duplicate++;
        }
        else
        {
            _accepted++;
        }
    }

    private void WriteRefusal(string code, LineOutcome outcome)
    {
        _json.WriteString("status"u8, "refused"u8);
        _json.WriteStartObject("problem"u8);
        _json.WriteString("code"u8, code);
        _json.WriteString("detail"u8, outcome.Detail);
        if (outcome.Pointer.Length > 0)
        {
            _json.WriteString("pointer"u8, outcome.Pointer);
        }

        _json.WriteEndObject();
    }

    private void EndLine()
    {
        _json.Flush();
        _json.Reset();
        response.BodyWriter.GetSpan(1)[0] = (byte)'\n';
        response.BodyWriter.Advance(1);
    }
}
