using System.Net.Http.Headers;
using System.Text.Json;
using Probity.Server.Access;
using Probity.Server.AuditTrail.Cli;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Problems;

namespace Probity.Server.Monitoring.Rules;

/// <summary>
/// <c>probity rules import</c>: through a server when one is named or holds the data folder, else in the folder itself.
/// What it makes is a draft; nothing judges by it yet.
/// </summary>
internal static class RuleImportBody
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>Takes a pack in.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="context">What the verb works with.</param>
    /// <param name="more">Adds the services of the modules that monitoring needs in a data folder.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> RunAsync(
        RuleImportRequest request, VerbContext context, Action<IServiceCollection> more,
        CancellationToken cancellationToken)
    {
        var note = Read(request.Path);
        var remote = request.Remote ?? (context.TryGetServer(out var server) ? server : null);
        var view = remote is not null
            ? await SendAsync(note, remote, cancellationToken)
            : await KeepAsync(note, context, more, cancellationToken);
        Tell(context, view);
        return ExitCode.Done;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= UpdatePack.MaxBytes
                ? File.ReadAllBytes(path)
                : throw new ExpectedFaultException(
                    $"{path} has more than {UpdatePack.MaxBytes} bytes.", "Ask the publisher for smaller packs.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ExpectedFaultException(
                $"{path} cannot be read: {fault.Message}", "Correct the path or the rights of the file.", cause: fault);
        }
    }

    private static async Task<PackView> KeepAsync(
        byte[] note, VerbContext context, Action<IServiceCollection> more, CancellationToken cancellationToken)
    {
        try
        {
            var pack = UpdatePack.Read(note, context.Settings.PackKeys);
            await using var ledger = await LocalLedger.OpenAsync(context, cancellationToken, more);
            var entry = new AccessEntry(
                Caller.Server.ToActor(), null, ledger.Services.GetRequiredService<TimeProvider>());
            var draft = await ledger.Services.GetRequiredService<RuleDesk>()
                .ImportAsync(pack, entry, cancellationToken);
            return PackView.Of(draft, pack);
        }
        catch (ProblemException refused)
        {
            var faults = (refused.Faults ?? []).Select(fault => $"{fault.Pointer} {fault.Detail}");
            throw new ExpectedFaultException(
                string.Join(' ', faults.Prepend(refused.Detail ?? refused.Code.Title)), refused.Code.Remedy,
                cause: refused);
        }
    }

    private static async Task<PackView> SendAsync(
        byte[] note, ServerAddress server, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Key);
        using var body = new ByteArrayContent(note);
        using var answer = await http.PostAsync(
            new Uri("api/v1/monitoring/rules:import", UriKind.Relative), body, cancellationToken);
        return answer.IsSuccessStatusCode
            && await answer.Content.ReadFromJsonAsync<PackView>(s_json, cancellationToken) is { } view
            ? view
            : throw new ExpectedFaultException(
                $"The server answers {(int)answer.StatusCode}: "
                + await answer.Content.ReadAsStringAsync(cancellationToken),
                "Do what it says; the key needs the permission monitoring.rule.manage.");
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
