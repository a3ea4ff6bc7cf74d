using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>A page that notes every request to another origin, every error on its console and every byte it was sent.</summary>
internal sealed class Tab : IAsyncDisposable
{
    // What passed is as large as the page itself, and is not looked at.
    private static readonly AxeRunOptions s_violations = new() { ResultTypes = [ResultType.Violations] };

    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    public Tab(IBrowserContext context, IPage page, Uri origin)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _faults.Add($"console {message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => _faults.Add("script error: " + error);
        page.Request += (_, request) =>
        {
            Requests.Add(request.Url);
            if (!request.Url.StartsWith(origin.ToString(), StringComparison.Ordinal)
                && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                _faults.Add("request elsewhere: " + request.Url);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Gets the addresses asked for, in order.</summary>
    public List<string> Requests { get; } = [];

    public async Task GoAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
    }

    /// <summary>
    /// Waits for an address that matches. Not <c>WaitForURLAsync</c>: it reads the address and only then listens, and
    /// never hears of one that the page came to in between (on a busy machine one in some twenty). A page that is
    /// loaded is there then; what is fetched into one comes later than its address.
    /// </summary>
    public async Task ArrivesAsync([StringSyntax(StringSyntaxAttribute.Regex)] string pattern)
    {
        await Assertions.Expect(Page).ToHaveURLAsync(new Regex(pattern), new() { Timeout = 20_000 });
        await Page.WaitForLoadStateAsync();
    }

    public void IsClean() => Assert.True(_faults.Count == 0, string.Join('\n', _faults));

    /// <summary>Fails with what axe finds against WCAG 2.2 AA, and axe's best practices.</summary>
    public async Task IsAccessibleAsync()
    {
        var found = await Page.RunAxe(s_violations);
        Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(Told)));
    }

    /// <summary>WCAG 1.4.10: at 320 px nothing is cut off and nothing scrolls sideways but tables and code.</summary>
    public async Task FitsAsync()
    {
        var wide = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(wide <= 0, $"The page is {wide} px wider than the window: {(wide > 0 ? await WidestAsync() : "")}");
    }

    /// <summary>The elements that stick out, the innermost last.</summary>
    private Task<string> WidestAsync() => Page.EvaluateAsync<string>("""
        [...document.querySelectorAll("main *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".table-wrap, pre"))
            .slice(0, 8).map(e => e.tagName.toLowerCase() + (e.className ? "." + e.className : "")).join(" > ")
        """);

    public async Task PressAsync(params string[] keys)
    {
        foreach (var key in keys)
        {
            await Page.Keyboard.PressAsync(key);
        }
    }

    /// <summary>Tab until the element has the focus, as someone without a mouse does.</summary>
    public async Task TabToAsync(string selector, int most = 60)
    {
        for (var i = 0; i < most; i++)
        {
            if (await Page.EvaluateAsync<bool>("s => document.activeElement?.matches(s) ?? false", selector))
            {
                return;
            }

            await Page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{selector} was not reached with {most} tabs."));
    }

    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private static string Told(AxeResultItem violation) =>
        $"{violation.Id} ({violation.Impact}): {violation.Help}\n  "
        + string.Join("\n  ", violation.Nodes.Take(4).Select(n => $"{n.Target} {n.Any.FirstOrDefault()?.Message ?? n.All.FirstOrDefault()?.Message}"));
}
