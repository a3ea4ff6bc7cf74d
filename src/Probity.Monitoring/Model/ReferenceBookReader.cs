using Probity.Contracts.Finance;
using Probity.Ledger.Json;
using Probity.Monitoring.Rules;

namespace Probity.Monitoring;

/// <summary>Reads a <see cref="ReferenceBook"/> from JSON: the form of the shipped book and of update packs.</summary>
public static class ReferenceBookReader
{
    private const int MostBytes = 16 * 1024 * 1024;
    private const int MostItems = 200_000;

    /// <summary>Reads a book.</summary>
    /// <exception cref="FormatException">The document has a fault; the message says where and what to do.</exception>
    public static ReferenceBook Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var tape = JsonTape.Parse(json, new JsonLimits(MostBytes, 16));
            return Read(tape.Root);
        }
        catch (RuleRefusedException fault)
        {
            throw new FormatException($"{fault.Place}: {fault.Message} {fault.Fix}", fault);
        }
        catch (JsonRefusedException fault)
        {
            throw new FormatException($"{fault.Pointer}: {fault.Message}", fault);
        }
        catch (ArgumentException fault)
        {
            throw new FormatException(fault.Message, fault);
        }
    }

    private static ReferenceBook Read(JsonItem root)
    {
        var members = root.Members("version", "pivot", "rates", "members", "thresholds", "calendars");
        return new ReferenceBook(
            members.Required(root, "version").Text(),
            ExprReader.ReadCurrency(members.Required(root, "pivot")),
            members.Required(root, "rates").Elements(0, MostItems).Select(Rate),
            members.Required(root, "members").Elements(0, MostItems).Select(Member),
            members.Required(root, "thresholds").Elements(0, MostItems).Select(Threshold),
            members.Required(root, "calendars").Elements(0, 100).Select(Calendar));
    }

    private static DatedRate Rate(JsonItem item)
    {
        var members = item.Members("currency", "from", "value");
        var value = members.Required(item, "value");
        return new DatedRate(
            ExprReader.ReadCurrency(members.Required(item, "currency")),
            members.Required(item, "from").Day(),
            value.Exact() is > 0 and var rate ? rate : throw value.Refuse("bad_rate", "The rate is not above 0.",
                "Mend it."));
    }

    private static DatedMember Member(JsonItem item)
    {
        var members = item.Members("list", "member", "from", "until", "source");
        return new DatedMember(
            members.Required(item, "list").Text(),
            members.Required(item, "member").Text(),
            members.Required(item, "from").Day(),
            members.TryGetValue("until", out var until) ? until.Day() : null,
            members.Required(item, "source").Text(500));
    }

    private static DatedThreshold Threshold(JsonItem item)
    {
        var members = item.Members("name", "from", "amount", "currency", "source");
        return new DatedThreshold(
            members.Required(item, "name").Text(),
            members.Required(item, "from").Day(),
            new Money(
                members.Required(item, "amount").Exact(), ExprReader.ReadCurrency(members.Required(item, "currency"))),
            members.Required(item, "source").Text(500));
    }

    private static DatedCalendar Calendar(JsonItem item)
    {
        var members = item.Members("name", "zone", "source", "holidays");
        return new DatedCalendar(
            members.Required(item, "name").Text(),
            members.Required(item, "zone").Text(),
            members.Required(item, "holidays").Elements(0, 10_000).Select(day => day.Day()).ToHashSet());
    }
}
