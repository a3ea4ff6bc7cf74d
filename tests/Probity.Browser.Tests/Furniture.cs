using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>What makes pages worth looking at.</summary>
internal static class Furniture
{
    /// <summary>The login of the compliance officer.</summary>
    public const string Officer = "ola";

    /// <summary>The login of the analyst.</summary>
    public const string Analyst = "cora";

    /// <summary>
    /// Something to see on every page: a second administrator with a long name who has asked for what waits for the
    /// first, a key of each kind, an emergency.
    /// </summary>
    public static async Task PutAsync(Uri url)
    {
        using var ana = await ApiPerson.SignInAsync(url, Bank.Login, Bank.Password);
        var ben = await InviteAsync(ana, "ben", "Maximiliane-Theodora von und zu Hohenstein-Schwarzenfels-Rautenberg");
        await ana.PostAsync("grants",
            new { user_id = ben, role_id = "rol_administrator", reason = "second administrator" });
        var cara = await InviteAsync(ana, "cara", "Cara Weiss");
        using var second = await ApiPerson.SignInAsync(url, "ben", Bank.Password);
        foreach (var role in (string[])["rol_analyst", "rol_examiner", "rol_approver"])
        {
            await second.PostAsync("grants",
                new { user_id = cara, role_id = role, entities = (string[])["DE01"],
                reason = "joins the team in Frankfurt" });
        }

        await ana.PostAsync("api-keys",
            new { name = "archive", owner = "records office", scopes = (string[])["ledger.export.run"] });
        await ana.PostAsync("api-keys",
            new { name = "reporting", owner = "data office", scopes = (string[])["ledger.entry.read"] });
        await second.PostAsync("break-glass",
            new { permissions = "sars", minutes = 60, reason = "The authority asks, and nobody else is here" });
    }

    /// <summary>An analyst, a list with a version that waits, and a customer whom the live one
    /// means.</summary>
    public static async Task PutScreeningAsync(HttpClient key)
    {
        var live = await LoadAsync(key, "1,own_deny,person,Radomir Vukasinovic,1961,RS\n");
        await SendAsync(key, $"screening/lists/own_deny/versions/{live}:activate", new { reason = "looked at" });
        await LoadAsync(key,
            "1,own_deny,person,Radomir Vukasinovic,1961,ME\n2,own_deny,vessel,Wandering Albatros,,PA\n");
        for (var tries = 0; tries < 100; tries++)
        {
            using var ready = await key.PostAsJsonAsync("api/v1/screening/search", new { name = "Radomir" });
            if (ready.IsSuccessStatusCode)
            {
                break;
            }

            await Task.Delay(100);
        }

        await SendAsync(key, "customers", new
        {
            external_id = "c-4711", kind = "person", gender = "male",
            names = new[] { new { text = "Radomir Vukasinovich" } },
            dates = new[] { new { kind = "birth", date = "1961-03-02" } },
            countries = new[] { new { kind = "nationality", code = "RS" } },
        });

        // An analyst decides no approvals: ana still is the only one who does, and can make the second administrator.
        await PutPersonAsync(key, Analyst, "Cora Lindt", "rol_analyst");
    }

    /// <summary>A compliance officer, who may ask for what two people decide.</summary>
    public static Task PutOfficerAsync(HttpClient key) =>
        PutPersonAsync(key, Officer, "Ola Nordmann", "rol_compliance_officer");

    private static async Task PutPersonAsync(HttpClient key, string login, string name, string role)
    {
        var made = await SendAsync(key, "users", new { login, name });
        await SendAsync(key, "password",
            new { invitation = made["invitation"]!.GetValue<string>(), password = Bank.Password });
        await SendAsync(key, "grants", new
        {
            user_id = made["user"]!["id"]!.GetValue<string>(), role_id = role, reason = "works here",
        });
    }

    /// <summary>A customer whose account is fed by several people, ordinary payments, and a draft of rules.</summary>
    public static async Task PutMonitoringAsync(HttpClient key)
    {
        await SendAsync(key, "customers", new
        {
            external_id = "c-7001", kind = "person", names = new[] { new { text = "Ines Costa" } },
            countries = new[] { new { kind = "residence", code = "US" } },
            accounts = new[] { new { number = "US-7001", currency = "USD", country = "US", opened_on = "2019-05-02" } },
            due_diligence = new
            {
                level = "standard", rating = "low", segment = "retail", source_of_funds = "salary",
                onboarded_on = "2019-05-02", review_due_on = "2027-05-02",
                documents = new[] { new { kind = "passport", number = "X123", expires_on = "2031-01-01" } },
            },
        });
        for (var i = 0; i < 24; i++)
        {
            await PayAsync(
                key, i, "transfer", 20 + (i * 7), -12 + (i / 3), new { account = $"US-90{i % 7:00}", country = "US" },
                new { account = "US-7001", customer = "c-7001" }, null);
        }

        for (var i = 0; i < 3; i++)
        {
            await PayAsync(key, 100 + i, "cash_in", 3600, -3 + i, null,
                new { account = "US-7001", customer = "c-7001" }, new { conductor = $"person-{i}", branch = "12" });
        }

        await SendAsync(key, "monitoring/rules?note=A%20higher%20threshold", new
        {
            name = MonitoringPageTests.Changed, rule_type = "AML", jurisdiction = "US", version = 2,
            conditions = new { amount_threshold = 25000, currency = "USD" }, actions = new { alert = true },
            severity = "LOW",
        });
    }

    /// <summary>A scorecard in force, and a legal entity with owners through a holding, a circle and a part that nobody
    /// is named for.</summary>
    public static async Task PutDiligenceAsync(HttpClient key)
    {
        var scorecard = await SendAsync(key, "customers/scorecards?from=shipped", new { });
        await SendAsync(
            key, $"customers/scorecards/{scorecard["id"]}:activate", new { reason = "risk assessment of the year" });
        await SendAsync(key, "customers/scorecards?from=shipped&note=Another%20one", new { });
        var root = await PartyAsync(key, "c-8001", "Hochstein Maschinenbau GmbH", "organisation", null, "2023-01-15");
        var holding = await PartyAsync(key, "c-8002", "Hochstein Holding AG", "organisation", "related", null);
        var person = await PartyAsync(key, "c-8003", "Adele Hochstein", "person", "related", null);
        await LinkAsync(key, root, holding, "owns", "60");
        await LinkAsync(key, root, person, "owns", "9.5");
        await LinkAsync(key, holding, person, "owns", "50");
        await LinkAsync(key, holding, root, "owns", "10");
        await LinkAsync(key, root, person, "director", null);
        await SendAsync(key, $"customers/{root}/checks",
            new { kind = "identity", outcome = "passed", reason = "extract of the register seen" });
        await SendAsync(key, $"customers/{root}/reviews",
            new { outcome = "information_updated", reason = "new address", next_due_on = Day(20) });
        await PartyAsync(key, "c-8004", "Overdue Trading GmbH", "organisation", null, "2019-01-15");
    }

    private static async Task<string> PartyAsync(
        HttpClient key, string number, string name, string kind, string? role, string? onboarded)
    {
        var made = await SendAsync(key, "customers", new
        {
            external_id = number, kind, role, names = new[] { new { text = name } },
            countries = new[] { new { kind = kind == "person" ? "residence" : "incorporation", code = "DE" } },
            due_diligence = onboarded is null ? null : new
            {
                segment = "cash_intensive", channel = "introducer", onboarded_on = onboarded,
                documents = new[] { new { kind = "register_extract", number = "HRB 77", expires_on = Day(12) } },
            },
        });
        return made["id"]!.GetValue<string>();
    }

    private static Task<JsonNode> LinkAsync(HttpClient key, string owned, string party, string kind, string? percent) =>
        SendAsync(key, $"customers/{owned}/links", new { party_id = party, kind, percent });

    private static string Day(int days) => TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(days).ToString(
        "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static Task<JsonNode> PayAsync(
        HttpClient key, int number, string type, int amount, int days, object? debtor, object creditor, object? cash)
    {
        var body = new JsonObject
        {
            ["source"] = "core", ["id"] = $"f-{number}", ["amount"] = $"{amount}.00", ["currency"] = "USD",
            ["type"] = type,
            ["occurred_at"] = TimeProvider.System.GetUtcNow().UtcDateTime.Date.AddDays(days).AddHours(15).ToString(
                "yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in new[] { ("debtor", debtor), ("creditor", creditor), ("cash", cash) })
        {
            if (value is not null)
            {
                body[name] = System.Text.Json.JsonSerializer.SerializeToNode(value);
            }
        }

        return SendAsync(key, "transactions", body);
    }

    private static async Task<string> LoadAsync(HttpClient key, string rows)
    {
        using var body = new StringContent("id,list,type,name,dob,country\n" + rows);
        using var answer = await key.PostAsync(
            new Uri("api/v1/screening/lists:load?name=own.csv", UriKind.Relative), body);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!
            ["lists"]![0]!["version"]!["id"]!.GetValue<string>();
    }

    private static async Task<JsonNode> SendAsync(HttpClient key, string path, object body)
    {
        using var answer = await key.PostAsJsonAsync("api/v1/" + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private static async Task<string> InviteAsync(ApiPerson administrator, string login, string name)
    {
        var made = await administrator.PostAsync("users", new { login, name });
        await administrator.PostAsync("password",
            new { invitation = made["invitation"]!.GetValue<string>(), password = Bank.Password });
        return made["user"]!["id"]!.GetValue<string>();
    }
}
