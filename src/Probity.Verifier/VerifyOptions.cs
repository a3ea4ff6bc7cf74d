namespace Probity.Verifier;

/// <summary>The command line, read by hand: a verifier is trusted the more the less it is made of.</summary>
internal sealed class VerifyOptions
{
    public const string Usage = """
        probity-verify PATH|URL [options]

        Checks a Probity log, or evidence from one, without trusting whoever handed it over.

          PATH          an evidence pack (.zip), a proof (.tlog-proof, with --entry), or the folder of an exported log
          URL           the address of a running server; its public paths are read

          --key KEY         a verifier key, or a file with one a line; may be repeated. Get it from a source you trust.
          --checkpoint FILE a signed checkpoint kept elsewhere; may be repeated. Shows rollbacks and forks.
          --entry FILE      the exact bytes of the entry that a .tlog-proof is of
          --api-key-file F  an API key for a server, to read the entries too (Authorization: Bearer)
          --json            the result as JSON
          --quiet           the last line only

        Exit: 0 sound, 1 tampered, 2 cannot tell (unreadable, no key, wrong usage).
        """;

    public string Target { get; private set; } = string.Empty;

    public List<string> Keys { get; } = [];

    public List<string> Checkpoints { get; } = [];

    public string? Entry { get; private set; }

    public string? ApiKeyFile { get; private set; }

    public bool IsJson { get; private set; }

    public bool IsQuiet { get; private set; }

    public bool IsHelp { get; private set; }

    /// <summary>Reads the arguments; the fault in a sentence, or null.</summary>
    public string? Read(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var argument = args[i];
            if (argument is "--json" or "--quiet" or "--help" or "-h")
            {
                IsJson |= argument == "--json";
                IsQuiet |= argument == "--quiet";
                IsHelp |= argument is "--help" or "-h";
            }
            else if (argument is "--key" or "--checkpoint" or "--entry" or "--api-key-file")
            {
                if (++i == args.Count)
                {
                    return $"{argument} needs a value.";
                }

                Take(argument, args[i]);
            }
            else if (argument.StartsWith('-') || Target.Length > 0)
            {
                return $"{argument} is not understood.";
            }
            else
            {
                Target = argument;
            }
        }

        return IsHelp || Target.Length > 0 ? null : "What is to be verified is missing.";
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--key":
                Keys.Add(value);
                break;
            case "--checkpoint":
                Checkpoints.Add(value);
                break;
            case "--entry":
                Entry = value;
                break;
            default:
                ApiKeyFile = value;
                break;
        }
    }
}
