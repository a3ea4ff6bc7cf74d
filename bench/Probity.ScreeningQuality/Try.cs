using Probity.Screening.Matching;
using Probity.Screening.Model;

namespace Probity.ScreeningQuality;

/// <summary>Shows what single names find.</summary>
internal static class Try
{
    public static void Run(ScreeningEngine engine, IEnumerable<string> names, EntityKind kind)
    {
        foreach (var name in names)
        {
            Console.WriteLine(name);
            var query = new ScreeningQuery { Name = name, Kind = kind };
            foreach (var match in engine.Search(query, 3000).Take(4))
            {
                Console.WriteLine("    " + engine.Explain(query, match));
                Console.WriteLine($"    {match.Score} {match.Name?.Full} info {match.Information / 16} {match.Entity.Uid}");
            }
        }
    }
}
