using Probity.Server.AuditTrail.Api;

namespace Probity.Server.Ui.Layout;

/// <summary>What the top bar says of the ledger: how far an outsider may rely on it, in words that do not promise more.</summary>
internal sealed class LedgerTier(IServiceProvider services)
{
    public string Text { get; private set; } = "Ledger";

    public string Explanation { get; private set; } = "The state of the ledger";

    /// <summary>The class of the dot: ok, warn or bad.</summary>
    public string Tone { get; private set; } = "warn";

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (services.GetService<LedgerEndpoints>() is not { } ledger)
        {
            return;
        }

        var overview = await ledger.OverviewAsync(cancellationToken);
        var signing = overview["signing"]?.GetValue<string>() ?? "";
        if (overview["verification"]?["finding"] is { } finding)
        {
            (Tone, Text, Explanation) = ("bad", "Verification failed", finding.GetValue<string>());
        }
        else if (signing != "active")
        {
            (Tone, Text, Explanation) = ("bad", "Signing stopped", signing);
        }
        else
        {
            (Tone, Text) = ("ok", "Signed, no outside witness");
            Explanation = "Every change is signed by this server's key. Nobody outside has seen the log yet: "
                + "keep a checkpoint elsewhere to prove that later.";
        }
    }
}
