using System.Globalization;
using System.Text;

namespace Probity.Hammer.Search;

/// <summary>
/// Events as an institution's systems would send them, each made from its number alone: a few busy actors and many
/// quiet ones, forty actions of which some are rare, two hundred thousand accounts, a month of time, changing words.
/// </summary>
internal static class SearchEvents
{
    public const int Actors = 5_000;
    public const int Accounts = 200_000;
    private const int Addresses = 4_000;
    private const double MonthSeconds = 30 * 86_400;

    private static readonly string[] s_actions =
    [
        "payment.create", "payment.approve", "payment.release", "payment.reject", "account.read", "account.open",
        "account.close", "account.limit.raise", "customer.read", "customer.edit", "customer.export", "report.run",
        "report.download", "session.start", "session.end", "user.invite", "user.disable", "role.grant", "role.revoke",
        "key.create", "key.revoke", "case.open", "case.note.add", "case.close", "alert.assign", "alert.close",
        "list.import", "rule.edit", "rule.activate", "document.upload", "document.read", "document.delete",
        "backup.run", "config.edit", "limit.override", "card.block", "card.unblock", "fx.quote", "fx.trade",
        "statement.send",
    ];

    private static readonly string[] s_words =
    [
        "invoice", "salary", "rent", "refund", "deposit", "transfer", "correction", "urgent", "review", "quarterly",
        "supplier", "contract", "delivery", "insurance", "tuition", "maintenance", "subscription", "dividend",
        "interest", "collateral", "settlement", "charity", "consulting", "freight", "licence", "royalty", "pension",
        "mortgage", "warranty", "commission", "harbour", "orchard", "lantern", "granite", "meridian", "cobalt",
        "juniper", "saffron", "thicket", "wharf",
    ];

    public static IReadOnlyList<string> Actions => s_actions;

    public static IReadOnlyList<string> Words => s_words;

    /// <summary>One line of NDJSON, without its end.</summary>
    /// <param name="number">The event's number.</param>
    /// <param name="run">What makes this run's ids differ from another's.</param>
    /// <param name="until">The end of the month that the events fall into.</param>
    public static string Make(long number, string run, DateTimeOffset until)
    {
        var draw = new Draw(number);
        var at = until.AddSeconds(-draw.Share() * MonthSeconds);
        var line = new StringBuilder(640);
        line.Append(CultureInfo.InvariantCulture, $"{{\"action\":\"{Action(ref draw)}\",\"actor\":{{");
        var actor = draw.Skewed(Actors);
        line.Append(CultureInfo.InvariantCulture, $"\"id\":\"{ActorId(actor)}\",\"type\":\"user\",");
        line.Append(CultureInfo.InvariantCulture, $"\"name\":\"Person {actor}\",\"email\":\"p{actor}@bank.example\",");
        line.Append(CultureInfo.InvariantCulture, $"\"session\":\"ses-{number / 40}\"}},");
        line.Append(CultureInfo.InvariantCulture, $"\"targets\":[{{\"id\":\"{AccountId(draw.Next(Accounts))}\",");
        line.Append("\"type\":\"account\"}],\"outcome\":\"").Append(Outcome(ref draw)).Append("\",");
        line.Append(CultureInfo.InvariantCulture, $"\"occurred_at\":\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}\",");
        line.Append(CultureInfo.InvariantCulture, $"\"context\":{{\"address\":\"10.0.{draw.Next(Addresses) / 256}.");
        line.Append(CultureInfo.InvariantCulture, $"{draw.Next(256)}\",\"request_id\":\"req-{run}-{number}\",");
        line.Append("\"service\":\"core-banking\"},\"data\":{\"note\":\"");
        for (var i = 0; i < 6; i++)
        {
            line.Append(s_words[draw.Skewed(s_words.Length)]).Append(i == 5 ? "" : " ");
        }

        return line.Append(CultureInfo.InvariantCulture, $" {draw.Next(1_000_000)}\"}}}}").ToString();
    }

    public static string ActorId(int number) => string.Create(CultureInfo.InvariantCulture, $"user-{number:00000}");

    public static string AccountId(int number) => string.Create(CultureInfo.InvariantCulture, $"acc-{number:000000}");

    private static string Action(ref Draw draw) => s_actions[draw.Skewed(s_actions.Length)];

    private static string Outcome(ref Draw draw) => draw.Next(100) switch
    {
        < 95 => "success",
        < 98 => "failure",
        _ => "denied",
    };
}

/// <summary>Numbers that depend on a seed alone (SplitMix64), on every machine the same.</summary>
internal struct Draw(long seed)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL);

    /// <summary>0 up to but not including <paramref name="below"/>, each as likely.</summary>
    public int Next(int below) => (int)(Share() * below);

    /// <summary>0 up to but not including <paramref name="below"/>, small ones far more likely.</summary>
    public int Skewed(int below)
    {
        var share = Share();
        return (int)(share * share * share * below);
    }

    /// <summary>From 0 up to but not including 1.</summary>
    public double Share()
    {
        var mixed = _state += 0x9E3779B97F4A7C15UL;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return ((mixed ^ (mixed >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
