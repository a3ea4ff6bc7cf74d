using System.Text.Json;
using Probity.Server.Hosting.Cli;
using Probity.Server.Hosting.Settings;
using Probity.Server.Hosting.Startup;

namespace Probity.Server.Hosting.Doctor;

/// <param name="DataDir">The folder given as an option; null for the setting.</param>
/// <param name="IsJson">Answer for machines.</param>
/// <param name="Extra">Checks of modules.</param>
internal sealed record DoctorRequest(string? DataDir, bool IsJson, IReadOnlyList<IDoctorCheck> Extra);

/// <summary>Runs every check, even after one has failed, and tells all findings. Makes no keys.</summary>
internal static class DoctorRun
{
    private static readonly TimeSpan s_perCheck = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(DoctorRequest request, TextWriter output, CancellationToken cancellationToken)
    {
        var options = request.DataDir is null
            ? []
            : new Dictionary<string, string> { [SettingCatalogue.DataDir.Name] = request.DataDir };
        var findings = await LookAsync(SettingsReader.ProcessEnvironment(), options, request.Extra, cancellationToken);
        var code = ExitOf(findings);
        Write(findings, code, request.IsJson, output);
        return code;
    }

    public static async Task<IReadOnlyList<Finding>> LookAsync(
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyDictionary<string, string> options,
        IReadOnlyList<IDoctorCheck> extra,
        CancellationToken cancellationToken)
    {
        var reading = SettingsReader.Read(environment, options);
        var findings = reading.Warnings.Select(w => new Finding(FindingKind.Warning, "configuration", w)).ToList();
        findings.AddRange(reading.Faults.Select(f => new Finding(
            FindingKind.Misconfigured, "configuration", $"{f.Name}{(f.Seen is null ? "" : $" is '{f.Seen}'")}: {f.Wrong} (rule: {f.Rule})", f.Fix)));
        if (reading.Settings is not { } settings)
        {
            return findings;
        }

        findings.Add(new(FindingKind.Ok, "configuration", "every setting is readable"));
        foreach (var check in (IReadOnlyList<IDoctorCheck>)[.. OwnChecks(), .. extra])
        {
            findings.AddRange(await LookAsync(check, settings, cancellationToken));
        }

        return findings;
    }

    private static IReadOnlyList<IDoctorCheck> OwnChecks() =>
        [new PolicyCheck(), new KeysCheck(), new FolderCheck(), new StoreCheck(), new DiskCheck(), new ClockCheck(TimeProvider.System)];

    private static async Task<IReadOnlyList<Finding>> LookAsync(
        IDoctorCheck check, ProbitySettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await check.LookAsync(settings, cancellationToken).WaitAsync(s_perCheck, cancellationToken);
        }
        catch (TimeoutException)
        {
            return [new(FindingKind.Fault, check.Name, "no answer within 15 s")];
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // One check that fails in a way it did not foresee must not hide what the others find.
            return [new(FindingKind.Fault, check.Name, $"cannot be told ({fault.GetType().Name})")];
        }
    }

    public static int ExitOf(IReadOnlyList<Finding> findings)
    {
        if (findings.Any(f => f.Kind == FindingKind.Misconfigured))
        {
            return ExitCode.Configuration;
        }

        return findings.Any(f => f.Kind == FindingKind.Fault) ? ExitCode.CannotTell : ExitCode.Done;
    }

    private static void Write(IReadOnlyList<Finding> findings, int code, bool isJson, TextWriter output)
    {
        if (isJson)
        {
            output.WriteLine(JsonSerializer.Serialize(new { ok = code == ExitCode.Done, exit = code, findings }, CliJson.Options));
            return;
        }

        var ink = Ink.OfConsole(output);
        foreach (var finding in findings)
        {
            var text = $"{finding.Check,-14} {finding.Text}";
            switch (finding.Kind)
            {
                case FindingKind.Ok:
                    ink.Line("ok", text);
                    break;
                case FindingKind.Note:
                    ink.Line("note", text);
                    break;
                case FindingKind.Warning:
                    ink.Warning(text);
                    break;
                default:
                    ink.Fault(text);
                    break;
            }

            if (finding.Fix is { } fix)
            {
                ink.Line("", $"{"",-14} fix: {fix}");
            }
        }
    }
}
