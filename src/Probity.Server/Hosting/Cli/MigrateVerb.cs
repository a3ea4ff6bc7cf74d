using System.CommandLine;

namespace Probity.Server.Hosting.Cli;

internal static class MigrateVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var plan = new Option<bool>("--plan") { Description = "Show what would be done and change nothing" };
        var verb = new Command("migrate", "Create or upgrade the schema and the roles of the store")
        {
            plan, VerbOptions.Data(), VerbOptions.Json(),
        };
        verb.SetAction((parsed, cancellationToken) => VerbRunner.RunAsync(
            parsed,
            SettingsUse.CreateKeys,
            (context, token) => bodies.Migrate(new MigrateRequest(parsed.GetValue(plan)), context, token),
            cancellationToken));
        return verb;
    }
}
