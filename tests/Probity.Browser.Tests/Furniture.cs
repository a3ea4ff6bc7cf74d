namespace Probity.Browser.Tests;

/// <summary>What makes pages worth looking at.</summary>
internal static class Furniture
{
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

    private static async Task<string> InviteAsync(ApiPerson administrator, string login, string name)
    {
        var made = await administrator.PostAsync("users", new { login, name });
        await administrator.PostAsync("password",
            new { invitation = made["invitation"]!.GetValue<string>(), password = Bank.Password });
        return made["user"]!["id"]!.GetValue<string>();
    }
}
