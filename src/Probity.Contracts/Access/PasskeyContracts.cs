using System.Text.Json;

namespace Probity.Contracts.Access;

/// <summary>One half of a passkey ceremony.</summary>
/// <param name="Options">What the browser's <c>navigator.credentials</c> takes, as JSON.</param>
/// <param name="State">To send back with the credential, within five minutes, once.</param>
public sealed record PasskeyOffer(JsonElement Options, string State);

/// <summary>What <c>POST /api/v1/account/passkeys</c> takes.</summary>
public sealed record AddPasskey
{
    /// <summary>The state of the offer.</summary>
    public required string State { get; init; }

    /// <summary>What <c>navigator.credentials.create</c> gave, as its <c>toJSON</c> writes it.</summary>
    public required JsonElement Credential { get; init; }

    /// <summary>What the person calls it.</summary>
    public string? Name { get; init; }
}

/// <summary>What <c>POST /api/v1/session:passkey</c> takes.</summary>
public sealed record PasskeySignIn
{
    /// <summary>The state of the offer.</summary>
    public required string State { get; init; }

    /// <summary>What <c>navigator.credentials.get</c> gave, as its <c>toJSON</c> writes it.</summary>
    public required JsonElement Credential { get; init; }
}

/// <summary>A passkey of one's own.</summary>
/// <param name="Id">The credential id, base64url.</param>
/// <param name="Name">What the person calls it.</param>
/// <param name="BackedUp">Whether it is copied to other devices of the person.</param>
/// <param name="CreatedAt">Since when.</param>
public sealed record PasskeyView(string Id, string Name, bool BackedUp, DateTimeOffset CreatedAt);

/// <summary>One's own passkeys.</summary>
/// <param name="Passkeys">The passkeys, oldest first.</param>
public sealed record PasskeyList(IReadOnlyList<PasskeyView> Passkeys);
