using Probity.Server.Access.OpenId;
using Probity.Server.Hosting.Settings;
using Xunit;

namespace Probity.Server.Tests.Hosting.Settings;

public sealed class OidcSettingsTests
{
    private const string Authority = "AUDIT_OIDC_AUTHORITY";
    private const string Client = "AUDIT_OIDC_CLIENT_ID";
    private const string Secret = "AUDIT_OIDC_CLIENT_SECRET";

    [Fact]
    public void Without_an_authority_there_is_no_provider()
    {
        var reading = Read();

        Assert.Empty(reading.Faults);
        Assert.Null(reading.Settings!.OpenId);
        Assert.Empty(reading.Settings.GroupRoles.Lines);
    }

    [Fact]
    public void A_provider_is_read_with_its_defaults_and_printed_without_its_secret()
    {
        var settings = Read(
            (Authority, "https://login.bank.example/realms/staff/"), (Client, "probity"),
                (Secret, "a-client-secret")).Settings!;

        var provider = settings.OpenId!;
        Assert.Equal("https://login.bank.example/realms/staff", provider.Issuer);
        Assert.Equal(("groups", "single sign-on"), (provider.GroupsClaim, provider.Label));
        Assert.Equal("a-client-secret", provider.ClientSecret);
        Assert.DoesNotContain("a-client-secret", settings.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Authority, "https://login.bank.example", Client)]
    [InlineData(Client, "probity", Authority)]
    [InlineData(Secret, "a-client-secret", Authority)]
    public void Half_a_provider_is_a_fault_that_names_the_other_half(string given, string value, string missing)
    {
        var fault = Assert.Single(Read((given, value)).Faults);

        Assert.Equal(missing, fault.Name);
        Assert.Contains($"set {missing}", fault.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://login.bank.example")]
    [InlineData("login.bank.example")]
    [InlineData("https://login.bank.example?x=1")]
    [InlineData("https://user:pass@login.bank.example")]
    public void An_authority_that_is_no_safe_issuer_is_a_fault(string authority)
    {
        var fault = Assert.Single(Read((Authority, authority), (Client, "probity")).Faults);

        Assert.Equal(Authority, fault.Name);
    }

    [Fact]
    public void Groups_stand_for_roles_with_their_reach()
    {
        var map =
            Read(("AUDIT_GROUP_ROLES",
            "aml=analyst@FR01+DE01; CN=boss,OU=x=compliance_officer;aml=approver")).Settings!.GroupRoles;

        Assert.Equal(
            [new HeldByGroup("analyst", "DE01 FR01"), new HeldByGroup("approver", "*")],
            map.RolesOf(["aml", "other"]).OrderBy(r => r.Role, StringComparer.Ordinal));
        Assert.Equal("compliance_officer", Assert.Single(map.RolesOf(["CN=boss,OU=x"])).Role);
        Assert.Empty(map.RolesOf(["AML"])); // To the letter.
    }

    [Theory]
    [InlineData("aml")]
    [InlineData("=analyst")]
    [InlineData("aml=")]
    [InlineData("aml=Analyst")]
    [InlineData("aml=analyst@")]
    [InlineData("aml=analyst@DE 01")]
    [InlineData(";")]
    public void A_map_that_is_not_understood_is_a_fault(string map) =>
        Assert.Equal("AUDIT_GROUP_ROLES", Assert.Single(Read(("AUDIT_GROUP_ROLES", map)).Faults).Name);

    private static SettingsReading Read(params (string Name, string Value)[] environment) =>
        SettingsReader.Read(environment.ToDictionary(e => e.Name, e => e.Value, StringComparer.Ordinal));
}
