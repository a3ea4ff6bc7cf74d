using System.Text.Json;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Finds who acted and on what in the fields of a Windows event.</summary>
/// <remarks>
/// Windows names a Subject (who asked) and a Target (whose account). Where there is no Subject, as in a network logon
/// (its SID is S-1-0-0), the account that logs on is the one who acts. The account is a target in both cases, so that
/// a search for what happened to it is complete.
/// </remarks>
internal sealed record WindowsPrincipals(ActorDraft Actor, IReadOnlyList<TargetDraft> Targets)
{
    private const string NobodySid = "S-1-0-0";

    public static WindowsPrincipals Of(JsonElement sourceEvent, string host)
    {
        var subject = AccountOf(
            sourceEvent, "SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId");
        var target = AccountOf(
            sourceEvent,
            sourceEvent.Text("TargetUserSid") is null ? "TargetSid" : "TargetUserSid",
            "TargetUserName",
            "TargetDomainName",
            "TargetLogonId");
        var actor = subject ?? target ?? AccountOf(sourceEvent, "UserID", "AccountName", "Domain", "LogonId")
            ?? new ActorDraft(host, "computer") { Name = host };
        return new WindowsPrincipals(actor, TargetsOf(sourceEvent, host, target));
    }

    private static ActorDraft? AccountOf(
        JsonElement sourceEvent, string sidField, string nameField, string domainField, string logonField)
    {
        var sid = WindowsSecurityFormat.Value(sourceEvent, sidField) is { } found and not NobodySid ? found : null;
        var account = WindowsSecurityFormat.Value(sourceEvent, nameField);
        if (sid is null && account is null)
        {
            return null;
        }

        var name = FullName(account, WindowsSecurityFormat.Value(sourceEvent, domainField));
        var logon = WindowsSecurityFormat.Value(sourceEvent, logonField);
        return new ActorDraft(sid ?? name ?? "unknown", TypeOf(sid, account))
        {
            Name = name,
            Session = logon is "0x0" ? null : logon,
        };
    }

    /// <summary>Kerberos writes <c>user@REALM</c> beside the same realm; both become <c>REALM\user</c>.</summary>
    private static string? FullName(string? account, string? domain)
    {
        if (account is null || domain is null)
        {
            return account;
        }

        return account.EndsWith("@" + domain, StringComparison.OrdinalIgnoreCase)
            ? $"{domain}\\{account[..^(domain.Length + 1)]}"
            : $"{domain}\\{account}";
    }

    /// <summary>Source: Microsoft Learn, "Well-known SIDs"; computer accounts end with a dollar sign.</summary>
    private static string TypeOf(string? sid, string? account) => (sid, account) switch
    {
        ("S-1-5-18" or "S-1-5-19" or "S-1-5-20", _) => "system",
        ("S-1-5-7", _) => "anonymous",
        ({ } builtIn, _) when builtIn.StartsWith("S-1-5-32-", StringComparison.Ordinal) => "group",
        ({ } service, _) when service.StartsWith("S-1-5-80-", StringComparison.Ordinal) => "service",
        (_, { } name) when name.Split('@')[0].EndsWith('$') => "computer",
        _ => "user",
    };

    private static List<TargetDraft> TargetsOf(JsonElement sourceEvent, string host, ActorDraft? account)
    {
        var targets = new List<TargetDraft>();
        if (account is not null)
        {
            targets.Add(new TargetDraft(account.Id, account.Type, account.Name));
        }

        Add("MemberSid", "account", "MemberName");
        Add("ServiceSid", "service", "ServiceName");
        if (sourceEvent.Text("ServiceSid") is null)
        {
            Add("ServiceName", "service");
        }

        Add("TargetServerName", "server");
        Add("ObjectName", ObjectTypeOf(sourceEvent));
        Add("TaskName", "scheduled_task");
        Add("ShareName", "share");
        Add("NewProcessName", "process");
        Add("SubcategoryGuid", "audit_policy");
        targets.Add(new TargetDraft(host, "host", host));
        return targets;

        void Add(string idField, string type, string? nameField = null)
        {
            if (WindowsSecurityFormat.Value(sourceEvent, idField) is { } id and not NobodySid
                && targets.All(known => known.Id != id))
            {
                var name = nameField is null ? null : WindowsSecurityFormat.Value(sourceEvent, nameField);
                targets.Add(new TargetDraft(id, type, name));
            }
        }
    }

    private static string ObjectTypeOf(JsonElement sourceEvent)
        => WindowsSecurityFormat.Value(sourceEvent, "ObjectType") is { } type
            && !type.StartsWith('%')
            ? type.ToLowerInvariant()
            : WindowsSecurityFormat.Value(sourceEvent, "ObjectServer") is "DS" ? "directory_object" : "object";
}
