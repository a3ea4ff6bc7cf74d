using Microsoft.AspNetCore.Components.Forms;

namespace Probity.Server.Ui;

/// <summary>
/// Pages post no forms (what they do is a request to the API), so Blazor's own antiforgery cookie is not set: a page
/// read without signing in leaves nothing in the browser.
/// </summary>
internal sealed class NoAntiforgeryState : AntiforgeryStateProvider
{
    public override AntiforgeryRequestToken? GetAntiforgeryToken() => null;
}
