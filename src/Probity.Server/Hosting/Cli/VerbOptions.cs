using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

/// <summary>Options several verbs share. Each verb gets its own instance, as System.CommandLine wants it.</summary>
internal static class VerbOptions
{
    public const string DataName = "--data";
    public const string UrlsName = "--urls";
    public const string JsonName = "--json";

    public static Option<string> Data() => new(DataName)
    {
        Description = "The data folder [AUDIT_DATA_DIR, else probity-data]",
        HelpName = "DIR",
    };

    public static Option<string> Urls() => new(UrlsName)
    {
        Description = "Where to listen [AUDIT_URLS, else http://127.0.0.1:8080]",
        HelpName = "URL",
    };

    public static Option<bool> Json() => new(JsonName) { Description = "Answer with one JSON document" };
}
