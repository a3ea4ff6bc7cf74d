using Probity.Benchmarks;
using Probity.Hammer;

try
{
    var options = BenchmarkOptions.Parse(args);
    var report = await BenchmarkRun.RunAsync(options);
    Console.WriteLine(report.ToJsonString(BenchmarkRun.Indented));
    return 0;
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    await Console.Error.WriteLineAsync(BenchmarkOptions.Usage);
    return 2;
}
