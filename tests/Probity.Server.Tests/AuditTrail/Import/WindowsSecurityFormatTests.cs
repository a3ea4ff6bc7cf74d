using Xunit;

namespace Probity.Server.Tests.AuditTrail.Import;

public sealed class WindowsSecurityFormatTests
{
    private const string Logon =
        """{"EventTime":"2020-08-01 07:53:23","Hostname":"dc.bank.example","Keywords":-9214364837600034816,"EventType":"AUDIT_SUCCESS","EventID":4624,"SourceName":"Microsoft-Windows-Security-Auditing","RecordNumber":220272,"Channel":"Security","Message":"An account was successfully logged on.\r\n\r\nSubject:\r\n\t...","SubjectUserSid":"S-1-5-18","SubjectUserName":"DC$","SubjectDomainName":"BANK","SubjectLogonId":"0x3e7","TargetUserSid":"S-1-5-21-1-2-3-500","TargetUserName":"ada","TargetDomainName":"BANK","LogonType":"3","IpAddress":"::ffff:192.0.2.7","ProcessName":"-","EventReceivedTime":"2020-08-01 07:53:25"}""";

    [Fact]
    public async Task A_logon_is_mapped_field_by_field()
    {
        var wire = await ImportSamples.ReadOneAsync("windows-security", Logon);

        Assert.Equal("windows.4624.logon", wire.Value("action"));
        Assert.Equal("S-1-5-18", wire.Value("actor/id"));
        Assert.Equal("system", wire.Value("actor/type"));
        Assert.Equal("BANK\\DC$", wire.Value("actor/name"));
        Assert.Equal("0x3e7", wire.Value("actor/session"));
        Assert.Equal("S-1-5-21-1-2-3-500", wire.Value("targets/0/id"));
        Assert.Equal("BANK\\ada", wire.Value("targets/0/name"));
        Assert.Equal("dc.bank.example", wire.Value("targets/1/id"));
        Assert.Equal("2020-08-01T07:53:23Z", wire.Value("occurred_at"));
        Assert.Equal("UTC", wire.Value("data/assumed_time_zone"));
        Assert.Equal("192.0.2.7", wire.Value("context/address"));
        Assert.Equal("-9214364837600034816", wire.Value("data/keywords"));
        Assert.Equal("An account was successfully logged on.", wire.Value("data/summary"));
        Assert.Null(wire.Value("data/process_name"));
        Assert.Equal("windows-security:dc.bank.example", wire.Value("source"));
        Assert.Contains("-9214364837600034816", wire.OriginalText(), StringComparison.Ordinal);
        Assert.Equal(Logon, wire.OriginalText());
    }

    [Fact]
    public async Task Keywords_beyond_what_a_double_keeps_are_text()
    {
        var wire = await ImportSamples.ReadOneAsync("windows-security", Logon);

        Assert.Equal(System.Text.Json.JsonValueKind.String, wire.GetProperty("data").GetProperty("keywords").ValueKind);
        Assert.Equal(System.Text.Json.JsonValueKind.Number, wire.GetProperty("data").GetProperty("event_id").ValueKind);
    }

    [Fact]
    public async Task Without_a_subject_the_account_itself_acts()
    {
        var text = Logon.Replace("\"S-1-5-18\"", "\"S-1-0-0\"", StringComparison.Ordinal)
            .Replace("\"DC$\"", "\"-\"", StringComparison.Ordinal);

        var wire = await ImportSamples.ReadOneAsync("windows-security", text);

        Assert.Equal("S-1-5-21-1-2-3-500", wire.Value("actor/id"));
        Assert.Equal("user", wire.Value("actor/type"));
    }

    [Theory]
    [InlineData("4625", "failure")]
    [InlineData("4663", "denied")]
    public async Task An_audit_failure_is_a_denial_only_where_access_was_checked(string eventId, string outcome)
    {
        var text = Logon.Replace("AUDIT_SUCCESS", "AUDIT_FAILURE", StringComparison.Ordinal)
            .Replace("4624", eventId, StringComparison.Ordinal)
            .Replace("\"LogonType\"", "\"Status\":\"0xc000006d\",\"SubStatus\":\"0xc000006a\",\"LogonType\"", StringComparison.Ordinal);

        var wire = await ImportSamples.ReadOneAsync("windows-security", text);

        Assert.Equal(outcome, wire.Value("outcome"));
        Assert.Equal("0xc000006a", wire.Value("reason/code"));
        Assert.Equal("The password is wrong.", wire.Value("reason/text"));
    }

    [Fact]
    public async Task An_unknown_event_keeps_its_number()
    {
        var wire = await ImportSamples.ReadOneAsync(
            "windows-security", Logon.Replace("4624", "59999", StringComparison.Ordinal));

        Assert.Equal("windows.59999", wire.Value("action"));
    }

    [Fact]
    public async Task The_same_event_collected_again_has_the_same_id()
    {
        var again = Logon.Replace("07:53:25", "09:00:00", StringComparison.Ordinal);

        var one = await ImportSamples.ReadOneAsync("windows-security", Logon);
        var other = await ImportSamples.ReadOneAsync("windows-security", again);

        Assert.Equal(one.Value("external_id"), other.Value("external_id"));
    }

    [Fact]
    public async Task A_record_number_that_returns_after_the_log_was_cleared_is_another_event()
    {
        var later = Logon.Replace("2020-08-01 07:53:23", "2020-08-02 07:53:23", StringComparison.Ordinal);

        var one = await ImportSamples.ReadOneAsync("windows-security", Logon);
        var other = await ImportSamples.ReadOneAsync("windows-security", later);

        Assert.NotEqual(one.Value("external_id"), other.Value("external_id"));
        Assert.StartsWith("Security:220272:", one.Value("external_id"), StringComparison.Ordinal);
    }
}
