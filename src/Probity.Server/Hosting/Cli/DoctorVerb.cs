using System.CommandLine;
using Probity.Server.Hosting.Doctor;

namespace Probity.Server.Hosting.Cli;

internal static class DoctorVerb
{
    public static Command Build(VerbBodies bodies)
    {
        var verb = new Command("doctor", "Check configuration, keys, store, disk and clock") { VerbOptions.Data(), VerbOptions.Json() };
        verb.SetAction((parsed, cancellationToken) =>
        {
            var request = new DoctorRequest(
                parsed.GetValue<string>(VerbOptions.DataName), parsed.GetValue<bool>(VerbOptions.JsonName), bodies.DoctorChecks);
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            return VerbRunner.GuardAsync(error, () => DoctorRun.RunAsync(request, output, cancellationToken));
        });
        return verb;
    }
}
