using System.Globalization;
using System.Text.Json;
using Probity.Monitoring;

namespace Probity.Server.Monitoring.Input;

/// <summary>Transactions as the API takes them and entries keep them.</summary>
internal static class TransactionJson
{
    private const int MaxText = 1_024;

    private static readonly string[] s_members =
    [
        "source", "id", "occurred_at", "amount", "currency", "type", "debtor", "creditor", "channel", "status", "cash",
        "narrative", "purpose", "location",
    ];

    private static readonly TransactionParty s_nobody = new();
    private static readonly string[] s_party = ["account", "customer", "country"];
    private static readonly string[] s_location = ["latitude", "longitude"];
    private static readonly string[] s_cash = ["conductor", "on_behalf_of", "branch", "is_exchange"];

    /// <summary>Reads a transaction and checks it.</summary>
    /// <exception cref="InputRefusedException">Something is missing or wrong; says where.</exception>
    public static Transaction Read(JsonElement json)
    {
        Known(json, s_members, "");
        var transaction = new Transaction
        {
            Key = new TransactionKey(Required(json, "source"), Required(json, "id", isNew: true)),
            OccurredAt = InputText.Instant(Required(json, "occurred_at"), "/occurred_at"),
            Amount = InputText.Amount(Number(json), Required(json, "currency"), "/amount", "/currency"),
            Type = Required(json, "type"),
            Debtor = Party(json, "debtor"),
            Creditor = Party(json, "creditor"),
            Channel = Text(json, "channel", ""),
            Status = InputText.Status(Text(json, "status", "") ?? "", "/status"),
            Cash = Cash(json),
            Narrative = Text(json, "narrative", ""),
            Purpose = Text(json, "purpose", ""),
            Location = Location(json),
        };
        var faults = TransactionCheck.FaultsOf(transaction);
        return faults.Count == 0 ? transaction : throw new InputRefusedException(faults);
    }

    /// <summary>Writes a transaction; what <see cref="Read"/> reads back is equal.</summary>
    public static void Write(Utf8JsonWriter to, Transaction transaction)
    {
        to.WriteStartObject();
        to.WriteString("amount", transaction.Amount.ToWire());
        if (transaction.Cash is { } cash)
        {
            to.WriteStartObject("cash");
            Optional(to, "branch", cash.Branch);
            Optional(to, "conductor", cash.Conductor);
            if (cash.IsExchange)
            {
                to.WriteBoolean("is_exchange", true);
            }

            Optional(to, "on_behalf_of", cash.OnBehalfOf);
            to.WriteEndObject();
        }

        Optional(to, "channel", transaction.Channel);
        Party(to, "creditor", transaction.Creditor);
        to.WriteString("currency", transaction.Amount.Currency.Value);
        Party(to, "debtor", transaction.Debtor);
        to.WriteString("id", transaction.Key.Id);
        if (transaction.Location is { } location)
        {
            to.WriteStartObject("location");
            to.WriteString("latitude", Degrees(location.Latitude));
            to.WriteString("longitude", Degrees(location.Longitude));
            to.WriteEndObject();
        }

        Optional(to, "narrative", transaction.Narrative);
        to.WriteString("occurred_at", InputText.Wire(transaction.OccurredAt));
        Optional(to, "purpose", transaction.Purpose);
        to.WriteString("source", transaction.Key.Source);
        if (transaction.Status != TransactionStatus.Settled)
        {
            to.WriteString("status", transaction.Status == TransactionStatus.Failed ? "failed" : "pending");
        }

        to.WriteString("type", transaction.Type);
        to.WriteEndObject();
    }

    private static void Party(Utf8JsonWriter to, string name, TransactionParty party)
    {
        if (party == s_nobody)
        {
            return;
        }

        to.WriteStartObject(name);
        Optional(to, "account", party.Account);
        Optional(to, "country", party.Country);
        Optional(to, "customer", party.Customer);
        to.WriteEndObject();
    }

    private static void Optional(Utf8JsonWriter to, string name, string? value)
    {
        if (value is not null)
        {
            to.WriteString(name, value);
        }
    }

    private static TransactionParty Party(JsonElement json, string name)
    {
        if (!TryGet(json, name, out var party))
        {
            return s_nobody;
        }

        var place = name == "debtor" ? "/debtor" : "/creditor";
        Known(party, s_party, place);
        return SharedTexts.Of(new TransactionParty(
            Text(party, "account", place), Text(party, "customer", place), Text(party, "country", place)));
    }

    private static string Degrees(decimal degrees) => degrees.ToString("0.######", CultureInfo.InvariantCulture);

    private static GeoPoint? Location(JsonElement json)
    {
        if (!TryGet(json, "location", out var location))
        {
            return null;
        }

        Known(location, s_location, "/location");
        return InputText.Location(Number(location, "latitude"), Number(location, "longitude"), "/location");
    }

    private static CashFacts? Cash(JsonElement json)
    {
        if (!TryGet(json, "cash", out var cash))
        {
            return null;
        }

        Known(cash, s_cash, "/cash");
        var isExchange = TryGet(cash, "is_exchange", out var exchange) && exchange.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new InputRefusedException("/cash/is_exchange", "monitoring.bad_type", "Send true or false."),
        };
        return new CashFacts(
            Text(cash, "conductor", "/cash"), Text(cash, "on_behalf_of", "/cash"), Text(cash, "branch", "/cash"),
            isExchange);
    }

    // A number of JSON is taken by its digits, never through binary floating point.
    private static string Number(JsonElement json) =>
        TryGet(json, "amount", out var amount) && amount.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? amount.ValueKind == JsonValueKind.Number ? amount.GetRawText() : amount.GetString()!
            : throw new InputRefusedException(
                "/amount", "monitoring.missing", "Send the amount as a decimal text, such as \"1250.00\".");

    // Degrees may be a decimal text or a number, as amounts may.
    private static string Number(JsonElement location, string name) =>
        TryGet(location, name, out var degrees) && degrees.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? degrees.ValueKind == JsonValueKind.Number ? degrees.GetRawText() : degrees.GetString()!
            : throw new InputRefusedException(
                "/location/" + name, "monitoring.missing", "Send the degrees as a decimal text, such as \"-3.1675\".");

    private static string Required(JsonElement json, string name, bool isNew = false) =>
        Text(json, name, "", isNew)
            ?? throw new InputRefusedException("/" + name, "monitoring.missing", "This is needed.");

    private static string? Text(JsonElement json, string name, string parent, bool isNew = false)
    {
        if (!TryGet(json, name, out var value))
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.String
            ? throw new InputRefusedException($"{parent}/{name}", "monitoring.bad_type", "Send a text.")
            : (isNew ? value.GetString()! : SharedTexts.Of(value)) is { Length: > 0 and <= MaxText } text
                && !text.Contains('\0', StringComparison.Ordinal)
                ? text
                : throw new InputRefusedException(
                    $"{parent}/{name}", "monitoring.bad_length",
                    $"Send 1 to {MaxText} characters without NUL, or leave it out.");
    }

    private static bool IsAmong(string[] names, JsonProperty member)
    {
        foreach (var name in names)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryGet(JsonElement json, string name, out JsonElement value) =>
        json.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static void Known(JsonElement json, string[] members, string place)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new InputRefusedException(place, "monitoring.bad_type", "Send a JSON object.");
        }

        foreach (var member in json.EnumerateObject())
        {
            if (!IsAmong(members, member))
            {
                throw new InputRefusedException(
                    place, "monitoring.unknown_member",
                    $"There is a member that is not known here; these are: {string.Join(", ", members)}.");
            }
        }
    }
}
