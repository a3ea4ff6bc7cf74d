using System.Diagnostics;
using Xunit;

namespace Probity.Server.Tests.Docs;

public sealed class ShellSessionTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_later_block_sees_the_variables_and_the_folder_of_an_earlier_one()
    {
        await using var session = NewSession();

        await session.RunAsync("cd /usr\nword=here\n", s_limit);
        var (code, output) = await session.RunAsync("echo \"$word $PWD\"\n", s_limit);

        Assert.Equal((0, "here /usr\n"), (code, output));
    }

    [Theory]
    [InlineData("false\necho after\n")]
    [InlineData("false | cat\n")]
    [InlineData("no-such-command-of-ours\n")]
    [InlineData("echo fine\nfalse\n")]
    public async Task A_failing_command_fails_its_block_wherever_it_stands(string block)
    {
        await using var session = NewSession();

        var (code, _) = await session.RunAsync(block, s_limit);

        Assert.NotEqual(0, code);
    }

    [Fact]
    public async Task A_block_after_a_failed_one_can_succeed()
    {
        await using var session = NewSession();

        await session.RunAsync("false\n", s_limit);
        var (code, _) = await session.RunAsync("true\n", s_limit);

        Assert.Equal(0, code);
    }

    [Fact]
    public async Task A_block_that_does_not_end_is_told_apart()
    {
        await using var session = NewSession();

        var (code, _) = await session.RunAsync("sleep 600\n", TimeSpan.FromSeconds(1));

        Assert.Null(code);
    }

    [Fact]
    public async Task Home_is_empty()
    {
        await using var session = NewSession();

        var (code, output) = await session.RunAsync("ls -A \"$HOME\"\n", s_limit);

        Assert.Equal((0, ""), (code, output));
    }

    [Fact]
    public async Task What_a_block_left_in_the_background_ends_with_the_session()
    {
        int processId;
        await using (var session = NewSession())
        {
            var (_, output) = await session.RunAsync("sleep 600 &\necho $!\n", s_limit);
            processId = int.Parse(output.Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }

        // A killed process lives on until its adopter has collected it, so it may be seen for a moment longer.
        var ended = await EndsAsync(processId);
        Assert.True(ended, $"Process {processId} was not ended with the session within 20 s.");
    }

    private static async Task<bool> EndsAsync(int processId)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            try
            {
                using var process = Process.GetProcessById(processId);
                if (File.Exists($"/proc/{processId}/stat")
                    && (await File.ReadAllTextAsync($"/proc/{processId}/stat")).Contains(") Z ", StringComparison.Ordinal))
                {
                    return true;
                }
            }
            catch (Exception gone) when (gone is ArgumentException or IOException)
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        return false;
    }

    [Theory]
    [InlineData("dotnet run --project src/Probity.Server -c Release -- up --data d\n", "http://127.0.0.1:8080")]
    [InlineData("# start\nprobity up --data d \\\n  --urls http://127.0.0.1:9000\n", "http://127.0.0.1:9000")]
    [InlineData("probity up --data d &\n", null)]
    [InlineData("probity doctor\n", null)]
    [InlineData("probity up\ncurl -s localhost\n", null)]
    public void A_block_that_ends_with_a_server_in_the_foreground_is_known(string block, string? url)
    {
        Assert.Equal(url, ShellSession.ServerUrl(block));
    }

    private static ShellSession NewSession() => new(Path.GetTempPath(), new Dictionary<string, string>());
}
