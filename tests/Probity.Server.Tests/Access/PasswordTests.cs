using System.Net;
using System.Security.Cryptography;
using System.Text;
using Probity.Server.Access.SignIn;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Access;

public sealed class PasswordTests(AccessServer server) : IClassFixture<AccessServer>
{
    private const string New = "other plain words for a test";
    private static int _made;

    [Fact]
    public async Task A_change_needs_the_current_password_and_ends_the_other_sessions()
    {
        var login = await JoinAsync();
        using var here = await server.SignInAsync(login);
        using var there = await server.SignInAsync(login);

        (await ChangeAsync(here, "not the current one", New))
            .IsProblem(HttpStatusCode.Unauthorized, "access.sign_in_failed");
        var from = await server.SizeAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await ChangeAsync(here, AccessServer.Password, New)).Status);

        Assert.Equal(["probity.access.password_set", "probity.access.session_revoked"],
            await server.TypesFromAsync(from));
        Assert.Equal(HttpStatusCode.OK, (await here.GetAsync("/api/v1/session")).Status);
        (await there.GetAsync("/api/v1/session")).IsProblem(HttpStatusCode.Unauthorized, "access.session_ended");
        Assert.Equal("access.sign_in_failed", (await server.TrySignInAsync(login, AccessServer.Password)).Code);
        using var again = await server.SignInAsync(login, New);
    }

    [Theory]
    [InlineData("eleven char")]
    [InlineData("password1234")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("my login is {login}")]
    [InlineData("leaked words of someone")]
    public async Task A_password_that_is_short_common_breached_or_the_login_is_refused(string password)
    {
        await LeakAsync("leaked words of someone");
        var login = await JoinAsync();
        using var here = await server.SignInAsync(login);

        var answer =
            await ChangeAsync(here, AccessServer.Password,
            password.Replace("{login}", login, StringComparison.Ordinal));

        answer.IsProblem(HttpStatusCode.UnprocessableEntity, "access.password_refused", "/password");
        Assert.DoesNotContain(password, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alllowercaseletters")]
    [InlineData("  spaces at both ends  ")]
    [InlineData("пароль из простых слов")]
    [InlineData("🔑🔒🗝 keys and locks")]
    public async Task Any_characters_will_do_and_nothing_is_cut_or_changed(string start)
    {
        var password = start + new string('x', 200 - start.Length) + "Y"; // Far beyond 64.
        var login = await JoinAsync();
        using var here = await server.SignInAsync(login);

        Assert.Equal(HttpStatusCode.NoContent, (await ChangeAsync(here, AccessServer.Password, password)).Status);

        using var again = await server.SignInAsync(login, password);
        foreach (var other in (string[])[password[..^1], password.ToLowerInvariant(), password.TrimStart(),
            password + "z"])
        {
            if (other != password)
            {
                Assert.Equal("access.sign_in_failed", (await server.TrySignInAsync(login, other)).Code);
            }
        }
    }

    [Fact]
    public void Passwords_are_kept_as_argon2id_with_the_cost_of_the_decision()
    {
        var hashing = new PasswordHashing(PasswordCost.Default);

        var hash = hashing.HashPassword(null!, "some words"); // The user is not looked at.

        Assert.StartsWith("$argon2id$v=19$m=65536,t=3,p=1$", hash, StringComparison.Ordinal);
        Assert.NotEqual(hash, hashing.HashPassword(null!, "some words")); // Each has its own salt.
        Assert.DoesNotContain("some words", hash, StringComparison.Ordinal);
    }

    private static Task<Answer> ChangeAsync(Browser browser, string current, string password) =>
        browser.PostAsync("/api/v1/account/password", new { current, password });

    /// <summary>
    /// Puts a password into the operator's list of breached ones, in the form in which such lists are published.
    /// </summary>
    private async Task LeakAsync(string password)
    {
#pragma warning disable CA5350 // The form of the list.
        var line = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password))) + ":17\n";
#pragma warning restore CA5350
        await File.WriteAllTextAsync(Path.Combine(server.Folder, BreachedPasswordFile.FileName), line);
    }

    private async Task<string> JoinAsync()
    {
        var login = $"word{Interlocked.Increment(ref _made)}";
        using var ana = await server.SignInAsync();
        await server.InviteAsync(ana, login);
        return login;
    }
}
