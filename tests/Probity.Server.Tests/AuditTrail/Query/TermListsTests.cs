using System.Text;
using Probity.Server.AuditTrail.Query.Segments;
using Xunit;

namespace Probity.Server.Tests.AuditTrail.Query;

public sealed class TermListsTests
{
    /// <summary>The last has many times the terms, events and bytes that there is room for at first.</summary>
    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 3, 1)]
    [InlineData(50, 12, 9)]
    [InlineData(400, 60, 257)]
    [InlineData(1_000, 40, 30_011)]
    public void Terms_are_in_the_order_of_their_bytes_each_once_with_its_events(int events, int termsOfEvent, int kinds)
    {
        using var lists = new TermLists();
        var wanted = new SortedDictionary<string, List<ushort>>(StringComparer.Ordinal); // All of them are ASCII.
        for (ushort offset = 0; offset < events; offset++)
        {
            for (var i = 0; i < termsOfEvent; i++)
            {
                var term = Term(((offset * 7_919L) + (i * 104_729L) + (i * (long)offset)) % kinds);
                lists.Add(Encoding.ASCII.GetBytes(term, lists.Room(term.Length)), offset);
                Note(wanted, term, offset);
            }
        }

        lists.Sort();

        var places = Enumerable.Range(0, lists.Count);
        Assert.Equal(wanted.Keys, places.Select(at => Encoding.ASCII.GetString(lists.TermAt(at))));
        Assert.All(wanted.Values, (having, at) => Assert.Equal(having, EventsOf(lists, at)));
    }

    // Some differ behind their first 8 bytes alone, some begin others, one is empty.
    private static string Term(long kind) => (kind % 4) switch
    {
        0 => $"w{kind}",
        1 => $"the-same-begin-{kind}",
        2 => "the-same"[..(int)Math.Min(kind / 4, 8)],
        _ => $"the-same\0{kind}",
    };

    private static void Note(SortedDictionary<string, List<ushort>> wanted, string term, ushort offset)
    {
        if (!wanted.TryGetValue(term, out var having))
        {
            wanted.Add(term, having = []);
        }

        if (!having.Contains(offset))
        {
            having.Add(offset);
        }
    }

    private static List<ushort> EventsOf(TermLists lists, int place)
    {
        var events = new List<ushort> { 7 }; // What is in it is of another term.
        lists.Read(place, events);
        return events;
    }
}
