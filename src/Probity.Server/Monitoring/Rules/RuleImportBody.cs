using System.Text.Json;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Monitoring.Rules;

/// <summary><c>probity rules import</c>: what it makes is a draft; nothing judges by it yet.</summary>
internal static class RuleImportBody
{
    /// <summary>Takes a pack in.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the modules that monitoring needs in a data folder.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> RunAsync(
        RuleImportRequest request, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var note = DeskVerb.Read(
            request.Path, UpdatePack.MaxBytes, "Ask the publisher for smaller packs.",
            "Correct the path or the rights of the file.");
        using var body = new ByteArrayContent(note);
        var view = await new DeskVerb(context, request.Remote, more).AskAsync(
            "monitoring/rules:import", body,
            async (services, entry) =>
            {
                var pack = UpdatePack.Read(note, context.Settings.PackKeys);
                return PackView.Of(
                    await services.GetRequiredService<RuleDesk>().ImportAsync(pack, entry, cancellationToken), pack);
            },
            cancellationToken);
        Tell(context, view);
        return ExitCode.Done;
    }

    private static void Tell(VerbContext context, PackView view)
    {
        if (context.IsJson)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(view, CliJson.Options));
            return;
        }

        context.Output.WriteLine(FormattableString.Invariant(
            $"{view.Pack}, signed by {view.SignedBy}, from {view.EffectiveFrom:yyyy-MM-dd}: draft {view.RuleSet.Id}"));
        Lines(context, "new rule", view.Added);
        Lines(context, "changed rule", view.Changed);
        Lines(context, "withdrawn rule", view.Withdrawn);
        Lines(context, "gone", view.ReferenceRemoved);
        Lines(context, "new", view.ReferenceAdded);
        context.Output.WriteLine("Nothing judges by it yet: back-test it under Rules, and ask for it to go live.");
    }

    private static void Lines(VerbContext context, string what, IReadOnlyList<string> items)
    {
        foreach (var item in items)
        {
            context.Output.WriteLine($"  {what}: {item}");
        }
    }
}
