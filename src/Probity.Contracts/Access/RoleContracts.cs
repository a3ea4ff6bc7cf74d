namespace Probity.Contracts.Access;

/// <summary>A permission.</summary>
/// <param name="Name">Its name, <c>module.resource.verb</c>.</param>
/// <param name="Meaning">What it allows.</param>
/// <param name="Compartment">Whether it opens a compartment, which no other permission implies.</param>
public sealed record PermissionView(string Name, string Meaning, bool Compartment);

/// <summary>Every permission.</summary>
/// <param name="Permissions">The permissions.</param>
public sealed record PermissionList(IReadOnlyList<PermissionView> Permissions);

/// <summary>A role: a named set of permissions.</summary>
public sealed record RoleView
{
    /// <summary><c>rol_…</c></summary>
    public required string Id { get; init; }

    /// <summary>Its name, unique.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>Its permissions, sorted.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>Whether it came with the installation.</summary>
    public required bool BuiltIn { get; init; }
}

/// <summary>All roles, by name.</summary>
/// <param name="Roles">The roles.</param>
public sealed record RoleList(IReadOnlyList<RoleView> Roles);

/// <summary>What <c>POST /api/v1/roles</c> takes.</summary>
public sealed record CreateRole
{
    /// <summary>Lower-case letters, digits and underscores, 1 to 64.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, 1 to 500 characters.</summary>
    public required string Description { get; init; }

    /// <summary>Its permissions.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>Why it is made.</summary>
    public string? Reason { get; init; }
}

/// <summary>What <c>PUT /api/v1/roles/{id}</c> takes.</summary>
public sealed record EditRole
{
    /// <summary>What it is for; null leaves it.</summary>
    public string? Description { get; init; }

    /// <summary>All its permissions from now on.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>Why it is changed.</summary>
    public string? Reason { get; init; }
}

/// <summary>What <c>POST /api/v1/grants</c> takes.</summary>
public sealed record GiveGrant
{
    /// <summary>Who gets the role.</summary>
    public required string UserId { get; init; }

    /// <summary>The role.</summary>
    public required string RoleId { get; init; }

    /// <summary>The codes of the legal entities it reaches; null means all.</summary>
    public IReadOnlyList<string>? Entities { get; init; }

    /// <summary>Until when; null means until it is taken back, for an examiner 90 days.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }
}

/// <summary>Grants, newest first.</summary>
/// <param name="Grants">The grants, those that ended included.</param>
public sealed record GrantList(IReadOnlyList<GrantView> Grants);

/// <summary>A request that waits for another person.</summary>
/// <param name="ApprovalId">The approval's id.</param>
public sealed record ApprovalRef(string ApprovalId);

/// <summary>An open session.</summary>
public sealed record OpenSession
{
    /// <summary><c>ses_</c> and a UUIDv7: not what the cookie holds.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string UserId { get; init; }

    /// <summary>The person's name.</summary>
    public required string Name { get; init; }

    /// <summary>How the person signed in.</summary>
    public required string Method { get; init; }

    /// <summary>The browser, as it names itself.</summary>
    public required string Client { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last request, up to a minute behind.</summary>
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The end whatever happens.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Whether the request came under this one.</summary>
    public required bool Current { get; init; }
}

/// <summary>Open sessions, newest first.</summary>
/// <param name="Sessions">The sessions.</param>
public sealed record OpenSessionList(IReadOnlyList<OpenSession> Sessions);
