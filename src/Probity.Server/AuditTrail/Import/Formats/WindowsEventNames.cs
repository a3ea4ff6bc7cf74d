namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Names of Windows Security events and meanings of their status codes.</summary>
/// <remarks>
/// Source: Microsoft Learn, "Advanced security audit policy settings" (event pages); status codes: [MS-ERREF] §2.3.
/// </remarks>
internal static class WindowsEventNames
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["1100"] = "log_service_stopped",
        ["1102"] = "audit_log_cleared",
        ["1104"] = "security_log_full",
        ["4608"] = "system_started",
        ["4616"] = "system_time_changed",
        ["4624"] = "logon",
        ["4625"] = "logon_failed",
        ["4634"] = "logoff",
        ["4647"] = "logoff_by_user",
        ["4648"] = "logon_with_explicit_credentials",
        ["4649"] = "replay_attack_detected",
        ["4656"] = "handle_requested",
        ["4657"] = "registry_value_changed",
        ["4658"] = "handle_closed",
        ["4660"] = "object_deleted",
        ["4661"] = "handle_requested",
        ["4662"] = "directory_object_operation",
        ["4663"] = "object_accessed",
        ["4670"] = "permissions_changed",
        ["4672"] = "special_privileges_assigned",
        ["4673"] = "privileged_service_called",
        ["4674"] = "privileged_object_operation",
        ["4688"] = "process_created",
        ["4689"] = "process_exited",
        ["4697"] = "service_installed",
        ["4698"] = "scheduled_task_created",
        ["4699"] = "scheduled_task_deleted",
        ["4700"] = "scheduled_task_enabled",
        ["4701"] = "scheduled_task_disabled",
        ["4702"] = "scheduled_task_updated",
        ["4703"] = "user_right_adjusted",
        ["4704"] = "user_right_assigned",
        ["4705"] = "user_right_removed",
        ["4713"] = "kerberos_policy_changed",
        ["4717"] = "system_access_granted",
        ["4718"] = "system_access_removed",
        ["4719"] = "audit_policy_changed",
        ["4720"] = "user_created",
        ["4722"] = "user_enabled",
        ["4723"] = "password_change_attempted",
        ["4724"] = "password_reset_attempted",
        ["4725"] = "user_disabled",
        ["4726"] = "user_deleted",
        ["4727"] = "global_group_created",
        ["4728"] = "global_group_member_added",
        ["4729"] = "global_group_member_removed",
        ["4730"] = "global_group_deleted",
        ["4731"] = "local_group_created",
        ["4732"] = "local_group_member_added",
        ["4733"] = "local_group_member_removed",
        ["4734"] = "local_group_deleted",
        ["4735"] = "local_group_changed",
        ["4737"] = "global_group_changed",
        ["4738"] = "user_changed",
        ["4739"] = "domain_policy_changed",
        ["4740"] = "user_locked_out",
        ["4741"] = "computer_created",
        ["4742"] = "computer_changed",
        ["4743"] = "computer_deleted",
        ["4754"] = "universal_group_created",
        ["4755"] = "universal_group_changed",
        ["4756"] = "universal_group_member_added",
        ["4757"] = "universal_group_member_removed",
        ["4758"] = "universal_group_deleted",
        ["4764"] = "group_type_changed",
        ["4765"] = "sid_history_added",
        ["4767"] = "user_unlocked",
        ["4768"] = "kerberos_ticket_requested",
        ["4769"] = "kerberos_service_ticket_requested",
        ["4770"] = "kerberos_service_ticket_renewed",
        ["4771"] = "kerberos_preauthentication_failed",
        ["4776"] = "credentials_validated",
        ["4778"] = "session_reconnected",
        ["4779"] = "session_disconnected",
        ["4781"] = "account_renamed",
        ["4798"] = "user_groups_enumerated",
        ["4799"] = "local_group_members_enumerated",
        ["4800"] = "workstation_locked",
        ["4801"] = "workstation_unlocked",
        ["4964"] = "special_group_logon",
        ["5136"] = "directory_object_changed",
        ["5137"] = "directory_object_created",
        ["5140"] = "share_accessed",
        ["5141"] = "directory_object_deleted",
        ["5142"] = "share_added",
        ["5145"] = "share_object_checked",
        ["5156"] = "connection_allowed",
        ["5157"] = "connection_blocked",
        ["6416"] = "device_recognised",
    };

    /// <summary>Events that record an access check: their failure is a denial.</summary>
    private static readonly HashSet<string> AccessChecks = new(StringComparer.Ordinal)
    {
        "4656", "4660", "4661", "4662", "4663", "4673", "4674", "5140", "5145", "5157",
    };

    private static readonly Dictionary<string, string> Meanings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["0xC000005E"] = "No logon servers are available.",
        ["0xC0000064"] = "The account does not exist.",
        ["0xC000006A"] = "The password is wrong.",
        ["0xC000006D"] = "The user name or password is wrong.",
        ["0xC000006E"] = "An account restriction prevents the logon.",
        ["0xC000006F"] = "The logon is outside the allowed hours.",
        ["0xC0000070"] = "The logon is from a workstation that is not allowed.",
        ["0xC0000071"] = "The password has expired.",
        ["0xC0000072"] = "The account is disabled.",
        ["0xC00000DC"] = "The server is in the wrong state for the logon.",
        ["0xC0000133"] = "The clocks differ too much.",
        ["0xC000015B"] = "The user has not been granted this logon type.",
        ["0xC0000193"] = "The account has expired.",
        ["0xC0000224"] = "The password must be changed at the next logon.",
        ["0xC0000225"] = "The object was not found.",
        ["0xC0000234"] = "The account is locked out.",
        ["0x6"] = "The client is not in the Kerberos database.",
        ["0x12"] = "The client's credentials are revoked.",
        ["0x17"] = "The password has expired.",
        ["0x18"] = "The pre-authentication was wrong (usually the password).",
        ["0x25"] = "The clocks differ too much.",
        ["%%2304"] = "An error occurred during the logon.",
        ["%%2305"] = "The account has expired.",
        ["%%2307"] = "The account is locked out.",
        ["%%2308"] = "The user has not been granted this logon type.",
        ["%%2309"] = "The password has expired.",
        ["%%2310"] = "The account is disabled.",
        ["%%2311"] = "The logon is outside the allowed hours.",
        ["%%2313"] = "The user name or password is wrong.",
    };

    /// <summary>Makes the action, e.g. <c>windows.4624.logon</c>; an event without a name keeps its number.</summary>
    public static string ActionOf(string eventId)
        => Names.TryGetValue(eventId, out var name) ? $"windows.{eventId}.{name}" : $"windows.{eventId}";

    public static bool IsAccessCheck(string eventId) => AccessChecks.Contains(eventId);

    public static string? MeaningOf(string? code)
        => code is not null && Meanings.TryGetValue(code, out var meaning) ? meaning : null;
}
