using System.Text.Json;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Monitoring.Rules;

/// <summary><c>probity rules rebase</c>: what it makes is another draft; the one that is named stays as it
/// was.</summary>
internal static class RuleRebaseBody
{
    /// <summary>Draws a draft anew on what is live.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the modules that monitoring needs in a data folder.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> RunAsync(
        RuleRebaseRequest request, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var view = await new DeskVerb(context, request.Remote, more).AskAsync(
            $"monitoring/rule-sets/{Uri.EscapeDataString(request.RuleSet)}:rebase", null,
            async (services, entry) => RuleSetView.Of(
                await services.GetRequiredService<RebaseDesk>().RebaseAsync(request.RuleSet, entry, cancellationToken),
                null),
            cancellationToken);
        await context.Output.WriteLineAsync(context.IsJson
            ? JsonSerializer.Serialize(view, CliJson.Options)
            : FormattableString.Invariant(
                $"{request.RuleSet} drawn anew after {view.BaseId}: draft {view.Id} of {view.Rules} rules\n")
                + "Nothing judges by it yet: back-test it under Rules, and ask for it to go live.");
        return ExitCode.Done;
    }
}
