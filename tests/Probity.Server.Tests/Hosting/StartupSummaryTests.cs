using Probity.Server.Hosting.Startup;
using Xunit;

namespace Probity.Server.Tests.Hosting;

public class StartupSummaryTests
{
    [Fact]
    public void The_first_start_tells_places_and_never_a_secret()
    {
        using var folder = new TemporaryFolder();
        var settings = RunningServer.Settings(folder.Path);

        var text = Write(new StartupFacts(settings, new Uri("http://127.0.0.1:8080"), LedgerGlance.None, true, ["look out"]));

        Assert.Contains("Open", text, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:8080/metrics", text, StringComparison.Ordinal);
        Assert.Contains("signed; no outside witness yet", text, StringComparison.Ordinal);
        Assert.Contains($"$(cat {settings.BootstrapKeyFile})", text, StringComparison.Ordinal);
        Assert.Contains("WARNING  look out", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.DoesNotContain(Convert.ToHexString(settings.EncryptionKey!.Bytes), text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_later_start_tells_four_lines()
    {
        using var folder = new TemporaryFolder();

        var text = Write(new StartupFacts(
            RunningServer.Settings(folder.Path), new Uri("http://127.0.0.1:8080"), new LedgerGlance(41_902, "chain OK", "signed"), false, []));

        Assert.Equal(4, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("41,902 events", text, StringComparison.Ordinal);
    }

    private static string Write(StartupFacts facts)
    {
        using var writer = new StringWriter();
        StartupSummary.Write(new Ink(writer, hasColour: false), facts);
        return writer.ToString();
    }
}
