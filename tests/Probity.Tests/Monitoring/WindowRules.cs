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
        "\"time_since\"",
    ];

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
        ",\"where\":{\"lt\":[\"$amount\",{\"threshold\":\"limit\"}]}",
    ];

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
