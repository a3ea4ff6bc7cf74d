using System.Collections.Frozen;
using System.Security.Claims;
using Probity.Contracts.Problems;
using Probity.Server.Hosting.Problems;
using Probity.Server.Storage.Commits;

namespace Probity.Server.Access;

/// <summary>What kind of caller makes a request.</summary>
internal enum CallerKind
{
    /// <summary>A program that carries an API key.</summary>
    ApiKey,

    /// <summary>A person with a session.</summary>
    Person,

    /// <summary>A service that carries a signed token.</summary>
    Service,

    /// <summary>The server itself.</summary>
    Server,
}

/// <summary>Who makes a request: the one answer to "who". Immutable.</summary>
internal sealed class Caller
{
    private readonly FrozenDictionary<string, EntityScope> _permissions;

    /// <summary>A caller with each of the permissions for every legal entity.</summary>
    public Caller(CallerKind kind, string id, string name, string owner, IEnumerable<string> permissions)
        : this(kind, id, name, owner, permissions.Distinct(StringComparer.Ordinal).Select(p => KeyValuePair.Create(p, EntityScope.All)))
    {
    }

    /// <summary>A caller with permissions that each reach as far as their scope.</summary>
    public Caller(
        CallerKind kind, string id, string name, string owner, IEnumerable<KeyValuePair<string, EntityScope>> permissions)
    {
        (Kind, Id, Name, Owner) = (kind, id, name, owner);
        _permissions = permissions.ToFrozenDictionary(StringComparer.Ordinal);
        Scope = _permissions.Values.Aggregate(EntityScope.None, static (all, scope) => all.Union(scope));
        Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, id)], kind.ToString()));
    }

    /// <summary>The server itself, where no request is involved: the first key, jobs, verbs.</summary>
    public static Caller Server { get; } = new(CallerKind.Server, "probity", "probity", "probity", Permission.Names);

    public CallerKind Kind { get; }

    /// <summary><c>key_…</c>, <c>usr_…</c>, <c>svc:…</c> or <c>probity</c>.</summary>
    public string Id { get; }

    /// <summary>
    /// The person behind the caller, <c>usr_…</c>: of an API key the one who owns it. Null for the server and for keys
    /// that no person owns. Two callers with the same one are one person.
    /// </summary>
    public string? PersonId { get; init; }

    public string Name { get; }

    /// <summary>Who answers for the caller, in words.</summary>
    public string Owner { get; }

    /// <summary>The id of the session, <c>ses_…</c>, never its token; null when there is none.</summary>
    public string? SessionId { get; init; }

    /// <summary>The names of the roles in force, sorted; empty for keys and services.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>The open emergency of the person, <c>bgl_…</c>; null for none. It marks every entry of the caller.</summary>
    public string? BreakGlassId { get; init; }

    /// <summary>All legal entities any permission reaches: to show. To filter, ask <see cref="ScopeOf"/>.</summary>
    public EntityScope Scope { get; }

    /// <summary>When the caller last proved itself with something phishing or guessing alone does not get; null for never.</summary>
    public DateTimeOffset? StrongAt { get; init; }

    /// <summary>
    /// Whether the person came with a password alone where a second factor is required: nothing but the own account is
    /// open then, and a refusal says why.
    /// </summary>
    public bool MustEnrol { get; init; }

    /// <summary>When the credential stops working without further use or renewal; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The permissions, in no order.</summary>
    public IEnumerable<string> Permissions => _permissions.Keys;

    /// <summary>The same as a principal named by <see cref="Id"/>.</summary>
    public ClaimsPrincipal Principal { get; }

    public bool Has(string permission) => _permissions.ContainsKey(permission);

    /// <summary>The legal entities a permission reaches; none without the permission.</summary>
    public EntityScope ScopeOf(string permission) => _permissions.GetValueOrDefault(permission, EntityScope.None);

    /// <summary>The caller as the actor of an entry.</summary>
    public EntryActor ToActor() => new(
        Kind switch
        {
            CallerKind.ApiKey => "api_key",
            CallerKind.Person => "user",
            CallerKind.Service => "service",
            CallerKind.Server => "system",
            _ => throw new InvalidOperationException("There is no other kind of caller."),
        },
        Id)
    {
        Name = Name,
        Role = Roles.Count == 0 && BreakGlassId is null ? null
            : string.Join(' ', BreakGlassId is null ? Roles : Roles.Append($"break_glass:{BreakGlassId}")),
        Session = SessionId,
    };
}

internal static class CallerOfRequest
{
    /// <summary>The caller of the request; null on a public endpoint that was called without a valid credential.</summary>
    public static Caller? Caller(this HttpContext context) => context.Features.Get<Caller>();

    /// <summary>The caller of a request whose endpoint needs a permission.</summary>
    public static Caller RequireCaller(this HttpContext context) =>
        context.Caller() ?? throw new ProblemException(ErrorCodes.AccessUnauthenticated);

    public static void SetCaller(this HttpContext context, Caller caller)
    {
        context.Features.Set(caller);
        context.User = caller.Principal;
    }
}
