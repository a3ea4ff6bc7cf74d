using Probity.Server.Hosting;
using Probity.Server.Hosting.Cli;

return await CommandLine.RunAsync(args, Composition.Bodies);
