using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Probity.Screening.Model;
using Probity.Server.Screening.Lists;
using Probity.Server.Tests.Access;
using Probity.Server.Tests.AuditTrail.Api;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Lists over the API: loaded, refused, activated, compared; each leaves its entry, nothing else is
/// live.</summary>
public sealed class ListServerTests(AccessServer server) : IClassFixture<AccessServer>
{
    private const string Base = "/api/v1/screening/lists";
    private const string Header = "id,list,type,name,dob,country\n";

    [Fact]
    public async Task A_list_is_loaded_compared_and_made_live()
    {
        var from = await server.SizeAsync();
        var first =
            Version(await LoadAsync(Header + "1,own_a,person,Ann Example,1980,DK\n2,own_a,person,Bob Example,,\n"));
        Assert.Equal(["probity.screening.list_loaded"], await server.TypesFromAsync(from));
        Assert.False(first["is_active"]!.GetValue<bool>());
        Assert.DoesNotContain(new ListId("own_a"), Active.Current.Keys);

        await ActivateAsync("own_a", first);
        Assert.Equal(2, Active.Current[new ListId("own_a")].Read.List.Entities.Length);
        var second = Version(await LoadAsync(
            Header + "1,own_a,person,Ann Example,1981,DK\n2,own_a,person,Bob Example,,\n"
            + "3,own_a,person,Cy Example,,\n"));
        var diff = await AccessServer.SendAsync(server.Key, HttpMethod.Get, $"{Base}/own_a/diff");

        Assert.True(diff.Status == HttpStatusCode.OK, diff.Text);
        Assert.Equal("3", diff.Json["added"]![0]!["uid"]!.GetValue<string>());
        Assert.Equal("dates", diff.Json["changed"]![0]!["fields"]![0]!["field"]!.GetValue<string>());
        Assert.Equal((1, 0, 1), (Number(second, "added"), Number(second, "removed"), Number(second, "changed")));
        from = await server.SizeAsync();
        await ActivateAsync("own_a", second);
        var entry = Assert.Single(await server.EntriesFromAsync(from));
        Assert.Equal("probity.screening.list_activated", entry["type"]!.GetValue<string>());
        Assert.Equal("own_a", entry["targets"]!.AsArray()[^1]!["id"]!.GetValue<string>());
        Assert.Equal(3, Active.Current[new ListId("own_a")].Read.List.Entities.Length);
    }

    [Fact]
    public async Task The_same_file_again_is_unchanged_and_leaves_no_version()
    {
        const string Text = Header + "1,own_same,person,Ann Example,1980,DK\n";
        var first = Version(await LoadAsync(Text));

        var again = await LoadAsync(Text);

        Assert.Equal("unchanged", again.Json["lists"]![0]!["outcome"]!.GetValue<string>());
        Assert.Equal(first["id"]!.GetValue<string>(), Version(again)["id"]!.GetValue<string>());
        var versions = await AccessServer.SendAsync(server.Key, HttpMethod.Get, $"{Base}/own_same/versions");
        Assert.Single(versions.Json["versions"]!.AsArray());
    }

    [Fact]
    public async Task A_faulty_file_is_refused_with_line_and_remedy_and_is_an_entry()
    {
        var from = await server.SizeAsync();

        var refused = await LoadAsync("id,name,dob\n1,Ann Example,soon\n");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("screening.list_refused", refused.Json["code"]!.GetValue<string>());
        Assert.Contains(":2 [dob]", refused.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        var entry = Assert.Single(await server.EntriesFromAsync(from));
        Assert.Equal(("probity.screening.list_refused", "failure"),
            (entry["type"]!.GetValue<string>(), entry["outcome"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_list_that_shrank_is_refused_the_old_one_stays_and_it_can_be_accepted()
    {
        var rows = string.Concat(Enumerable.Range(1, 40).Select(n => $"{n},own_b,person,Name Number{n},,\n"));
        await ActivateAsync("own_b", Version(await LoadAsync(Header + rows)));
        var half = Header + string.Concat(Enumerable.Range(1, 20).Select(n => $"{n},own_b,person,Name Number{n},,\n"));

        var refused = await LoadAsync(half);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal("shrunk", refused.Json["errors"]![0]!["code"]!.GetValue<string>());
        Assert.Equal(40, Active.Current[new ListId("own_b")].Read.List.Entities.Length);
        var status = (await AccessServer.SendAsync(server.Key, HttpMethod.Get, Base)).Json["lists"]!.AsArray()
            .Single(list => list!["list"]!.GetValue<string>() == "own_b")!;
        Assert.Contains("fewer", status["last_fault"]!.GetValue<string>(), StringComparison.Ordinal);
        var accepted = Version(await LoadAsync(half, "shrunk"));
        Assert.Equal("shrunk", accepted["accepted"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task A_list_goes_stale_when_nobody_looks_for_it()
    {
        await ActivateAsync("own_c", Version(await LoadAsync(Header + "1,own_c,person,Ann Example,1980,DK\n")));
        Assert.False(await IsStaleAsync("own_c"));

        server.Clock.Advance(ListStatus.StaleAfter + TimeSpan.FromMinutes(1));

        Assert.True(await IsStaleAsync("own_c"));
    }

    [Fact]
    public async Task Unknown_versions_and_a_second_activation_are_told_apart()
    {
        var version = Version(await LoadAsync(Header + "1,own_d,person,Ann Example,1980,DK\n"));
        await ActivateAsync("own_d", version);

        var again = await PostAsync("own_d", version["id"]!.GetValue<string>());
        var unknown = await PostAsync("own_d", "lsv_nothing");

        Assert.Equal("screening.list_unchanged", again.Json["code"]!.GetValue<string>());
        Assert.Equal("screening.list_version_not_found", unknown.Json["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Real_sets_go_as_one_ZIP_and_a_partial_one_is_refused_naming_the_file()
    {
        TestData.SkipUnlessPresent("lists/us_ofac_consolidated");
        var set = Directory.GetFiles(TestData.Path("lists/us_ofac_consolidated/2019-12_csv"));

        var loaded = await PostAsync(Zip(set), "cons.zip", "");
        var partial = await PostAsync(
            Zip([.. set.Where(file => !file.EndsWith("prim.csv", StringComparison.Ordinal))]), "cons.zip", "");

        Assert.True(loaded.Status == HttpStatusCode.OK, loaded.Text);
        Assert.Equal(442, Number(Version(loaded), "entries"));
        Assert.Equal("missing_part", partial.Json["errors"]![0]!["code"]!.GetValue<string>());
        Assert.Contains(
            "cons_prim.csv is missing", partial.Json["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private ActiveLists Active => server.Services.GetRequiredService<ActiveLists>();

    private static JsonNode Version(Answer answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return answer.Json["lists"]![0]!["version"]!;
    }

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();

    private async Task<bool> IsStaleAsync(string name) =>
        (await AccessServer.SendAsync(server.Key, HttpMethod.Get, Base)).Json["lists"]!.AsArray()
            .Single(list => list!["list"]!.GetValue<string>() == name)!["is_stale"]!.GetValue<bool>();

    private Task<Answer> LoadAsync(string text, string accept = "") =>
        PostAsync(Encoding.UTF8.GetBytes(text), "own.csv", accept);

    private async Task<Answer> PostAsync(byte[] body, string name, string accept)
    {
        server.Clock.Advance(TimeSpan.FromSeconds(1)); // The newest version is the one loaded last.
        using var content = new ByteArrayContent(body);
        using var response = await server.Key.PostAsync(
            $"{Base}:load?name={name}&accept={accept}", content, TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, new Dictionary<string, string>(StringComparer.Ordinal),
            await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    private Task<Answer> PostAsync(string list, string id) => AccessServer.SendAsync(
        server.Key, HttpMethod.Post, $"{Base}/{list}/versions/{id}:activate", new { reason = "looked at" });

    private async Task ActivateAsync(string list, JsonNode version)
    {
        var answer = await PostAsync(list, version["id"]!.GetValue<string>());
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
    }

    private static byte[] Zip(string[] files)
    {
        var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                zip.CreateEntryFromFile(file, Path.GetFileName(file));
            }
        }

        return buffer.ToArray();
    }
}
