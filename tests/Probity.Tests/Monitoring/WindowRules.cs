namespace Probity.Tests.Monitoring;

/// <summary>Rules that ask for every function over every kind of window, key and direction.</summary>
internal static class WindowRules
{
    private static readonly string[] s_windows =
    [
        """{"last":"36h"}""", """{"between":{"from":"9d","to":"2d"}}""", """{"calendar":"day","in":"us"}""",
        """{"calendar":"month","in":"us"}""", """{"business_days":2,"in":"us"}""", """{"last_n":4}""",
        """{"lifetime":true}""",
    ];

    private static readonly string[] s_functions =
    [
        "\"count\"", "\"sum\",\"to\":\"USD\"", "\"avg\",\"to\":\"EUR\"", "\"min\",\"to\":\"USD\"",
            "\"max\",\"to\":\"USD\"",
        "\"distinct\",\"of\":\"$counterparty\"", "\"stddev\",\"to\":\"USD\"", "\"pctile\",\"p\":75,\"to\":\"USD\"",
        "\"time_since\"", "\"benford_chi2\"",
    ];

    // Read from the log each time: not of the last so many.
    private static readonly string[] s_scans =
    [
        "\"time_since_first\"", "\"edit_distance\",\"of\":\"$narrative\"",
        "\"edit_distance\",\"of\":\"$counterparty\"", "\"speed_kmh\"",
    ];

    private static readonly string[] s_stepWindows = ["""{"last":"8d"}""", """{"lifetime":true}"""];

    private static readonly string[] s_sides =
    [
        "\"account\",\"dir\":\"out\"", "\"customer\",\"dir\":\"in\"", "\"pair\",\"dir\":\"both\"",
    ];

    private static readonly string[] s_extras =
    [
        "", ",\"include_current\":false", ",\"where\":{\"ne\":[\"$tx_type\",\"wire\"]},\"min_history\":2",
        ",\"where\":{\"ne\":[\"$ccy\",\"JPY\"]}", ",\"similar\":0.3",
            ",\"status\":[\"failed\",\"reversed\",\"settled\"]",
        ",\"where\":{\"eq\":[\"$narrative\",\"$current.narrative\"]}",
        ",\"where\":{\"lt\":[\"$amount\",{\"threshold\":\"limit\"}]}", ",\"near\":{\"km\":40}",
        ",\"where\":{\"lt\":[\"$amount\",{\"money\":[10000,\"EUR\"]}]}",
        ",\"where\":{\"all\":[{\"gte\":[\"$amount\",{\"money\":[1000,\"USD\"]}]},"
            + "{\"multiple_of\":[\"$amount\",250]}]}",
    ];

    private static readonly string[] s_flows =
    [
        """{"gte":[{"flow":{"pattern":"mirror_sum","within":"3d","tolerance":0.6}},1]}""",
        """
        {"gte":[{"flow":{"pattern":"mirror_sum","within":"9d","tolerance":1,"commission":0.3,"target":"last_out"}},1]}
        """,
        """{"gte":[{"flow":{"pattern":"upstream_divergence","up":"2d","down":"5d"}},3]}""",
        """{"flow":{"pattern":"cycle","max_hops":5,"within":"9d","step_tolerance":0.6}}""",
    ];

    // Extras without min_history, which functions of one transaction do not take.
    private static readonly string[] s_unbound =
    [
        "", ",\"where\":{\"ne\":[\"$ccy\",\"JPY\"]}", ",\"similar\":0.3", ",\"near\":{\"km\":40}",
        ",\"status\":[\"failed\",\"reversed\",\"settled\"]",
    ];

    private const string Cased =
        """
        {"cases":[{"when":{"eq":["$purpose","SALA"]},"ref":"salary","score":0.02},{"when":
        {"lt":[{"agg":{"fn":"count","key":"account","dir":"both","window":{"last":"36h"}}},2]},"ref":"quiet",
        "score":0}],
        "value":{"agg":{"fn":"benford_chi2","key":"account","dir":"both","window":{"lifetime":true},"min_history":5}},
        "bands":[{"upto":9,"ref":"low","score":0.01},{"ref":"high","score":0.03}]}
        """;

    private const string Outcomes =
        ",\"outcomes\":{\"insufficient_history\":{\"ref\":\"short\",\"score\":0.01},"
        + "\"missing_field\":{\"ref\":\"none\",\"score\":0}}";

    public static string[] All()
    {
        var rules = new List<string>();
        foreach (var window in s_windows)
        {
            foreach (var function in s_functions)
            {
                var at = rules.Count;
                rules.Add(Rule(at, function, s_sides[at % 3], window, s_extras[at % s_extras.Length]));
                rules.Add(Rule(at + 1, function, s_sides[(at + 1) % 3], window, s_extras[(at + 3) % s_extras.Length]));
            }
        }

        foreach (var scan in s_scans)
        {
            foreach (var window in (string[])[s_windows[0], s_windows[1], s_windows[^1]])
            {
                var at = rules.Count;
                rules.Add(Rule(at, scan, s_sides[at % 3], window, s_unbound[at % s_unbound.Length]));
            }
        }

        foreach (var window in s_stepWindows)
        {
            foreach (var fn in (string[])["\"step_avg\"", "\"step_stddev\""])
            {
                var at = rules.Count;
                rules.Add(Rule(at, fn + ",\"step\":\"24h\"", s_sides[at % 3], window, s_extras[at % s_extras.Length]));
            }
        }

        foreach (var function in s_functions)
        {
            var at = rules.Count;
            rules.Add(Rule(
                at, function, s_sides[at % 3], """{"last_n":5,"choose":"after"}""", s_extras[at % s_extras.Length]));
        }

        rules.AddRange(s_flows.Select((flow, at) => MonitoringKit.Rule(flow, ",\"score\":0.01", $"flow {at}")));
        rules.Add(MonitoringKit.Rule(Cased, ",\"score\":0.01" + Outcomes, "cased"));
        rules.Add(MonitoringKit.Rule(
            """{"flow":{"pattern":"cycle","max_hops":5,"within":"9d"}}""", ",\"score\":0.01", "cycle"));
        rules.Add(MonitoringKit.Rule(
            """{"flow":{"pattern":"scatter_gather","min":2,"within":"9d"}}""", ",\"score\":0.01", "scatter"));
        rules.Add(MonitoringKit.Rule(
            """{"flow":{"pattern":"pass_through","min_ratio":0.5,"within":"4d","min_amount":[100,"USD"]}}""",
            ",\"score\":0.01", "pass"));
        rules.Add(MonitoringKit.Rule(
            """{"flow":{"pattern":"dormant_then_active","idle":"30h"}}""", ",\"score\":0.01", "dormant"));
        return [.. rules];
    }

    private static string Rule(int number, string function, string side, string window, string extra)
    {
        var aggregate = "{\"agg\":{\"fn\":" + function + ",\"key\":" + side + ",\"window\":" + window + extra + "}}";
        var limit = function.Contains("\"to\":\"USD\"", StringComparison.Ordinal) ? """{"money":[5000,"USD"]}"""
            : function.Contains("\"to\":\"EUR\"", StringComparison.Ordinal) ? """{"money":[5000,"EUR"]}"""
            : "3";
        return MonitoringKit.Rule("{\"gte\":[" + aggregate + "," + limit + "]}", ",\"score\":0.01",
            $"rule {number:D3}");
    }
}
