using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Probity.Browser.Tests;

/// <summary>Someone signed in over the API: the cookie and the proof that our pages send.</summary>
internal sealed class ApiPerson : IDisposable
{
    private readonly HttpClient _http;

    private ApiPerson(HttpClient http) => _http = http;

    public static async Task<ApiPerson> SignInAsync(Uri url, string login, string password)
    {
        var http =
            new HttpClient(
            new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress =
            new Uri(url, "api/v1/") };
        http.DefaultRequestHeaders.Add("Origin", url.GetLeftPart(UriPartial.Authority));
        var person = new ApiPerson(http);
        var session = await person.PostAsync("session", new { login, password });
        http.DefaultRequestHeaders.Add("X-Probity-Csrf", session["csrf_token"]!.GetValue<string>());
        return person;
    }

    /// <summary>Posts, which must succeed; the answer, an empty object where there is none.</summary>
    public async Task<JsonNode> PostAsync(string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public void Dispose() => _http.Dispose();
}
