using System.Net;
using System.Text;
using Probity.Server.Access.SignIn;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class TotpTests(AccessServer server) : IClassFixture<AccessServer>
{
    private static int _made;

    /// <summary>Source: RFC 6238 appendix B, the last six of eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) =>
        Assert.Equal(code, Totp.Code(Encoding.ASCII.GetBytes("12345678901234567890"), seconds / 30));

    [Fact]
    public void Base32_is_that_of_the_standard() =>
        Assert.Equal("MZXW6YTBOI", Totp.ToBase32("foobar"u8)); // RFC 4648 section 10, without padding.

    [Fact]
    public async Task A_code_is_taken_once_also_by_two_at_a_time_and_a_recovery_code_too()
    {
        var (login, secret, recovery) = await EnrolAsync();

        (await server.TrySignInAsync(login, AccessServer.Password)).IsProblem(HttpStatusCode.Unauthorized, "access.second_factor_needed");
        (await server.TrySignInAsync(login, "not the password", Code(secret))).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        server.Clock.Advance(TimeSpan.FromSeconds(30));
        var code = Code(secret);
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.TrySignInAsync(login, AccessServer.Password, code)));
        Assert.Single(both, a => a.Status == HttpStatusCode.OK);
        (await server.TrySignInAsync(login, AccessServer.Password, code)).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");

        server.Clock.Advance(TimeSpan.FromMinutes(30));
        (await server.SignInAsync(login, AccessServer.Password, recovery[0])).Dispose();
        (await server.TrySignInAsync(login, AccessServer.Password, recovery[0])).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        (await server.SignInAsync(login, AccessServer.Password, recovery[1].ToUpperInvariant())).Dispose();
    }

    [Fact]
    public async Task A_code_of_another_time_is_refused()
    {
        var (login, secret, _) = await EnrolAsync();
        server.Clock.Advance(TimeSpan.FromMinutes(10));
        var step = Totp.StepOf(server.Clock.GetUtcNow());

        foreach (var other in (long[])[step - 2, step + 2])
        {
            (await server.TrySignInAsync(login, AccessServer.Password, Totp.Code(secret, other)))
                .IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        }

        (await server.SignInAsync(login, AccessServer.Password, Totp.Code(secret, step - 1))).Dispose();
    }

    [Fact]
    public async Task The_secret_is_nowhere_in_the_store_or_the_ledger()
    {
        var (_, secret, recovery) = await EnrolAsync();

        var text = string.Concat((await server.EntriesFromAsync(0)).Select(e => e.ToJsonString()));
        Assert.DoesNotContain(recovery[0], text, StringComparison.Ordinal);
        foreach (var file in Directory.GetFiles(server.Folder, "probity.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes);
            Assert.Equal(-1, bytes.AsSpan().IndexOf(secret));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Totp.ToBase32(secret))));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(recovery[0].Replace("-", "", StringComparison.Ordinal))));
            Assert.Equal(-1, bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(AccessServer.Password)));
        }
    }

    private async Task<(string Login, byte[] Secret, string[] Recovery)> EnrolAsync()
    {
        using var ana = await server.SignInAsync();
        var login = $"totp{Interlocked.Increment(ref _made)}";
        await server.InviteAsync(ana, login);
        using var ben = await server.SignInAsync(login);
        var offer = await ben.PostAsync("/api/v1/account/totp");
        var secret = FromBase32(offer.Json["secret"]!.GetValue<string>());
        (await ben.PostAsync("/api/v1/account/totp:confirm", new { code = "000000" })).IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        var codes = await ben.PostAsync("/api/v1/account/totp:confirm", new { code = Code(secret) });
        Assert.True(codes.Status == HttpStatusCode.OK, codes.Text);
        return (login, secret, [.. codes.Json["codes"]!.AsArray().Select(c => c!.GetValue<string>())]);
    }

    private string Code(byte[] secret) => Totp.Code(secret, Totp.StepOf(server.Clock.GetUtcNow()));

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}
