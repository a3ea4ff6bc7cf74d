using System.Globalization;
using System.Text;
using Probity.Contracts.Finance;
using Probity.Ledger.Json;
using Probity.Monitoring.Evaluation;

namespace Probity.Monitoring.Rules;

/// <summary>
/// Reads aggregates and flows for a whole set of rules. What two rules ask for in the same words is computed once, so
/// equal texts get one place (slot).
/// </summary>
internal sealed class AggregateReader(ReferenceBook book, int historyDays)
{
    private static readonly IReadOnlySet<TransactionStatus> s_booked =
        new HashSet<TransactionStatus> { TransactionStatus.Pending, TransactionStatus.Settled };

    private const int MostChosenFrom = 200; // Read anew for each decision.

    private readonly Dictionary<string, Expr> _bySpelling = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private readonly List<AggregateSpec?> _specs = [];

    /// <summary>What is computed, by slot.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>What is kept as running values, by slot; null for a search.</summary>
    public IReadOnlyList<AggregateSpec?> Specs => _specs;

    /// <summary>Whether an aggregate looks at pairs of accounts.</summary>
    public bool UsesPairs { get; private set; }

    /// <summary>Statuses that count unless a rule says otherwise.</summary>
    public static IReadOnlySet<TransactionStatus> BookedStatuses => s_booked;

    /// <summary>Whether a status is one of these.</summary>
    public static bool IsBooked(TransactionStatus status) =>
        status is TransactionStatus.Pending or TransactionStatus.Settled;

    public Expr ReadAggregate(JsonItem body, ExprReader expressions)
    {
        var spelling = "agg " + Encoding.UTF8.GetString(CanonicalJson.Canonicalize(body.Raw));
        return Shared(spelling, slot => new AggregateExpr(ReadSpec(body, expressions, slot)));
    }

    /// <summary>Flows are written with aggregates, but for two that search: cycle and scatter_gather.</summary>
    public Expr ReadFlow(JsonItem body, ExprReader expressions)
    {
        var pattern = body.Members().Required(body, "pattern");
        return pattern.Text() switch
        {
            "fan_in" => ReadFan(body, FlowDirection.In),
            "fan_out" => ReadFan(body, FlowDirection.Out),
            "gather_scatter" => new Logic(
                LogicKind.All, [ReadFan(body, FlowDirection.In), ReadFan(body, FlowDirection.Out)]),
            "pass_through" => ReadPassThrough(body),
            "mirror" => ReadMirror(body),
            "dormant_then_active" => ReadDormant(body),
            "cycle" => ReadCycle(body),
            "scatter_gather" => ReadScatterGather(body),
            "mirror_sum" => ReadMirrorSum(body),
            "upstream_divergence" => ReadUpstreamDivergence(body),
            _ => throw pattern.Refuse("unknown_word", "There is no such pattern.", JsonReading.Nearest(
                pattern.Text(),
                [
                    "fan_in", "fan_out", "gather_scatter", "pass_through", "mirror", "dormant_then_active", "cycle",
                    "scatter_gather", "mirror_sum", "upstream_divergence",
                ])),
        };
    }

    private static Comparison AtLeast(Expr value, Value limit) => new(CompareOp.Gte, value, new Literal(limit));

    private static Comparison IsOut() => new(
        CompareOp.Eq, new FieldRef(Field.All["$direction"], false), new Literal(Value.Of("out")));

    private long ReadWithin(JsonItem item)
    {
        var micros = ReadDuration(item);
        _ = Kept(new Window { Kind = WindowKind.Rolling, FromMicros = micros }, item);
        return micros;
    }

    private static long ReadDuration(JsonItem item) => Durations.TryParse(item.Text(), out var micros) && micros > 0
        ? micros
        : throw item.Refuse("bad_duration", "This is no duration.", "Write a number and s, m, h, d or w, such as 24h.");

    private static decimal ReadShare(JsonItem item, decimal most)
    {
        var share = item.Exact();
        return share > 0 && share <= most
            ? share
            : throw item.Refuse("bad_number", "The share is out of range.",
                $"Write a number above 0, at most {Value.Of(most)}.");
    }

    private static Field ReadField(JsonItem item)
    {
        var name = item.Text();
        return Field.All.TryGetValue(name, out var field) && field is { IsOfParties: false, Kind: ValueKind.Text }
            ? field
            : throw item.Refuse("unknown_field", "Transactions have no such text field.", JsonReading.Nearest(
                name, Field.All.Values.Where(other => !other.IsOfParties && other.Kind == ValueKind.Text)
                    .Select(other => other.Name)));
    }

    private static HashSet<TransactionStatus> ReadStatuses(JsonItem item) => [.. item.Elements(1, 4).Select(
        element => StatusNames.Status(element.Text()) ?? throw element.Refuse(
            "unknown_word", "There is no such status.", "Write pending, settled, failed or reversed."))];

    private Expr Shared(string spelling, Func<int, Expr> make)
    {
        if (!_bySpelling.TryGetValue(spelling, out var expression))
        {
            var slot = _texts.Count;
            _texts.Add(string.Empty);
            expression = make(slot);
            _specs.Add((expression as AggregateExpr)?.Spec);
            _texts[slot] = expression.ToString();
            _bySpelling.Add(spelling, expression);
        }

        return expression;
    }

    private AggregateExpr Derived(Func<int, AggregateSpec> make)
    {
        var spelling = "flow " + make(0);
        return (AggregateExpr)Shared(spelling, slot => new AggregateExpr(make(slot)));
    }

    private AggregateSpec ReadSpec(JsonItem body, ExprReader expressions, int slot)
    {
        var members = body.Members(
            "fn", "of", "to", "key", "dir", "where", "window", "include_current", "status", "min_history", "p",
            "similar", "near", "step");
        var fn = members.Required(body, "fn").Choice(
            ("count", AggregateFn.Count), ("sum", AggregateFn.Sum), ("avg", AggregateFn.Avg), ("min", AggregateFn.Min),
            ("max", AggregateFn.Max), ("distinct", AggregateFn.Distinct), ("stddev", AggregateFn.StdDev),
            ("pctile", AggregateFn.Percentile), ("median", AggregateFn.Percentile),
            ("time_since", AggregateFn.TimeSince), ("time_since_first", AggregateFn.TimeSinceFirst),
            ("benford_chi2", AggregateFn.Benford), ("edit_distance", AggregateFn.EditDistance),
            ("speed_kmh", AggregateFn.Speed), ("step_avg", AggregateFn.StepAvg),
            ("step_stddev", AggregateFn.StepStdDev));
        var isMedian = members["fn"].Text() == "median";
        var dependsOnCurrent = members.ContainsKey("similar") || members.ContainsKey("near");
        Expr? where = null;
        if (members.TryGetValue("where", out var condition))
        {
            where = expressions.Where(condition);
            dependsOnCurrent |= expressions.WhereDependsOnCurrent;
        }

        var spec = new AggregateSpec
        {
            Slot = slot,
            Fn = fn,
            Key = members.Required(body, "key").Choice(
                ("account", AggregateKey.Account), ("customer", AggregateKey.Customer), ("pair", AggregateKey.Pair)),
            Direction = members.Required(body, "dir").Choice(
                ("in", FlowDirection.In), ("out", FlowDirection.Out), ("both", FlowDirection.Both)),
            Window = Kept(ReadWindow(members.Required(body, "window")), members["window"]),
            Of = fn is AggregateFn.Distinct or AggregateFn.EditDistance ? ReadField(members.Required(body, "of"))
                : null,
            Percent = isMedian ? 50 : fn == AggregateFn.Percentile ? members.Required(body, "p").Whole(0, 100) : 0,
            Where = where,
            Similar = members.TryGetValue("similar", out var similar) ? new AmountLikeness(ReadShare(similar, 1))
                : null,
            Near = members.TryGetValue("near", out var near) ? ReadNearness(near) : null,
            IncludeCurrent = fn is not (AggregateFn.TimeSince or AggregateFn.EditDistance or AggregateFn.Speed)
                && (!members.TryGetValue("include_current", out var include) || include.Truth()),
            MinHistory = members.TryGetValue("min_history", out var least) ? least.Whole(1, 100_000) : 0,
            Statuses = members.TryGetValue("status", out var statuses) ? ReadStatuses(statuses) : s_booked,
            DependsOnCurrent = dependsOnCurrent,
        };
        spec = Checked(spec, body, members);
        UsesPairs |= spec.Key == AggregateKey.Pair;
        return spec.NeedsAmount
            ? spec with { To = ExprReader.ReadCurrency(members.Required(body, "to")) }
            : spec;
    }

    /// <summary>Checks what functions that read the log ask for beside.</summary>
    private static AggregateSpec Checked(AggregateSpec spec, JsonItem body, Dictionary<string, JsonItem> members)
    {
        var hasSteps = spec.Fn is AggregateFn.StepAvg or AggregateFn.StepStdDev;
        if (spec.IsScanned && !hasSteps && members.TryGetValue("min_history", out var least))
        {
            throw least.Refuse("unknown_member", "One transaction is enough for this function.", "Leave it out.");
        }

        if (spec.IsScanned && spec.Window.Kind == WindowKind.LastN)
        {
            throw members["window"].Refuse(
                "bad_window", "This function looks for one transaction, not at the last so many.",
                "Write last, between or lifetime.");
        }

        if (!hasSteps)
        {
            return members.TryGetValue("step", out var step)
                ? throw step.Refuse("unknown_member", "This function has no steps.", "Use step_avg or step_stddev.")
                : spec;
        }

        var micros = ReadDuration(members.Required(body, "step"));
        var isWhole = spec.Window.Kind == WindowKind.Lifetime
            || (spec.Window is { Kind: WindowKind.Rolling, ToMicros: 0 } && spec.Window.FromMicros % micros == 0);
        return isWhole
            ? spec with { StepMicros = micros }
            : throw members["window"].Refuse(
                "bad_window", "The window is no whole number of steps.", "Write last with whole steps, or lifetime.");
    }

    private static PlaceNearness ReadNearness(JsonItem item)
    {
        const decimal HalfwayRound = 20_016; // Kilometres: no place is farther.
        var members = item.Members("km");
        var kilometres = members.Required(item, "km");
        var metres = kilometres.Exact() * 1_000;
        return metres > 0 && metres <= HalfwayRound * 1_000 && decimal.IsInteger(metres)
            ? new PlaceNearness(decimal.ToInt64(metres))
            : throw kilometres.Refuse("bad_number", "The distance is out of range.",
                "Write kilometres above 0 with at most three places.");
    }

    private Window ReadWindow(JsonItem item)
    {
        var members = item.Members(
            "last", "between", "calendar", "business_days", "last_n", "lifetime", "in", "choose");
        var calendar = members.TryGetValue("in", out var name) ? new RuleContext(book).Calendar(name) : null;
        var kinds = members.Where(member => member.Key is not ("in" or "choose")).ToList();
        if (kinds.Count != 1)
        {
            throw item.Refuse(
                "bad_window",
                "A window has one kind.",
                "Write last, between, calendar, business_days, last_n or lifetime.");
        }

        var (kind, value) = kinds[0];
        var choosesAfter = false;
        if (members.TryGetValue("choose", out var choose))
        {
            choosesAfter = kind == "last_n"
                ? choose.Choice(("before", false), ("after", true))
                : throw choose.Refuse("bad_window", "Only last_n chooses.", "Leave it out.");
        }

        if (kind is "calendar" or "business_days" && calendar is null)
        {
            throw item.Refuse(
                "missing_member", "The calendar is missing.", "Add \"in\": the name of a calendar, such as \"us\".");
        }

        return kind switch
        {
            "last" => new Window { Kind = WindowKind.Rolling, FromMicros = ReadDuration(value) },
            "between" => ReadBetween(value),
            "calendar" => new Window
            {
                Kind = WindowKind.Calendar,
                Unit = value.Choice(
                    ("day", CalendarUnit.Day), ("week", CalendarUnit.Week), ("month", CalendarUnit.Month)),
                Calendar = calendar!, // Checked above, here and below.
            },
            "business_days" => new Window
            {
                Kind = WindowKind.BusinessDays, Size = value.Whole(1, 260), Calendar = calendar!,
            },
            "last_n" => new Window
            {
                Kind = WindowKind.LastN,
                Size = value.Whole(1, choosesAfter ? MostChosenFrom : 10_000),
                ChoosesAfter = choosesAfter,
            },
            "lifetime" => value.Truth()
                ? new Window { Kind = WindowKind.Lifetime }
                : throw value.Refuse("bad_window", "lifetime is true or left out.", "Write true."),
            _ => throw new InvalidOperationException(),
        };
    }

    private Window Kept(Window window, JsonItem at) => window.ReachDays is { } days && days > historyDays
        ? throw at.Refuse(
            "window_beyond_history",
            "The window reaches back further than transactions are kept.",
            $"Reach back at most {historyDays} days, or keep more history.")
        : window;

    private static Window ReadBetween(JsonItem value)
    {
        var members = value.Members("from", "to");
        var from = ReadDuration(members.Required(value, "from"));
        var to = ReadDuration(members.Required(value, "to"));
        return from > to
            ? new Window { Kind = WindowKind.Rolling, FromMicros = from, ToMicros = to }
            : throw value.Refuse("bad_window", "The window ends before it begins.", "Let from be longer ago than to.");
    }

    private Comparison ReadFan(JsonItem body, FlowDirection direction)
    {
        var members = body.Members("pattern", "min", "within", "key");
        var within = ReadWithin(members.Required(body, "within"));
        var key = members.TryGetValue("key", out var named)
            ? named.Choice(("account", AggregateKey.Account), ("customer", AggregateKey.Customer))
            : AggregateKey.Account;
        var distinct = Derived(slot => new AggregateSpec
        {
            Slot = slot,
            Fn = AggregateFn.Distinct,
            Of = Field.All["$counterparty"],
            Key = key,
            Direction = direction,
            Window = new Window { Kind = WindowKind.Rolling, FromMicros = within },
            Statuses = s_booked,
        });
        return AtLeast(distinct, Value.Of((decimal)members.Required(body, "min").Whole(2, 10_000)));
    }

    private Logic ReadPassThrough(JsonItem body)
    {
        var members = body.Members("pattern", "within", "min_ratio", "max_ratio", "min_amount");
        var within = ReadWithin(members.Required(body, "within"));
        var least = ExprReader.ReadMoney(members.Required(body, "min_amount"));
        var from = ReadShare(members.Required(body, "min_ratio"), 1);
        var to = members.TryGetValue("max_ratio", out var most) ? ReadShare(most, 10) : 1.1m;
        var received = Flow(FlowDirection.In, within, least.Currency);
        var sent = Flow(FlowDirection.Out, within, least.Currency);
        var ratio = new Arithmetic(ArithmeticOp.Div, ValueKind.Number, [sent, received]);
        return new Logic(LogicKind.All,
        [
            IsOut(), AtLeast(received, Value.Of(least)), AtLeast(ratio, Value.Of(from)),
            new Comparison(CompareOp.Lte, ratio, new Literal(Value.Of(to))),
        ]);
    }

    private AggregateExpr Flow(FlowDirection direction, long within, CurrencyCode currency) =>
        Derived(slot => new AggregateSpec
        {
            Slot = slot,
            Fn = AggregateFn.Sum,
            To = currency,
            Key = AggregateKey.Account,
            Direction = direction,
            Window = new Window { Kind = WindowKind.Rolling, FromMicros = within },
            Statuses = s_booked,
        });

    private Logic ReadMirror(JsonItem body)
    {
        var members = body.Members("pattern", "within", "tolerance", "min");
        var within = ReadWithin(members.Required(body, "within"));
        var tolerance = ReadShare(members.Required(body, "tolerance"), 1);
        var alike = Derived(slot => new AggregateSpec
        {
            Slot = slot,
            Fn = AggregateFn.Count,
            Key = AggregateKey.Account,
            Direction = FlowDirection.In,
            Window = new Window { Kind = WindowKind.Rolling, FromMicros = within },
            Similar = new AmountLikeness(tolerance),
            DependsOnCurrent = true,
            Statuses = s_booked,
        });
        var least = members.TryGetValue("min", out var min) ? min.Whole(1, 1_000) : 1;
        return new Logic(LogicKind.All, [IsOut(), AtLeast(alike, Value.Of((decimal)least))]);
    }

    private Comparison ReadDormant(JsonItem body)
    {
        var members = body.Members("pattern", "idle");
        var idle = ReadDuration(members.Required(body, "idle"));
        var since = Derived(slot => new AggregateSpec
        {
            Slot = slot,
            Fn = AggregateFn.TimeSince,
            Key = AggregateKey.Account,
            Direction = FlowDirection.Both,
            Window = new Window { Kind = WindowKind.Lifetime },
            IncludeCurrent = false,
            Statuses = s_booked,
        });
        return AtLeast(since, Value.Of((decimal)idle / Durations.Second));
    }

    private Comparison ReadCycle(JsonItem body)
    {
        var members = body.Members("pattern", "min_hops", "max_hops", "within", "amount_tolerance", "step_tolerance");
        var within = ReadWithin(members.Required(body, "within"));
        var most = members.Required(body, "max_hops").Whole(2, 12);
        var least = members.TryGetValue("min_hops", out var min) ? min.Whole(2, 3) : 3;
        decimal? tolerance = members.TryGetValue("amount_tolerance", out var share) ? ReadShare(share, 1) : null;
        if (members.TryGetValue("step_tolerance", out var step))
        {
            return tolerance is null
                ? AtLeast(SteppedCycle(least, most, within, ReadShare(step, 1)), Value.Of((decimal)least))
                : throw step.Refuse(
                    "bad_operation", "There is an amount_tolerance already.", "Leave out one of the two.");
        }

        var spelling = string.Create(
            CultureInfo.InvariantCulture, $"cycle {least} {most} {within} {tolerance}");
        var cycle = Shared(spelling, slot => new CycleExpr(slot, least, most, within, tolerance));
        return AtLeast(cycle, Value.Of((decimal)least));
    }

    private Expr SteppedCycle(int least, int most, long within, decimal tolerance) => Shared(
        string.Create(CultureInfo.InvariantCulture, $"cycle {least} {most} {within} step {tolerance}"),
        slot => new SteppedCycleExpr(slot, least, most, within, tolerance));

    /// <summary>How many transfers in make up one out; the number itself, for bands.</summary>
    private Expr ReadMirrorSum(JsonItem body)
    {
        var members = body.Members("pattern", "within", "tolerance", "commission", "target");
        var within = ReadWithin(members.Required(body, "within"));
        var tolerance = ReadShare(members.Required(body, "tolerance"), 1);
        var commission = members.TryGetValue("commission", out var share) ? ReadShare(share, 1) : 0;
        var ofLast = members.TryGetValue("target", out var target)
            && target.Choice(("current", false), ("last_out", true));
        var spelling = string.Create(
            CultureInfo.InvariantCulture, $"mirror_sum {within} {tolerance} {commission} {ofLast}");
        return Shared(spelling, slot => new MirrorSumExpr(slot, within, tolerance, commission, ofLast));
    }

    /// <summary>How many the most scattering payer of this debtor paid; the number itself, for bands.</summary>
    private Expr ReadUpstreamDivergence(JsonItem body)
    {
        var members = body.Members("pattern", "up", "down");
        var up = ReadWithin(members.Required(body, "up"));
        var down = ReadWithin(members.Required(body, "down"));
        var spelling = string.Create(CultureInfo.InvariantCulture, $"upstream_divergence {up} {down}");
        return Shared(spelling, slot => new UpstreamDivergenceExpr(slot, up, down));
    }

    private Comparison ReadScatterGather(JsonItem body)
    {
        var members = body.Members("pattern", "min", "within");
        var within = ReadWithin(members.Required(body, "within"));
        var spelling = string.Create(CultureInfo.InvariantCulture, $"scatter_gather {within}");
        var widest = Shared(spelling, slot => new ScatterGatherExpr(slot, within));
        return AtLeast(widest, Value.Of((decimal)members.Required(body, "min").Whole(2, 50)));
    }
}
