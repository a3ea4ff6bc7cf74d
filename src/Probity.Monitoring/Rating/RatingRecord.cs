using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Probity.Ledger.Json;

namespace Probity.Monitoring.Rating;

/// <summary>
/// The record of a rating: canonical JSON (RFC 8785) with the facts, what each factor gave and why, floors, override
/// and result. Together with the scorecard it names it gives the same bytes again. Pure.
/// </summary>
public static class RatingRecord
{
    private const int Format = 1;

    /// <summary>The word of a rating.</summary>
    public static string Word(CustomerRating rating) => rating switch
    {
        CustomerRating.Low => "low",
        CustomerRating.Medium => "medium",
        CustomerRating.High => "high",
        _ => throw new ArgumentOutOfRangeException(nameof(rating), rating, null),
    };

    /// <summary>The rating of a word; null for another word.</summary>
    public static CustomerRating? Read(string? word) => word switch
    {
        "low" => CustomerRating.Low,
        "medium" => CustomerRating.Medium,
        "high" => CustomerRating.High,
        _ => null,
    };

    /// <summary>A score with two places.</summary>
    public static string Score(int hundredths) =>
        (hundredths / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Writes the record.</summary>
    public static byte[] Write(RatingResult rating)
    {
        var to = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(to))
        {
            Write(json, rating);
        }

        return CanonicalJson.Canonicalize(to.WrittenSpan);
    }

    /// <summary>Computes a record again from what it says it was computed from.</summary>
    /// <param name="record">The record.</param>
    /// <param name="scorecard">The scorecard it names.</param>
    /// <returns>The record anew: the same bytes, unless somebody changed one of the two.</returns>
    /// <exception cref="FormatException">It is no record of this format.</exception>
    public static byte[] Replay(JsonElement record, Scorecard scorecard)
    {
        try
        {
            if (record.GetProperty("format").GetInt32() != Format)
            {
                throw new FormatException("The record has another format.");
            }

            return Write(Rater.Rate(scorecard, Facts(record), Override(record)));
        }
        catch (Exception fault) when (fault is KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException("The record is none of a rating.", fault);
        }
    }

    /// <summary>The facts a record names.</summary>
    public static RatingFacts Facts(JsonElement record) => RatingFacts.Of(
        Day(record.GetProperty("on")),
        record.GetProperty("facts").EnumerateObject().Select(member =>
            KeyValuePair.Create<string, RatingFact?>(member.Name, member.Value.ValueKind switch
            {
                JsonValueKind.Array => new RatingFact.Texts(
                    member.Value.EnumerateArray().Select(word => word.GetString() ?? "")
                        .ToImmutableSortedSet(StringComparer.Ordinal)),
                JsonValueKind.String => new RatingFact.Number(
                    decimal.Parse(member.Value.GetString()!, CultureInfo.InvariantCulture)), // It is a string.
                _ => new RatingFact.Truth(member.Value.GetBoolean()),
            })));

    /// <summary>The override a record names; null for none.</summary>
    public static RatingOverride? Override(JsonElement record)
    {
        if (!record.TryGetProperty("override", out var set))
        {
            return null;
        }

        return new RatingOverride(
            set.GetProperty("id").GetString() ?? "",
            Read(set.GetProperty("rating").GetString()) ?? throw new FormatException("There is no such rating."),
            DateTimeOffset.Parse(
                set.GetProperty("until").GetString() ?? "", CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal));
    }

    private static void Write(Utf8JsonWriter json, RatingResult rating)
    {
        json.WriteStartObject();
        json.WriteNumber("format", Format);
        json.WriteString("on", rating.Facts.On.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteStartObject("scorecard");
        json.WriteString("name", rating.Scorecard.Name);
        json.WriteString("sha256", rating.Scorecard.Sha256);
        json.WriteEndObject();
        Write(json, rating.Facts);
        json.WriteStartArray("contributions");
        foreach (var contribution in rating.Contributions)
        {
            Write(json, contribution);
        }

        json.WriteEndArray();
        json.WriteString("score", Score(rating.Score));
        json.WriteStartArray("floors");
        foreach (var floor in rating.Floors)
        {
            json.WriteStartObject();
            json.WriteString("rating", Word(floor.Rating));
            json.WriteString("why", floor.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("computed", Word(rating.Computed));
        if (rating.Override is { } set)
        {
            json.WriteStartObject("override");
            json.WriteString("id", set.Id);
            json.WriteString("rating", Word(set.Rating));
            json.WriteString(
                "until", set.Until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteString("rating", Word(rating.Value));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RatingContribution contribution)
    {
        json.WriteStartObject();
        json.WriteString("factor", contribution.Factor.Name);
        json.WriteString("title", contribution.Factor.Title);
        json.WriteNumber("weight", contribution.Factor.Weight);
        json.WriteNumber("points", contribution.Points);
        json.WriteString("score", Score(contribution.Score));
        json.WriteStartArray("why");
        foreach (var place in contribution.Cases)
        {
            json.WriteStringValue(contribution.Factor.Cases[place].Why);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RatingFacts facts)
    {
        json.WriteStartObject("facts");
        foreach (var (name, fact) in facts.All)
        {
            switch (fact)
            {
                case RatingFact.Texts texts:
                    json.WriteStartArray(name);
                    foreach (var word in texts.Values)
                    {
                        json.WriteStringValue(word);
                    }

                    json.WriteEndArray();
                    break;
                case RatingFact.Number number:
                    json.WriteString(name, number.Value.ToString(CultureInfo.InvariantCulture));
                    break;
                case RatingFact.Truth truth:
                    json.WriteBoolean(name, truth.Value);
                    break;
                default:
                    throw new InvalidOperationException("There is no other fact.");
            }
        }

        json.WriteEndObject();
    }

    private static DateOnly Day(JsonElement text) =>
        DateOnly.ParseExact(text.GetString() ?? "", "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
