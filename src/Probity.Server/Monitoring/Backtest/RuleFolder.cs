using Probity.Monitoring;
using Probity.Monitoring.Pack;
using Probity.Monitoring.Rules;
using Probity.Server.Hosting.Cli;

namespace Probity.Server.Monitoring.Backtest;

/// <summary>Reads rules and dated data from files.</summary>
internal static class RuleFolder
{
    /// <summary>Names the rules that ship.</summary>
    public const string Shipped = "default";

    private const int MaxBytes = 64 * 1024;

    /// <summary>Compiles the rules of a folder or file, or those that ship; null when one is refused.</summary>
    public static RuleSet? Compile(string path, ReferenceBook book, TextWriter progress)
    {
        var result = RuleSet.Compile(path == Shipped ? RulePack.Documents() : Documents(path), book);
        var faults = result switch
        {
            RuleSetResult.Compiled compiled => compiled.Warnings,
            RuleSetResult.Refused refused => refused.Faults,
            _ => throw new InvalidOperationException(),
        };
        foreach (var fault in faults)
        {
            var level = fault.Level == FaultLevel.Error ? "REFUSED" : "WARNING";
            progress.WriteLine($"{level} {fault}");
        }

        return result is RuleSetResult.Compiled sound ? sound.Rules : null;
    }

    /// <summary>Reads a book of lists, thresholds, calendars and rates; the shipped one without a path.</summary>
    public static ReferenceBook Book(string? path)
    {
        if (path is null)
        {
            return RulePack.Book();
        }

        try
        {
            return ReferenceBookReader.Read(File.ReadAllBytes(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ExpectedFaultException(
                $"{path} cannot be used: {fault.Message}", "Correct --reference, or the file.", cause: fault);
        }
    }

    private static List<RuleDocument> Documents(string path)
    {
        var files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? Directory.GetFiles(path, "*.json", SearchOption.AllDirectories)
            : throw new ExpectedFaultException(
                $"{path} is neither a folder nor a file.", $"Correct --rules, or use --rules {Shipped}.");
        var documents = new List<RuleDocument>();
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).Length > MaxBytes)
            {
                throw new ExpectedFaultException(
                    $"{file} has more than {MaxBytes} bytes.", "Write one rule in a file.");
            }

            documents.Add(new RuleDocument(Path.GetFileName(file), File.ReadAllBytes(file)));
        }

        return documents.Count > 0 ? documents
            : throw new ExpectedFaultException($"{path} holds no rule.", "Put one JSON document a rule into it.");
    }
}
