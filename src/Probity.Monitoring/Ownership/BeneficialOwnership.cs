using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Probity.Monitoring.Ownership;

/// <summary>What one party holds of another, or that it controls it.</summary>
/// <param name="Owner">Who holds.</param>
/// <param name="Owned">What is held.</param>
/// <param name="Millionths">The share in millionths of the whole, 1 to 1,000,000; null for control without a
/// share.</param>
public sealed record OwnershipLink(string Owner, string Owned, int? Millionths);

/// <summary>From which share on a person is a beneficial owner, under one law, from a day on.</summary>
/// <param name="Jurisdiction">ISO 3166-1 alpha-2, the name of a union such as <c>EU</c>, or <c>*</c> for any.</param>
/// <param name="List">The dated list of the members of a union; null for a country and for <c>*</c>.</param>
/// <param name="From">The day it holds from, until the next of the same jurisdiction.</param>
/// <param name="Millionths">The share in millionths of the whole.</param>
/// <param name="IsInclusive">Whether the share itself is enough ("25 % or more") or not ("more than 25 %").</param>
/// <param name="Source">Where it stands.</param>
public sealed record OwnershipThreshold(
    string Jurisdiction, string? List, DateOnly From, int Millionths, bool IsInclusive, string Source)
{
    /// <summary>Writes it as <c>25 % or more</c>.</summary>
    public override string ToString() =>
        (IsInclusive ? "" : "more than ") + BeneficialOwnership.Percent(Millionths) + " %"
        + (IsInclusive ? " or more" : "");
}

/// <summary>One way from the root up to a person.</summary>
/// <param name="Ids">From the person down to the root.</param>
/// <param name="Percent">The shares along the way multiplied; see <see cref="OwnerFinding.Percent"/>.</param>
public sealed record OwnershipWay(ImmutableArray<string> Ids, decimal Percent);

/// <summary>A natural person behind the root.</summary>
/// <param name="Id">The person.</param>
/// <param name="Percent">
/// The share through all ways, summed, in percent: rounded half to even to six places for showing; the comparison with
/// the threshold is exact.
/// </param>
/// <param name="Ways">How it is held, the greatest first.</param>
/// <param name="IsByShare">Whether the share reaches the threshold.</param>
/// <param name="IsByControl">Whether there is a chain of control or of majorities.</param>
public sealed record OwnerFinding(
    string Id, decimal Percent, ImmutableArray<OwnershipWay> Ways, bool IsByShare, bool IsByControl)
{
    /// <summary>Gets whether the person is a beneficial owner.</summary>
    public bool IsBeneficialOwner => IsByShare || IsByControl;
}

/// <summary>Who stands behind a legal entity. The shares of persons, what is not known and what runs in circles are
/// together the whole, exactly, unless the search was cut or shares exceed the whole.</summary>
public sealed record OwnershipFinding
{
    /// <summary>Gets the natural persons, by share, the greatest first, then by id.</summary>
    public required ImmutableArray<OwnerFinding> Persons { get; init; }

    /// <summary>Gets what nobody is named for, in percent, as <see cref="OwnerFinding.Percent"/>.</summary>
    public required decimal UnknownPercent { get; init; }

    /// <summary>Gets what comes back to a party that was passed already, in percent.</summary>
    public required decimal CircularPercent { get; init; }

    /// <summary>Gets each circle once, from its smallest id on; empty when there is none.</summary>
    public required ImmutableArray<ImmutableArray<string>> Circles { get; init; }

    /// <summary>Gets the most links between the root and a party above it; 0 without any.</summary>
    public required int Depth { get; init; }

    /// <summary>Gets the parties whose shares are more than the whole, by id: a mistake to correct; empty when
    /// none.</summary>
    public required ImmutableArray<string> Exceeding { get; init; }

    /// <summary>Gets whether a bound ended the search: shares are then at least what is said.</summary>
    public required bool IsCut { get; init; }
}

/// <summary>
/// Finds the natural persons behind a legal entity: shares multiplied along every way and summed over the ways, each
/// way without a party twice; control through links of control and through majorities. Exact whole-number arithmetic;
/// pure.
/// </summary>
/// <remarks>
/// A circle is named and not unrolled, so what a person holds through one is a little more than is said: the part is
/// told as <see cref="OwnershipFinding.CircularPercent"/>. Sources: Regulation (EU) 2024/1624 articles 52 to 54
/// (multiplying along chains, adding up, control); 31 CFR 1010.230(d); FATF Recommendation 24 and INR.10 paragraph 5.
/// </remarks>
public static class BeneficialOwnership
{
    /// <summary>The whole, in millionths.</summary>
    public const int Whole = 1_000_000;

    /// <summary>The most links of one way.</summary>
    public const int MostDepth = 12;

    /// <summary>The most steps of one search.</summary>
    public const int MostSteps = 20_000;

    // Every share has a denominator of 10^6, so this is exact for as many factors as a way may have.
    private static readonly BigInteger s_unit = BigInteger.Pow(Whole, MostDepth);

    /// <summary>Looks up from a legal entity.</summary>
    /// <param name="root">The entity.</param>
    /// <param name="links">Whatever is known; several shares of one owner in one party add up.</param>
    /// <param name="isPerson">Whether a party is a natural person.</param>
    /// <param name="threshold">From which share on a person counts.</param>
    /// <exception cref="ArgumentException">A share is below 1, or a party holds itself.</exception>
    public static OwnershipFinding Of(
        string root, IEnumerable<OwnershipLink> links, Func<string, bool> isPerson, OwnershipThreshold threshold)
    {
        var search = new Search(links, isPerson);
        search.Up(root, s_unit, [root]);
        var controllers = search.Controllers(root);
        var ids = search.Shares.Keys.Union(controllers, StringComparer.Ordinal);
        return new OwnershipFinding
        {
            Persons =
            [
                .. ids.Select(id => Finding(id, search, controllers.Contains(id), threshold))
                    .OrderByDescending(item => item.Exact).ThenBy(item => item.Finding.Id, StringComparer.Ordinal)
                    .Select(item => item.Finding),
            ],
            UnknownPercent = ToPercent(search.Unknown),
            CircularPercent = ToPercent(search.Circular),
            Circles = search.Circles,
            Depth = search.Depth,
            Exceeding = [.. search.Exceeding],
            IsCut = search.IsCut,
        };
    }

    /// <summary>The threshold that holds for a jurisdiction on a day: of the country, of a union it is a member of, or
    /// that of any, in this order.</summary>
    /// <param name="thresholds">What is known.</param>
    /// <param name="country">ISO 3166-1 alpha-2; null when unknown.</param>
    /// <param name="on">The day.</param>
    /// <param name="isListed">Whether a country is on a dated list on that day.</param>
    /// <returns>Null when none holds yet.</returns>
    public static OwnershipThreshold? ThresholdFor(
        IEnumerable<OwnershipThreshold> thresholds, string? country, DateOnly on,
        Func<string, string, DateOnly, bool> isListed) =>
        thresholds.Where(item => item.From <= on && (item.Jurisdiction == "*" || (country is not null
                && (item.List is { } list ? isListed(list, country, on) : item.Jurisdiction == country))))
            .OrderBy(item => item.Jurisdiction == "*" ? 2 : item.List is null ? 0 : 1)
            .ThenByDescending(item => item.From).FirstOrDefault();

    /// <summary>Writes a share as percent without trailing zeros.</summary>
    public static string Percent(int millionths) =>
        (millionths / 10_000m).ToString("0.####", CultureInfo.InvariantCulture);

    private static (OwnerFinding Finding, BigInteger Exact) Finding(
        string id, Search search, bool controls, OwnershipThreshold threshold)
    {
        var share = search.Shares.GetValueOrDefault(id);
        var bound = s_unit / Whole * threshold.Millionths;
        var ways = search.Ways.GetValueOrDefault(id, []).OrderByDescending(way => way.Share)
            .ThenBy(way => string.Join('\n', way.Ids), StringComparer.Ordinal)
            .Select(way => new OwnershipWay(way.Ids, ToPercent(way.Share)));
        var reaches = threshold.IsInclusive ? share >= bound : share > bound;
        return (new OwnerFinding(id, ToPercent(share), [.. ways], reaches, controls), share);
    }

    private static decimal ToPercent(BigInteger share)
    {
        // To 28 digits, all exact, then rounded to what is shown.
        var scaled = share * 100 * BigInteger.Pow(10, 20) / s_unit;
        return decimal.Round((decimal)scaled / 100_000_000_000_000_000_000m, 6, MidpointRounding.ToEven);
    }

    private sealed class Search
    {
        private readonly ILookup<string, OwnershipLink> _above;
        private readonly Func<string, bool> _isPerson;
        private readonly List<ImmutableArray<string>> _circles = [];
        private int _steps;

        public Search(IEnumerable<OwnershipLink> links, Func<string, bool> isPerson)
        {
            _isPerson = isPerson;
            _above = links.GroupBy(link => (link.Owner, link.Owned, IsControl: link.Millionths is null))
                .Select(group => new OwnershipLink(
                    group.Key.Owner, group.Key.Owned,
                    group.Key.IsControl ? null : checked(group.Sum(link => link.Millionths ?? 0))))
                .OrderBy(link => link.Owner, StringComparer.Ordinal).ToLookup(
                    link => link.Owned, StringComparer.Ordinal);
            foreach (var party in _above)
            {
                if (party.Any(link => link.Millionths is < 1 || link.Owner == link.Owned))
                {
                    throw new ArgumentException("A share is none, or a party holds itself.", nameof(links));
                }
            }
        }

        public Dictionary<string, BigInteger> Shares { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, List<(ImmutableArray<string> Ids, BigInteger Share)>> Ways { get; } =
            new(StringComparer.Ordinal);

        public BigInteger Unknown { get; private set; }

        public BigInteger Circular { get; private set; }

        public int Depth { get; private set; }

        public SortedSet<string> Exceeding { get; } = new(StringComparer.Ordinal);

        public bool IsCut { get; private set; }

        public ImmutableArray<ImmutableArray<string>> Circles =>
            [.. _circles.OrderBy(circle => string.Join('\n', circle), StringComparer.Ordinal)];

        /// <summary>Shares out what of the root is held through a party.</summary>
        /// <param name="party">A legal entity.</param>
        /// <param name="share">What of the root is held through it.</param>
        /// <param name="way">From the party down to the root.</param>
        public void Up(string party, BigInteger share, ImmutableArray<string> way)
        {
            var rest = share;
            Depth = Math.Max(Depth, way.Length - 1);
            foreach (var link in _above[party])
            {
                if (link.Millionths is not { } millionths)
                {
                    continue;
                }

                var part = share / Whole * millionths;
                rest -= part;
                if (++_steps > MostSteps)
                {
                    IsCut = true;
                    Unknown += part;
                    continue;
                }

                Take(link.Owner, part, way);
            }

            if (rest.Sign < 0)
            {
                Exceeding.Add(party);
            }
            else
            {
                Unknown += rest;
            }
        }

        /// <summary>The persons at the upper end of chains of control or of majorities.</summary>
        public HashSet<string> Controllers(string root)
        {
            var (found, seen) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>([root]));
            var waiting = new Queue<string>([root]);
            while (waiting.TryDequeue(out var party))
            {
                foreach (var link in _above[party])
                {
                    if ((link.Millionths is null or > Whole / 2) && seen.Add(link.Owner))
                    {
                        if (_isPerson(link.Owner))
                        {
                            found.Add(link.Owner);
                        }
                        else
                        {
                            waiting.Enqueue(link.Owner);
                        }
                    }
                }
            }

            return found;
        }

        private void Take(string owner, BigInteger part, ImmutableArray<string> way)
        {
            var at = way.IndexOf(owner);
            if (at >= 0)
            {
                Circular += part;
                AddCircle(way[..(at + 1)]);
            }
            else if (_isPerson(owner))
            {
                Depth = Math.Max(Depth, way.Length);
                Shares[owner] = Shares.GetValueOrDefault(owner) + part;
                if (!Ways.TryGetValue(owner, out var ways))
                {
                    Ways.Add(owner, ways = []);
                }

                ways.Add((way.Insert(0, owner), part));
            }
            else if (way.Length >= MostDepth)
            {
                IsCut = true;
                Unknown += part;
            }
            else
            {
                Up(owner, part, way.Insert(0, owner));
            }
        }

        // The same circle is met from several sides: it is told once, beginning with its smallest id.
        private void AddCircle(ImmutableArray<string> circle)
        {
            var least = circle.IndexOf(circle.Min(StringComparer.Ordinal)!); // A circle has members.
            var turned = circle[least..].AddRange(circle[..least]);
            if (!_circles.Any(known => known.SequenceEqual(turned, StringComparer.Ordinal)))
            {
                _circles.Add(turned);
            }
        }
    }
}
