using System.Text.Json;
using Probity.Screening.Matching;
using Probity.Screening.Model;
using Probity.Server.Customers;
using Probity.Server.Screening.Batch;
using Probity.Server.Screening.Matching;

namespace Probity.Server.Screening.Continuous;

/// <summary>Asks about a customer: what of a registered customer a screening looks at.</summary>
internal static class CustomerQuestions
{
    /// <summary>Names beyond are not asked; a customer has <c>CustomerRules</c> at most.</summary>
    private const int MaxNames = 50;

    /// <summary>The question of a customer, at the threshold of the build. Every hit is wanted, so the limit is the
    /// most there is.</summary>
    public static Question Of(CustomerDocument document)
    {
        var query = new ScreeningQuery
        {
            Kind = KindOf(document),
            Date = DateOf(document),
            Countries =
            [
                .. document.Countries.Where(country => country.Kind != "tax").Select(country => country.Code)
                    .Distinct(StringComparer.Ordinal),
            ],
            Gender = document.Gender switch { "female" => Gender.Female, "male" => Gender.Male, _ => Gender.Unknown },
            Identifiers = [.. document.Identifiers.Select(item => item.Value).Distinct(StringComparer.Ordinal)],
            Address = document.Addresses.Count > 0 ? document.Addresses[0].Text : null,
        };
        var queries = Question.WithNames(
            query, [.. document.Names.Select(name => name.Text).Distinct(StringComparer.Ordinal).Take(MaxNames)]);
        return new Question(queries, ScreeningOptions.Default.Threshold, Question.MaxLimit);
    }

    /// <summary>The customer as an entity of the index that deltas are looked up in: names and identifiers.</summary>
    public static ListedEntity Indexed(string id, CustomerDocument document) => new()
    {
        List = CustomerIndex.Customers,
        Uid = id,
        Kind = KindOf(document),
        Names =
        [
            .. document.Names.Select(name => name.Text).Distinct(StringComparer.Ordinal)
                .Select(text => new ListedName { Full = text }),
        ],
        Identifiers = [.. document.Identifiers.Select(item => new ListedIdentifier { Value = item.Value })],
    };

    /// <summary>The bytes of a question, the same for what a screening would see the same.</summary>
    public static byte[] BytesOf(Question question)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            question.Write(json);
        }

        return stream.ToArray();
    }

    private static EntityKind KindOf(CustomerDocument document) =>
        document.Kind == CustomerRules.Person ? EntityKind.Person : EntityKind.Organisation;

    private static PartialDate? DateOf(CustomerDocument document)
    {
        var kind = document.Kind == CustomerRules.Person ? "birth" : "incorporation";
        return document.Dates.FirstOrDefault(date => date.Kind == kind) is { } known
            ? QueryCells.Date(known.Date) : null;
    }
}
