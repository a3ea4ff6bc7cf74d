using System.CommandLine;
using System.Data.Common;
using Probity.Ledger.Entries;
using Probity.Server.Hosting.Settings;
using Probity.Server.Storage;

namespace Probity.Server.Hosting.Cli;

/// <summary>How a verb uses the settings.</summary>
internal enum SettingsUse
{
    /// <summary>Missing keys are made.</summary>
    CreateKeys,

    /// <summary>Keys are read where they are.</summary>
    ReadKeys,
}

/// <summary>Reads the settings for a verb, runs it, and turns expected faults into a message and an exit code.</summary>
internal static class VerbRunner
{
    public static async Task<int> RunAsync(
        ParseResult parsed, SettingsUse use, Func<VerbContext, CancellationToken, Task<int>> body, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return await GuardAsync(
            error,
            async () =>
            {
                var reading = SettingsReader.Read(SettingsReader.ProcessEnvironment(), Replaced(parsed));
                if (reading.Settings is not { } settings)
                {
                    return Refuse(error, reading);
                }

                var isFirstStart = !Directory.Exists(settings.KeysDir);
                var holder = DataFolderLock.FindHolder(settings.DataDir);
                var complete = KeyFiles.Complete(settings, use == SettingsUse.CreateKeys && holder is null);
                if (complete.Settings is null)
                {
                    return Refuse(error, complete);
                }

                var context = new VerbContext
                {
                    Settings = complete.Settings,
                    Warnings = [.. reading.Warnings, .. complete.Warnings],
                    IsJson = Has(parsed, VerbOptions.JsonName) && parsed.GetValue<bool>(VerbOptions.JsonName),
                    Output = output,
                    Error = error,
                    Server = holder,
                    IsFirstStart = isFirstStart,
                };
                return await body(context, cancellationToken);
            });
    }

    /// <summary>Runs the body; an expected fault becomes a message, an unexpected one a short message and the exit code 2.</summary>
    public static async Task<int> GuardAsync(TextWriter error, Func<Task<int>> body)
    {
        try
        {
            return await body();
        }
        catch (ExpectedFaultException fault)
        {
            await error.WriteLineAsync($"probity: {fault.Message}\n    fix:  {fault.Fix}");
            return fault.ExitCode;
        }
        catch (LedgerIntegrityException fault)
        {
            await error.WriteLineAsync(
                $"probity: {fault.Message}\n    fix:  keep the data as it is, run `probity ledger verify`, and compare with a checkpoint kept outside");
            return ExitCode.Tampered;
        }
        catch (StorageException fault)
        {
            await error.WriteLineAsync($"probity: {fault.Message}");
            return IsOfConfiguration(fault.Code) ? ExitCode.Configuration : ExitCode.CannotTell;
        }
        catch (DbException fault)
        {
            // Messages of the driver may carry the user or the host, so only the state is told.
            await error.WriteLineAsync(
                $"probity: the store does not answer ({fault.SqlState ?? fault.GetType().Name})\n    fix:  run `probity doctor`");
            return ExitCode.CannotTell;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("probity: interrupted");
            return ExitCode.CannotTell;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"probity: {fault.Message}");
            return ExitCode.CannotTell;
        }
        catch (Exception fault)
        {
            // A fault of ours: the stack trace is what the report needs.
            await error.WriteLineAsync($"probity: an unexpected fault; please report it with what follows\n{fault}");
            return ExitCode.CannotTell;
        }
    }

    /// <summary>The root key comes from the configuration, so that a wrong one is a fault of that.</summary>
    private static bool IsOfConfiguration(string code) =>
        code is "keys.root_mismatch" or "keys.root_rotated_away" or "keys.provider_unavailable";

    private static int Refuse(TextWriter error, SettingsReading reading)
    {
        SettingsReport.WriteFaults(error, reading.Faults);
        foreach (var warning in reading.Warnings)
        {
            error.WriteLine($"  WARNING {warning}");
        }

        return ExitCode.Configuration;
    }

    private static Dictionary<string, string> Replaced(ParseResult parsed)
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (option, setting) in (ReadOnlySpan<(string, Setting)>)
                 [(VerbOptions.DataName, SettingCatalogue.DataDir), (VerbOptions.UrlsName, SettingCatalogue.Urls)])
        {
            if (Has(parsed, option) && parsed.GetValue<string>(option) is { } value)
            {
                options[setting.Name] = value;
            }
        }

        return options;
    }

    private static bool Has(ParseResult parsed, string option) =>
        parsed.CommandResult.Command.Options.Any(o => string.Equals(o.Name, option, StringComparison.Ordinal));
}
