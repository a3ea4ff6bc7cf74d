using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Windows Security events as JSON lines with flat fields, as NXLog's <c>to_json</c> writes them.</summary>
/// <remarks>Source: Microsoft Learn, "Appendix L: Events to Monitor" and the pages of the single events.</remarks>
internal sealed class WindowsSecurityFormat : MappedFormat
{
    /// <summary>Fields of the collector, which differ when the same event is collected again.</summary>
    private static readonly HashSet<string> CollectorFields =
        new(StringComparer.Ordinal) { "EventReceivedTime", "SourceModuleName", "SourceModuleType" };

    private static readonly (string Name, string Field)[] Details =
    [
        ("category", "Category"), ("severity", "Severity"), ("logon_type", "LogonType"),
        ("logon_process", "LogonProcessName"), ("authentication_package", "AuthenticationPackageName"),
        ("logon_guid", "LogonGuid"), ("elevated", "ElevatedToken"), ("impersonation", "ImpersonationLevel"),
        ("process_name", "ProcessName"), ("caller_process_name", "CallerProcessName"),
        ("new_process_name", "NewProcessName"), ("command_line", "CommandLine"), ("port", "IpPort"),
        ("workstation", "WorkstationName"), ("status", "Status"), ("sub_status", "SubStatus"),
        ("privileges", "PrivilegeList"), ("service_name", "ServiceName"), ("ticket_options", "TicketOptions"),
        ("ticket_encryption", "TicketEncryptionType"), ("access_mask", "AccessMask"),
        ("operation_type", "OperationType"), ("subject_logon_id", "SubjectLogonId"),
        ("target_logon_id", "TargetLogonId"), ("task_name", "TaskName"), ("keywords", "Keywords"),
    ];

    public override string Name => "windows-security";

    public override bool Recognises(JsonElement sourceEvent)
        => sourceEvent.Text("EventID") is not null
            && (sourceEvent.Text("Hostname") ?? sourceEvent.Text("Computer")) is not null
            && (sourceEvent.Text("EventTime") ?? sourceEvent.Text("RecordNumber")) is not null;

    protected override EventDraft Map(JsonElement sourceEvent, ReadOnlySpan<byte> text)
    {
        var eventId = sourceEvent.Required("EventID");
        var host = sourceEvent.Text("Hostname") ?? sourceEvent.Required("Computer");
        var occurredAt = sourceEvent.RequiredTime(out var zoneAssumed, "EventTime");
        var principals = WindowsPrincipals.Of(sourceEvent, host);
        return new EventDraft
        {
            Action = WindowsEventNames.ActionOf(eventId),
            Actor = principals.Actor,
            Targets = principals.Targets,
            OccurredAt = occurredAt,
            Outcome = OutcomeOf(sourceEvent, eventId),
            Reason = ReasonOf(sourceEvent),
            Context = new ContextDraft
            {
                Address = AddressOf(sourceEvent),
                Service = sourceEvent.Text("SourceName"),
                RequestId = sourceEvent.Text("ActivityID"),
            },
            Details = DetailsOf(sourceEvent, host, zoneAssumed),
            Source = $"windows-security:{host}",
            ExternalId = ExternalIdOf(sourceEvent),
        };
    }

    /// <summary>
    /// Channel and record number alone are not unique: numbers begin again when the log is cleared (event 1102), and an
    /// id that returns would hide a new event behind an old one. So the event's own fields are hashed in.
    /// </summary>
    private static string ExternalIdOf(JsonElement sourceEvent)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var member in sourceEvent.EnumerateObject())
        {
            if (!CollectorFields.Contains(member.Name))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{member.Name}\0{member.Value.GetRawText()}\n"));
            }
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
        return $"{sourceEvent.Text("Channel") ?? "Security"}:{sourceEvent.Text("RecordNumber") ?? "-"}:{digest}";
    }

    private static string OutcomeOf(JsonElement sourceEvent, string eventId)
    {
        var type = sourceEvent.Text("EventType") ?? "";
        return type switch
        {
            "AUDIT_FAILURE" or "Audit Failure" =>
                WindowsEventNames.IsAccessCheck(eventId) ? Outcomes.Denied : Outcomes.Failure,
            "AUDIT_SUCCESS" or "Audit Success" or "INFO" => Outcomes.Success,
            "ERROR" => Outcomes.Failure,
            _ => Outcomes.Unknown,
        };
    }

    private static ReasonDraft? ReasonOf(JsonElement sourceEvent)
    {
        if (sourceEvent.Text("EventType") is not "AUDIT_FAILURE")
        {
            return null;
        }

        var status = Code(sourceEvent.Text("SubStatus")) ?? Code(sourceEvent.Text("Status"))
            ?? Code(sourceEvent.Text("FailureCode")) ?? Code(sourceEvent.Text("ErrorCode"));
        var failure = sourceEvent.Text("FailureReason");
        return ReasonDraft.Of(
            status, WindowsEventNames.MeaningOf(status) ?? WindowsEventNames.MeaningOf(failure) ?? failure);
    }

    private static string? Code(string? code) => code is null or "-" or "0x0" or "0" ? null : code;

    private static string? AddressOf(JsonElement sourceEvent)
    {
        var address = Value(sourceEvent, "IpAddress") ?? Value(sourceEvent, "ClientAddress");

        // Kerberos writes IPv4 clients as mapped IPv6; a search for the address should find both spellings.
        return address?.StartsWith("::ffff:", StringComparison.OrdinalIgnoreCase) == true
            && address.Contains('.', StringComparison.Ordinal)
            ? address[7..]
            : address;
    }

    private static JsonObject DetailsOf(JsonElement sourceEvent, string host, bool zoneAssumed)
    {
        var details = new JsonObject();
        details.Put("event_id", sourceEvent.At("EventID"));
        details.Put("record_number", sourceEvent.At("RecordNumber"));
        details.Put("channel", sourceEvent.At("Channel"));
        details.Put("host", host);
        details.Put("summary", SummaryOf(sourceEvent.Text("Message")));
        foreach (var (name, field) in Details)
        {
            if (Value(sourceEvent, field) is not null)
            {
                details.Put(name, sourceEvent.At(field));
            }
        }

        if (details["privileges"] is JsonValue privileges)
        {
            details["privileges"] = string.Join(' ', privileges.GetValue<string>().Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        }

        if (zoneAssumed)
        {
            details["assumed_time_zone"] = "UTC";
        }

        return details;
    }

    /// <summary>The message's first sentence; what follows repeats the fields.</summary>
    private static string? SummaryOf(string? message)
    {
        var line = message?.Split(['\r', '\n'], 2)[0].Trim();
        return line is { Length: > 200 } ? line[..200] : line;
    }

    /// <summary>A field, or null when Windows writes that there is none.</summary>
    internal static string? Value(JsonElement sourceEvent, string field)
        => sourceEvent.Text(field) is { } value && value.Trim() is not ("-" or "%%1793" or "") ? value : null;
}
