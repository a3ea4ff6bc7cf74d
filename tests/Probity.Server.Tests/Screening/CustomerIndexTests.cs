using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Customers;
using Probity.Server.Screening.Continuous;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Looking customers up by list entries proposes everyone that a full screening of all would find.</summary>
public sealed class CustomerIndexTests(ITestOutputHelper output)
{
    private static readonly string[] s_given =
    [
        "Mohammed", "Ali", "Hassan", "Ivan", "Sergei", "Maria", "Anna", "Yusuf", "Abdul Rahman", "Kim", "Jose",
        "Viktor", "Natalia", "Ahmad", "Omar",
    ];

    private static readonly string[] s_family =
    [
        "al-Tikriti", "Ivanov", "Petrov", "Kuznetsov", "Gonzalez", "Hernandez", "Hussein", "Haqqani", "Zawahiri",
        "Park", "Rahman", "Sokolova", "bin Laden", "Karimov", "Usmanov",
    ];

    [Fact]
    public void Everyone_whom_screening_all_customers_would_find_is_proposed()
    {
        var customers = Customers(2_000);
        var entries = Entries(40);
        var engine = ScreeningEngine.Build([ListOf(entries)]);
        var index = new CustomerIndex();
        index.AddSegment([.. customers.Take(1_500).Select(pair => CustomerQuestions.Indexed(pair.Id, pair.Document))]);
        foreach (var (id, document) in customers.Skip(1_500))
        {
            index.Add(id, document);
        }

        var proposed = index.Find(entries, engine, TestContext.Current.CancellationToken)
            .ToHashSet(StringComparer.Ordinal);

        var expected = customers.Where(pair => CustomerQuestions.Of(pair.Document).Queries
            .Any(query => engine.Search(query).Length > 0)).Select(pair => pair.Id).ToList();
        Assert.NotEmpty(expected);
        Assert.True(proposed.Count < customers.Count, "Everybody was proposed: that is no index.");
        Assert.True(expected.All(proposed.Contains), string.Join('\n', expected.Where(id => !proposed.Contains(id))
            .Select(id => customers.Single(pair => pair.Id == id).Document.Names[0].Text).Take(20)));
    }

    [Fact]
    public void Where_names_are_common_nobody_is_left_out_by_index_and_rest_together()
    {
        var customers = Customers(1_000, CommonName);
        var entries = Entries(40, CommonName);
        var engine = ScreeningEngine.Build([ListOf(entries)]);
        var index = new CustomerIndex();
        index.AddSegment([.. customers.Select(pair => CustomerQuestions.Indexed(pair.Id, pair.Document))]);

        var proposed = index.Find(entries, engine, TestContext.Current.CancellationToken);
        var rest = index.FindRest(entries, proposed, engine, TestContext.Current.CancellationToken);

        var expected = customers.Where(pair => CustomerQuestions.Of(pair.Document).Queries
            .Any(query => engine.Search(query).Length > 0)).Select(pair => pair.Id).ToList();
        output.WriteLine($"{expected.Count} concerned, {expected.Intersect(proposed).Count()} of them proposed");
        Assert.NotEmpty(expected);
        Assert.Empty(proposed.Intersect(rest));
        Assert.Empty(expected.Except(proposed).Except(rest));
    }

    [Fact]
    public void A_customer_is_found_by_an_identifier_alone()
    {
        var index = new CustomerIndex();
        index.Add("cus_1", Customer("Somebody Unlike") with { Identifiers = [new("imo", "9074729")] });
        var entry = new ListedEntity
        {
            List = ListId.OwnDeny, Uid = "1", Kind = EntityKind.Vessel,
            Names = [new ListedName { Full = "PRIMER STAR" }],
            Identifiers = [new ListedIdentifier { Kind = IdentifierKind.Imo, Value = "IMO 9074729" }],
        };

        Assert.Equal(["cus_1"], Found(index, entry));
        Assert.Empty(Found(index, entry with { Identifiers = [] }));
    }

    [Fact]
    public async Task An_erased_customer_leaves_the_memory_of_the_process_at_once_and_nobody_else_does()
    {
        const string erased = "cus_1";
        var index = new CustomerIndex();
        index.AddSegment(
        [
            CustomerQuestions.Indexed(erased, Customer("Radomir Vukasinovich")),
            CustomerQuestions.Indexed("cus_2", Customer("Radomira Vukasinovich")),
        ]);
        index.Add(erased, Customer("Radomir Vukashinovich")); // It changed its name: two entries stand for it.
        var entry = new ListedEntity
        {
            List = ListId.OwnDeny, Uid = "1", Kind = EntityKind.Person,
            Names = [new ListedName { Full = "Radomir Vukasinovich" }],
        };
        Assert.Equal([erased, "cus_2"], Found(index, entry));

        var purge = index.RemoveAsync(erased);
        Assert.Equal(["cus_2"], Found(index, entry));
        Assert.Equal(
            ["cus_2"],
            index.FindRest([entry], [], EngineOf(entry), TestContext.Current.CancellationToken));
        await purge;
        Assert.False(index.Holds(erased));
        Assert.True(index.Holds("cus_2"));
        Assert.Equal(["cus_2"], Found(index, entry));

        index.Add(erased, Customer("Radomir Vukasinovich")); // Nothing of the erasure sticks to the number.
        Assert.Equal([erased, "cus_2"], Found(index, entry));
    }

    /// <summary>Asked over and over while the segment is built anew, since the end of that is one instant.</summary>
    [Fact]
    public async Task Nobody_erased_is_proposed_at_the_moment_when_a_segment_has_been_built_anew()
    {
        var entry = new ListedEntity
        {
            List = ListId.OwnDeny, Uid = "1", Kind = EntityKind.Person,
            Names = [new ListedName { Full = "Radomir Vukasinovich" }],
        };
        var engine = EngineOf(entry);
        var others = Enumerable.Range(2, 40)
            .Select(i => CustomerQuestions.Indexed($"cus_{i}", Customer($"Ulvar Quistorp{i}"))).ToList();
        for (var round = 0; round < 200; round++)
        {
            var index = new CustomerIndex();
            index.AddSegment([CustomerQuestions.Indexed("cus_1", Customer("Radomir Vukasinovich")), .. others]);
            var purge = index.RemoveAsync("cus_1");
            do
            {
                Assert.Empty(index.Find([entry], engine, TestContext.Current.CancellationToken));
            }
            while (!purge.IsCompleted);

            await purge;
        }
    }

    private static IReadOnlyList<string> Found(CustomerIndex index, ListedEntity entry) =>
        index.Find([entry], EngineOf(entry), TestContext.Current.CancellationToken);

    private static ScreeningEngine EngineOf(ListedEntity entry) => ScreeningEngine.Build([ListOf([entry])]);

    private static List<(string Id, CustomerDocument Document)> Customers(
        int count, Func<Dice, string>? name = null)
    {
        var random = new Dice(7);
        var customers = new List<(string, CustomerDocument)>();
        for (var i = 0; i < count; i++)
        {
            customers.Add(($"cus_{i:0000}", Customer((name ?? Name)(random))));
        }

        return customers;
    }

    private static List<ListedEntity> Entries(int count, Func<Dice, string>? name = null)
    {
        var random = new Dice(11);
        return [.. Enumerable.Range(0, count).Select(i => new ListedEntity
        {
            List = ListId.OwnDeny, Uid = i.ToString(System.Globalization.CultureInfo.InvariantCulture),
            Kind = EntityKind.Person, Names = [new ListedName { Full = (name ?? Name)(random) }],
        })];
    }

    private static ScreeningList ListOf(List<ListedEntity> entries) =>
        new(new ListVersion(ListId.OwnDeny, null, "", entries.Count), [.. entries]);

    private static CustomerDocument Customer(string name) => new()
    {
        ExternalId = name, Kind = "person", Names = [new CustomerName(name, "primary")],
    };

    // Some share a common name, most have a name of their own; sometimes a middle name, a letter wrong, another order.
    private static string Name(Dice random)
    {
        var given = random.Next(2) == 0 ? s_given[random.Next(s_given.Length)] : Made(random, 2);
        var family = random.Next(4) == 0 ? s_family[random.Next(s_family.Length)] : Made(random, 3);
        var middle = random.Next(3) == 0 ? s_given[random.Next(s_given.Length)] + " " : "";
        var name = random.Next(5) == 0 ? $"{family} {middle}{given}" : $"{given} {middle}{family}";
        var at = 1 + random.Next(name.Length - 2);
        return random.Next(3) == 0 && char.IsAsciiLetterLower(name[at]) ? name.Remove(at, 1) : name;
    }

    private static string CommonName(Dice random) =>
        $"{s_given[random.Next(s_given.Length)]} {s_family[random.Next(s_family.Length)]}";

    private static string Made(Dice random, int syllables)
    {
        const string Consonants = "bdfgklmnprstvz";
        const string Vowels = "aeiou";
        var name = string.Concat(Enumerable.Range(0, syllables).Select(_ =>
            $"{Consonants[random.Next(Consonants.Length)]}{Vowels[random.Next(Vowels.Length)]}"));
        return char.ToUpperInvariant(name[0]) + name[1..] + "n";
    }

    /// <summary>The same numbers on every machine.</summary>
    private sealed class Dice(uint seed)
    {
        private uint _state = seed;

        public int Next(int below)
        {
            _state = unchecked((_state * 1_664_525) + 1_013_904_223);
            return (int)((_state >> 8) % (uint)below);
        }
    }
}
