using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Probity.Screening.Model;
using Probity.Server.Hosting.Settings.Values;
using Probity.Server.Screening.Lists;
using Probity.Server.Tests.Access;
using Xunit;

namespace Probity.Server.Tests.Screening;

/// <summary>Lists fetched from a publisher, who answers in this process, and lists dropped into a folder.</summary>
public sealed class ListFetchTests : IClassFixture<AccessServer>, IAsyncLifetime
{
    private readonly AccessServer _server;
    private readonly WebApplication _publisher;
    private string _text = "id,list,name\n1,own_feed,Ann Example\n";
    private string _tag = "\"1\"";
    private int _asked;
    private int _notModified;
    private int _status = 200;

    public ListFetchTests(AccessServer server)
    {
        _server = server;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        _publisher = builder.Build();
        _publisher.MapGet("/list.csv", AnswerAsync);
    }

    public async ValueTask InitializeAsync() => await _publisher.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _publisher.StopAsync();
        await _publisher.DisposeAsync();
    }

    [Fact]
    public async Task A_feed_is_fetched_once_goes_live_and_is_asked_again_with_its_tag()
    {
        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        Assert.Single(Active[new ListId("own_feed")].Read.List.Entities);

        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal((2, 1), (_asked, _notModified));

        (_text, _tag) = ("id,list,name\n1,own_feed,Ann Example\n2,own_feed,Bob Example\n", "\"2\"");
        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, Active[new ListId("own_feed")].Read.List.Entities.Length);

        (_text, _tag) = ("<html>Please sign in</html>", "\"3\"");
        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, Active[new ListId("own_feed")].Read.List.Entities.Length);
        Assert.Contains("web page", await FaultAsync("own_feed"), StringComparison.Ordinal);
        Assert.Equal(1, _notModified); // The tag of a refused file is not kept.

        _status = 503;
        await Watch("own_feed").LookAsync(TestContext.Current.CancellationToken);
        Assert.Contains("answers 503", await FaultAsync("own_feed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_delivers_another_list_does_not_go_live()
    {
        _text = "id,list,name\n1,own_stranger,Ann Example\n";

        await Watch("own_expected").LookAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain(new ListId("own_stranger"), Active.Keys);
        Assert.Contains("delivers own_stranger", await FaultAsync("own_expected"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_dropped_and_renamed_is_taken_and_one_that_is_not_ready_is_left()
    {
        var drop = Path.Combine(_server.Folder, "lists", "drop");
        Directory.CreateDirectory(Path.Combine(drop, "monday.ready"));
        Directory.CreateDirectory(Path.Combine(drop, "tuesday"));
        Directory.CreateDirectory(Path.Combine(drop, "broken.ready"));
        await File.WriteAllTextAsync(
            Path.Combine(drop, "monday.ready", "own.csv"), "id,list,name\n1,own_drop,Ann Example\n",
                TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(drop, "tuesday", "own.csv"), "id,list,name\n1,own_later,Ann Example\n",
                TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(drop, "broken.ready", "un.xml"), "<CONSOLIDATED_LIST><ENT",
                TestContext.Current.CancellationToken);

        await Watch().LookAsync(TestContext.Current.CancellationToken);

        Assert.Contains(new ListId("own_drop"), Active.Keys);
        Assert.DoesNotContain(new ListId("own_later"), Active.Keys);
        var left = Directory.GetFileSystemEntries(drop).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal).ToList();
        Assert.Collection(left,
            name => Assert.EndsWith(".refused", name, StringComparison.Ordinal),
            name => Assert.EndsWith(".taken", name, StringComparison.Ordinal),
            name => Assert.Equal("tuesday", name));
    }

    private System.Collections.Frozen.FrozenDictionary<ListId, ActiveList> Active =>
        _server.Services.GetRequiredService<ActiveLists>().Current;

    private async Task<string> FaultAsync(string list) =>
        (await _server.Services.GetRequiredService<ListStatus>().AllAsync(CancellationToken.None))
            .Lists.Single(item => item.List == list).LastFault ?? "";

    private ListWatch Watch(params string[] lists)
    {
        var address = new Uri(_publisher.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single() + "/list.csv");
        var options = new ListFeedOptions
        {
            DropFolder = Path.Combine(_server.Folder, "lists", "drop"),
            Feeds = [.. lists.Select(list => new ListFeed(list, [address]))],
        };
        return ActivatorUtilities.CreateInstance<ListWatch>(_server.Services, options);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        _asked++;
        if (_status != 200)
        {
            http.Response.StatusCode = _status;
            return;
        }

        if (http.Request.Headers.IfNoneMatch == _tag)
        {
            _notModified++;
            http.Response.StatusCode = (int)HttpStatusCode.NotModified;
            return;
        }

        http.Response.Headers.ETag = _tag;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(_text));
    }
}
