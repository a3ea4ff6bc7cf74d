using System.Collections.Frozen;
using System.Security.Claims;

namespace Probity.Server.Access;

/// <summary>Who makes a request: the API key it carried.</summary>
internal sealed class Caller
{
    private readonly FrozenSet<string> _permissions;

    public Caller(string id, string name, string owner, IEnumerable<string> permissions)
    {
        (Id, Name, Owner) = (id, name, owner);
        _permissions = permissions.ToFrozenSet(StringComparer.Ordinal);
        Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, id)], "ApiKey"));
    }

    /// <summary>The server itself, where no request is involved: the first key, jobs, verbs.</summary>
    public static Caller Server { get; } = new("probity", "probity", "probity", Permission.Names);

    /// <summary>The id of the key, <c>key_…</c>.</summary>
    public string Id { get; }

    public string Name { get; }

    public string Owner { get; }

    /// <summary>The same as a principal named by <see cref="Id"/>.</summary>
    public ClaimsPrincipal Principal { get; }

    public bool Has(string permission) => _permissions.Contains(permission);
}

internal static class CallerOfRequest
{
    /// <summary>The caller of the request; null on a public endpoint that was called without a valid key.</summary>
    public static Caller? Caller(this HttpContext context) => context.Features.Get<Caller>();

    public static void SetCaller(this HttpContext context, Caller caller)
    {
        context.Features.Set(caller);
        context.User = caller.Principal;
    }
}
