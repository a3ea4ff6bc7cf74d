using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Probity.Server.Access;
using Probity.Server.Access.Setup;
using Probity.Server.Hosting.Health;
using Probity.Server.Hosting.Startup;

namespace Probity.Server.Hosting.Cli;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class ServerRun
{
    public static async Task<int> RunAsync(ServerModules modules, VerbContext context, CancellationToken cancellationToken)
    {
        var settings = context.Settings;
        using var folder = await DataFolderLock.TryTakeAsync(settings.DataDir, cancellationToken)
            ?? throw new ExpectedFaultException(
                $"The data folder {settings.DataDir} is held by {DataFolderLock.FindHolder(settings.DataDir) ?? LockHolder.Unknown}.",
                "Stop that server, or give this one another folder with --data DIR.",
                ExitCode.Configuration);
        await using var app = ProbityHost.Build(settings, modules);
        await modules.Prepare(app.Services, cancellationToken);
        var isKeyMade = await app.Services.GetRequiredService<BootstrapKey>()
            .EnsureAsync(settings.BootstrapKeyFile, cancellationToken);
        var setup = await app.Services.GetRequiredService<SetupLink>().OpenAsync(cancellationToken);
        await StartAsync(app, cancellationToken);
        app.Services.GetRequiredService<StartupState>().Finish();

        var url = Listening(app);
        folder.Announce(url);
        var glance = await modules.Glance(app.Services, cancellationToken);
        StartupSummary.Write(
            Ink.OfConsole(context.Output),
            new StartupFacts(settings, url, glance, context.IsFirstStart || isKeyMade, context.Warnings)
            {
                SetupUrl = setup is null ? null : new Uri(url, "setup#token=" + setup),
            });
        await context.Output.FlushAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return ExitCode.Done;
    }

    private static async Task StartAsync(WebApplication app, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException fault) when (fault.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new ExpectedFaultException(
                "Another program listens on an address of AUDIT_URLS.", "Stop it, or choose another port with --urls URL.",
                ExitCode.Configuration, fault);
        }
        catch (System.Net.Sockets.SocketException fault)
        {
            throw new ExpectedFaultException(
                $"The server cannot listen on AUDIT_URLS: {fault.Message}.", "Choose an address of this machine and a free port above 1023.",
                ExitCode.Configuration, fault);
        }
    }

    /// <summary>The first address, as a client on this machine can use it.</summary>
    private static Uri Listening(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses;
        var url = new UriBuilder(addresses?.FirstOrDefault() ?? throw new InvalidOperationException("A started server has an address."));
        url.Host = url.Host is "0.0.0.0" ? "127.0.0.1" : url.Host is "[::]" ? "[::1]" : url.Host;
        return url.Uri;
    }
}
