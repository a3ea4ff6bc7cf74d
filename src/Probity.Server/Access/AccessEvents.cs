namespace Probity.Server.Access;

/// <summary>
/// The types of the entries of Access. In brackets the word of the OWASP logging vocabulary that each stands for, which
/// the entry repeats in <c>data.owasp</c>.
/// </summary>
internal static class AccessEvents
{
    /// <summary>(authn_login_success)</summary>
    public const string SignedIn = "probity.access.signed_in";

    /// <summary>(authn_login_fail)</summary>
    public const string SignInFailed = "probity.access.sign_in_failed";

    /// <summary>(authn_login_lock)</summary>
    public const string SignInThrottled = "probity.access.sign_in_throttled";

    /// <summary>The password was right, and the second factor is asked for (authn_login_success)</summary>
    public const string FactorAsked = "probity.access.factor_asked";

    /// <summary>A code was used up (authn_token_used)</summary>
    public const string FactorUsed = "probity.access.factor_used";

    /// <summary>(session_terminated)</summary>
    public const string SignedOut = "probity.access.signed_out";

    /// <summary>(session_terminated)</summary>
    public const string SessionRevoked = "probity.access.session_revoked";

    /// <summary>(authz_fail)</summary>
    public const string Denied = "probity.access.denied";

    /// <summary>(user_created)</summary>
    public const string SetUp = "probity.access.set_up";

    /// <summary>(user_created)</summary>
    public const string UserCreated = "probity.access.user_created";

    /// <summary>(user_updated)</summary>
    public const string UserDisabled = "probity.access.user_disabled";

    /// <summary>(user_updated)</summary>
    public const string UserEnabled = "probity.access.user_enabled";

    /// <summary>(user_updated)</summary>
    public const string UserReset = "probity.access.user_reset";

    /// <summary>(user_updated)</summary>
    public const string UserUpdated = "probity.access.user_updated";

    /// <summary>(authn_password_change)</summary>
    public const string PasswordSet = "probity.access.password_set";

    /// <summary>(user_updated)</summary>
    public const string TotpOffered = "probity.access.totp_offered";

    /// <summary>(user_updated)</summary>
    public const string TotpSet = "probity.access.totp_set";

    /// <summary>(user_updated)</summary>
    public const string TotpRemoved = "probity.access.totp_removed";

    /// <summary>(user_updated)</summary>
    public const string PasskeyAdded = "probity.access.passkey_added";

    /// <summary>(user_updated)</summary>
    public const string PasskeyRemoved = "probity.access.passkey_removed";

    /// <summary>(authn_token_created)</summary>
    public const string SteppedUp = "probity.access.stepped_up";

    /// <summary>A group of the directory was made (user_updated)</summary>
    public const string GroupCreated = "probity.access.group_created";

    /// <summary>A group of the directory, or who is in it, changed (user_updated)</summary>
    public const string GroupChanged = "probity.access.group_changed";

    /// <summary>A group of the directory was removed (user_updated)</summary>
    public const string GroupRemoved = "probity.access.group_removed";

    /// <summary>(privilege_permissions_changed)</summary>
    public const string RoleCreated = "probity.access.role_created";

    /// <summary>(privilege_permissions_changed)</summary>
    public const string RoleEdited = "probity.access.role_edited";

    /// <summary>(privilege_permissions_changed)</summary>
    public const string GrantGiven = "probity.access.grant_given";

    /// <summary>(privilege_permissions_changed)</summary>
    public const string GrantTakenBack = "probity.access.grant_taken_back";
}
