namespace Probity.Contracts.Problems;

/// <summary>
/// Every code the server answers with. The page <c>docs/reference/errors.md</c> and <c>GET /errors</c> are written from it.
/// A code that has been released is never renamed, removed or given another status.
/// </summary>
public static class ErrorCodes
{
    private static readonly List<ErrorCode> Defined = [];
    private static readonly Dictionary<string, ErrorCode> ByName = new(StringComparer.Ordinal);

    /// <summary>No schema is set for an action.</summary>
    public static readonly ErrorCode EventSchemaNotFound = Define(
        "event.schema_not_found", 404, "No JSON Schema is set for this action", "List them with `GET /api/v1/event-schemas`.");

    /// <summary>A list was refused by a reader or by the list guard.</summary>
    public static readonly ErrorCode ScreeningListRefused = Define(
        "screening.list_refused", 422, "The list is refused; what is live stays live",
        "Do what each fault says; a finding that was looked at can be accepted by its code with `accept`.");

    /// <summary>There is no such list or version.</summary>
    public static readonly ErrorCode ScreeningListVersionNotFound = Define(
        "screening.list_version_not_found", 404, "There is no such version of a list",
        "List them with `GET /api/v1/screening/lists/{list}/versions`.");

    /// <summary>The version is live already.</summary>
    public static readonly ErrorCode ScreeningListUnchanged = Define(
        "screening.list_unchanged", 409, "The version is live already", "Nothing is to be done.");

    /// <summary>Two versions of a list were made live at once; this one was not.</summary>
    public static readonly ErrorCode ScreeningListRaced = Define(
        "screening.list_raced", 409, "Another version was made live in the same moment",
        "Look at `GET /api/v1/screening/lists` and decide anew.");

    /// <summary>No list is live, so that nothing can be screened.</summary>
    public static readonly ErrorCode ScreeningNotReady = Define(
        "screening.not_ready", 503, "No list is live yet: nothing was screened",
        "Load lists with `probity lists load`, or wait until those that are live have been read.");

    /// <summary>Stored content no longer matches its hash.</summary>
    public static readonly ErrorCode ScreeningListContentDamaged = Define(
        "screening.list_content_damaged", 500, "A stored list no longer is what was loaded",
        "Keep the data as it is, verify the ledger, restore the content or load the list again.");

    /// <summary>A transaction cannot be judged.</summary>
    public static readonly ErrorCode MonitoringTransactionRefused = Define(
        "monitoring.transaction_refused", 422, "The transaction cannot be judged; nothing of it was kept",
        "Correct what each fault names and send it again.");

    /// <summary>A payment message was refused whole.</summary>
    public static readonly ErrorCode MonitoringMessageRefused = Define(
        "monitoring.message_refused", 422, "The message is refused whole; nothing of it was kept",
        "Correct what each fault names by its XPath and send the message again.");

    /// <summary>A transaction did not come in a message.</summary>
    public static readonly ErrorCode MonitoringNoOriginal = Define(
        "monitoring.no_original", 404, "The transaction did not come in a payment message",
        "What was sent is the transaction itself: `GET /api/v1/transactions/{id}`.");

    /// <summary>A key names two different transactions.</summary>
    public static readonly ErrorCode MonitoringKeyReused = Define(
        "monitoring.key_reused", 409, "Another transaction has this source and id",
        "Give each transaction an id of its own; a correction is a reversal and a new transaction.");

    /// <summary>There is no such transaction.</summary>
    public static readonly ErrorCode MonitoringTransactionNotFound = Define(
        "monitoring.transaction_not_found", 404, "There is no transaction with this id",
        "List them with `GET /api/v1/transactions`.");

    /// <summary>A transaction was reversed before.</summary>
    public static readonly ErrorCode MonitoringAlreadyReversed = Define(
        "monitoring.already_reversed", 409, "The transaction was reversed before", "Nothing is to be done.");

    /// <summary>The content of a decision was erased.</summary>
    public static readonly ErrorCode MonitoringErased = Define(
        "monitoring.erased", 410, "What this transaction held was erased with its customer",
        "The proof that it was there stays: see its entry.");

    /// <summary>Too many transactions wait.</summary>
    public static readonly ErrorCode MonitoringBusy = Define(
        "monitoring.busy", 503, "More transactions wait than the queue holds; nothing of this one was kept",
        "Send it again.");

    /// <summary>A rule was refused.</summary>
    public static readonly ErrorCode MonitoringRuleRefused = Define(
        "monitoring.rule_refused", 422, "The rule is refused; what judges now goes on",
        "Do what each fault says; `POST /api/v1/monitoring/rules:validate` reads without keeping.");

    /// <summary>Nobody who is trusted has signed an update pack.</summary>
    public static readonly ErrorCode MonitoringPackUntrusted = Define(
        "monitoring.pack_untrusted", 403, "Nobody who is trusted has signed the update pack",
        "Put the publisher's key into AML_PACK_KEYS once you have it from the publisher by another way.");

    /// <summary>An update pack has a fault.</summary>
    public static readonly ErrorCode MonitoringPackRefused = Define(
        "monitoring.pack_refused", 422, "The update pack is refused; what judges now goes on",
        "Tell the publisher what each fault says, or leave the pack out.");

    /// <summary>There is no such set of rules.</summary>
    public static readonly ErrorCode MonitoringRuleSetNotFound = Define(
        "monitoring.rule_set_not_found", 404, "There is no set of rules with this id",
        "List them with `GET /api/v1/monitoring/rule-sets`.");

    /// <summary>A set of rules is in another state.</summary>
    public static readonly ErrorCode MonitoringRuleSetState = Define(
        "monitoring.rule_set_state", 409, "The set of rules is in another state than this needs",
        "Read it with `GET /api/v1/monitoring/rule-sets/{id}`.");

    /// <summary>Another set went live since a draft was drawn.</summary>
    public static readonly ErrorCode MonitoringRuleSetStale = Define(
        "monitoring.rule_set_stale", 409, "Another set of rules went live since this one was drawn",
        "Draw it anew with `POST /api/v1/monitoring/rule-sets/{id}:rebase`, look at the difference, and ask again.");

    /// <summary>A draft and the set that is live changed the same.</summary>
    public static readonly ErrorCode MonitoringRebaseConflict = Define(
        "monitoring.rebase_conflict", 409, "The draft and the set that is live changed the same rules",
        "Draft the rules it names anew on what is live, with `POST /api/v1/monitoring/rules`.");

    /// <summary>Stored rules no longer match their hash.</summary>
    public static readonly ErrorCode MonitoringContentDamaged = Define(
        "monitoring.content_damaged", 500, "Stored rules no longer are what was stored",
        "Keep the data as it is, verify the ledger, and restore the content from a backup.");
    /// <summary>There is no such customer for this caller.</summary>
    public static readonly ErrorCode CustomersNotFound = Define(
        "customers.not_found", 404, "There is no such customer", "Search with `POST /api/v1/customers:search`.");

    /// <summary>The scorecard has faults.</summary>
    public static readonly ErrorCode CustomersScorecardRefused = Define(
        "customers.scorecard_refused", 422, "The scorecard has faults",
        "Mend what `errors` names; `POST /api/v1/customers/scorecards:validate` reads it without keeping it.");

    /// <summary>There is no such scorecard.</summary>
    public static readonly ErrorCode CustomersScorecardNotFound = Define(
        "customers.scorecard_not_found", 404, "There is no such scorecard",
        "List them with `GET /api/v1/customers/scorecards`.");

    /// <summary>Another scorecard came into force since a draft was made.</summary>
    public static readonly ErrorCode CustomersScorecardStale = Define(
        "customers.scorecard_stale", 409, "Another scorecard came into force since this one was drafted",
        "Compare both with `GET /api/v1/customers/scorecards/{id}:compare?with={other}`, and draft again what is to "
        + "hold.");

    /// <summary>A stored scorecard is not what its hash says.</summary>
    public static readonly ErrorCode CustomersScorecardDamaged = Define(
        "customers.scorecard_damaged", 500, "A stored scorecard is not what its hash says",
        "Keep the data as it is, verify the ledger, and restore the scorecard from a backup.");

    /// <summary>The customer has no rating.</summary>
    public static readonly ErrorCode CustomersNotRated = Define(
        "customers.not_rated", 409, "The customer has no rating",
        "Put a scorecard in force; related parties are not rated.");

    /// <summary>The shares of a party are more than the whole.</summary>
    public static readonly ErrorCode CustomersOwnershipExceeded = Define(
        "customers.ownership_exceeded", 422, "The shares would be more than the whole",
        "Correct the share, or take back one that is not held any more.");

    /// <summary>The two are related in this way already.</summary>
    public static readonly ErrorCode CustomersLinkExists = Define(
        "customers.link_exists", 409, "The two are related in this way already",
        "Take the relationship back first when it changed.");

    /// <summary>There is no such relationship.</summary>
    public static readonly ErrorCode CustomersLinkNotFound = Define(
        "customers.link_not_found", 404, "There is no such relationship",
        "List them with `GET /api/v1/customers/{id}/links`.");

    /// <summary>A natural person has no owners.</summary>
    public static readonly ErrorCode CustomersNoEntity = Define(
        "customers.no_entity", 409, "Only a legal entity has owners",
        "Ask for a customer of kind organisation that was not erased.");

    /// <summary>The customer changed meanwhile.</summary>
    public static readonly ErrorCode CustomersChanged = Define(
        "customers.changed", 409, "The customer was changed meanwhile",
        "Read it again, decide anew, and send its new version with `If-Match`.");

    /// <summary>The number belongs to a customer that the caller may not see.</summary>
    public static readonly ErrorCode CustomersNumberTaken = Define(
        "customers.number_taken", 409, "The external id is in use", "Use another one, or ask who looks after it.");

    /// <summary>The caller may not keep customers of this legal entity.</summary>
    public static readonly ErrorCode CustomersOutsideScope = Define(
        "customers.outside_scope", 403, "The legal entity is not one of yours",
        "Name a legal entity that your role reaches, or ask for a role that reaches this one.");

    /// <summary>There is no such alert for this caller.</summary>
    public static readonly ErrorCode CasesAlertNotFound = Define(
        "cases.alert_not_found", 404, "There is no such alert", "List them with `GET /api/v1/alerts`.");

    /// <summary>The alert is decided.</summary>
    public static readonly ErrorCode CasesAlertClosed = Define(
        "cases.alert_closed", 409, "The alert is decided already", "Read it again; nothing is to be done.");

    /// <summary>There is no such hit for this caller.</summary>
    public static readonly ErrorCode ScreeningHitNotFound = Define(
        "screening.hit_not_found", 404, "There is no such hit", "List them with `GET /api/v1/screening/hits`.");

    /// <summary>The hit is not open.</summary>
    public static readonly ErrorCode ScreeningHitDecided = Define(
        "screening.hit_decided", 409, "The hit does not wait for this decision", "Read it again.");

    /// <summary>The hit changed meanwhile.</summary>
    public static readonly ErrorCode ScreeningHitChanged = Define(
        "screening.hit_changed", 409, "The customer or the list entry changed meanwhile",
        "Read the hit again and decide anew.");

    /// <summary>There is no such effectiveness test.</summary>
    public static readonly ErrorCode ScreeningTestNotFound = Define(
        "screening.test_not_found", 404, "There is no such effectiveness test",
        "List them with `GET /api/v1/screening/tests`.");

    /// <summary>The effectiveness test is signed.</summary>
    public static readonly ErrorCode ScreeningTestSigned = Define(
        "screening.test_signed", 409, "The effectiveness test is signed already", "Read it again; it is signed once.");

    /// <summary>There is no such configuration.</summary>
    public static readonly ErrorCode ScreeningConfigurationNotFound = Define(
        "screening.configuration_not_found", 404, "There is no such configuration of screening",
        "List them with `GET /api/v1/screening/configurations`.");

    /// <summary>The configuration cannot be put in force.</summary>
    public static readonly ErrorCode ScreeningConfigurationNotTried = Define(
        "screening.configuration_not_tried", 409, "Only a draft that was tried on stored traffic is put in force",
        "Try it with `POST /api/v1/screening/configurations/{id}:try` and look at what is won and lost; draft another "
        + "one where it is no draft any more.");

    /// <summary>Another configuration came into force since a draft was made.</summary>
    public static readonly ErrorCode ScreeningConfigurationStale = Define(
        "screening.configuration_stale", 409, "Another configuration came into force since this one was drafted",
        "Look at both with `GET /api/v1/screening/configurations`, draft again what is to hold, and try it.");

    /// <summary>A verification is running.</summary>
    public static readonly ErrorCode LedgerVerifyRunning = Define(
        "ledger.verify_running", 409, "A verification of the ledger is running", "Wait for it to end and ask again.");

    /// <summary>The text is not JSON.</summary>
    public static readonly ErrorCode JsonSyntax = Define(
        "json.syntax", 400, "The body is not well-formed JSON", "Correct the text at the place named and send it again.");

    /// <summary>The text is not UTF-8.</summary>
    public static readonly ErrorCode JsonUtf8 = Define(
        "json.utf8", 400, "The body is not valid UTF-8", "Encode the body as UTF-8 without lone surrogates or overlong forms.");

    /// <summary>A member name is repeated.</summary>
    public static readonly ErrorCode JsonDuplicateKey = Define(
        "json.duplicate_key", 400, "A member name appears twice in one object", "Send each member once.");

    /// <summary>A string contains U+0000.</summary>
    public static readonly ErrorCode JsonNul = Define(
        "json.nul", 400, "A string contains the character U+0000", "Remove the NUL character; some stores cannot hold it.");

    /// <summary>A number cannot be held exactly.</summary>
    public static readonly ErrorCode JsonUnsafeNumber = Define(
        "json.unsafe_number", 400, "A number cannot be represented exactly",
        "Send integers beyond 9007199254740991 and exact decimals as strings.");

    /// <summary>The nesting is too deep.</summary>
    public static readonly ErrorCode JsonDepth = Define(
        "json.depth", 400, "The body is nested too deeply", "Flatten the document: at most 64 levels.");

    /// <summary>The JSON text is too long.</summary>
    public static readonly ErrorCode JsonSize = Define(
        "json.size", 413, "The JSON text is too long", "Send less: an event has at most 262,144 bytes.");

    /// <summary>An event has a member we do not know.</summary>
    public static readonly ErrorCode EventUnknownField = Define(
        "event.unknown_field", 422, "The event has a member that is not known",
        "Check the spelling, or put your own members under `data`.");

    /// <summary>An event lacks a member.</summary>
    public static readonly ErrorCode EventMissingField = Define(
        "event.missing_field", 422, "The event lacks a required member", "Add the member named: `action` and `actor.id` are required.");

    /// <summary>A member of an event has a value that does not fit.</summary>
    public static readonly ErrorCode EventBadField = Define(
        "event.bad_field", 422, "A member of the event has a value that does not fit", "Correct the member named.");

    /// <summary>An event is too large.</summary>
    public static readonly ErrorCode EventTooLarge = Define(
        "event.too_large", 413, "The event is larger than 262,144 bytes", "Send less, or keep large originals elsewhere and record their hash.");

    /// <summary>An event claims a type of ours.</summary>
    public static readonly ErrorCode EventReservedType = Define(
        "event.reserved_type", 422, "Types starting with `probity.` are written by the server only", "Choose another `type`.");

    /// <summary>An event does not match the schema of its action.</summary>
    public static readonly ErrorCode EventSchemaViolation = Define(
        "event.schema_violation", 422, "The event does not match the JSON Schema of its action",
        "Correct the members named, or have the schema of the action changed.");

    /// <summary>No event has this id.</summary>
    public static readonly ErrorCode EventNotFound = Define(
        "event.not_found", 404, "No event has this id", "Check the id; ids look like `evt_` and a UUID.");

    /// <summary>An event with this source and external id is there already, and differs.</summary>
    public static readonly ErrorCode EventExternalIdReused = Define(
        "event.external_id_reused", 409, "Another event has this `source` and `external_id`",
        "Events are never replaced: send a correction as a new event with its own `external_id`.");

    /// <summary>The ledger cannot commit.</summary>
    public static readonly ErrorCode LedgerUnavailable = Define(
        "ledger.unavailable", 503, "The ledger cannot commit durably now", "Nothing was recorded. Send it again after `Retry-After`.");

    /// <summary>The append queue is full.</summary>
    public static readonly ErrorCode LedgerQueueFull = Define(
        "ledger.queue_full", 503, "More is waiting to be recorded than the server takes on",
        "Nothing was recorded. Send it again after `Retry-After`, with a growing pause.");

    /// <summary>How members are kept was changed while the event was on its way.</summary>
    public static readonly ErrorCode LedgerClassesChanged = Define(
        "ledger.classes_changed", 503, "How members of events are kept was changed at this moment",
        "Nothing was recorded. Send it again after `Retry-After`: it is then kept in the new way.");

    /// <summary>A check of what is stored failed.</summary>
    public static readonly ErrorCode LedgerIntegrityFailure = Define(
        "ledger.integrity_failure", 503, "A check of the ledger failed; signing has stopped",
        "Stop and inform the operator: run `probity ledger verify` and keep the data as it is.");

    /// <summary>The ledger has no such entry, tile or checkpoint.</summary>
    public static readonly ErrorCode LedgerNotFound = Define(
        "ledger.not_found", 404, "The ledger has no such entry, tile or checkpoint", "Ask `GET /api/v1/ledger` for its size.");

    /// <summary>A range lies outside the ledger.</summary>
    public static readonly ErrorCode LedgerBadRange = Define(
        "ledger.bad_range", 400, "The range or tree size does not lie within the ledger",
        "Use 0 ≤ from ≤ to ≤ the size told by `GET /api/v1/ledger`.");

    /// <summary>An idempotency key came back with another body.</summary>
    public static readonly ErrorCode IdempotencyMismatch = Define(
        "idempotency.mismatch", 422, "This Idempotency-Key was used with another request", "Use a new key for a new request.");

    /// <summary>The first request with an idempotency key has not finished.</summary>
    public static readonly ErrorCode IdempotencyInFlight = Define(
        "idempotency.in_flight", 409, "The first request with this Idempotency-Key has not finished",
        "Wait for `Retry-After` and send the same request again.");

    /// <summary>A creation was repeated.</summary>
    public static readonly ErrorCode IdempotencyRepeated = Define(
        "idempotency.repeated", 409, "This request was done already",
        "What it made is named in `detail`. A secret is told once: make another, and remove the first, if it was lost.");

    /// <summary>An idempotency key is malformed.</summary>
    public static readonly ErrorCode IdempotencyBadKey = Define(
        "idempotency.bad_key", 400, "The Idempotency-Key is not usable", "Send one header of 1 to 255 printable ASCII characters.");

    /// <summary>No usable credential.</summary>
    public static readonly ErrorCode AccessUnauthenticated = Define(
        "access.unauthenticated", 401, "A valid API key or session is needed", "Send `Authorization: Bearer pk_…`, or sign in.");

    /// <summary>The API key has expired.</summary>
    public static readonly ErrorCode AccessKeyExpired = Define(
        "access.key_expired", 401, "The API key has expired", "Create a new key and use that.");

    /// <summary>The API key was revoked.</summary>
    public static readonly ErrorCode AccessKeyRevoked = Define(
        "access.key_revoked", 401, "The API key was revoked", "Ask whoever manages keys for a new one.");

    /// <summary>The caller lacks the permission.</summary>
    public static readonly ErrorCode AccessForbidden = Define(
        "access.forbidden", 403, "The caller lacks the permission", "Use a key or role with the permission named in `detail`.");

    /// <summary>A key would have more permissions than its creator.</summary>
    public static readonly ErrorCode AccessScopeEscalation = Define(
        "access.scope_escalation", 403, "A key cannot give permissions its creator lacks",
        "Leave out the scopes named, or have the key created by someone who holds them.");

    /// <summary>The session has ended.</summary>
    public static readonly ErrorCode AccessSessionEnded = Define(
        "access.session_ended", 401, "The session has ended", "Sign in again with `POST /api/v1/session`.");

    /// <summary>Login and password do not fit together.</summary>
    public static readonly ErrorCode AccessSignInFailed = Define(
        "access.sign_in_failed", 401, "Login, password or code do not fit",
        "Try again; after several failures wait for `Retry-After`. The answer is the same whatever was wrong.");

    /// <summary>A second factor is asked for.</summary>
    public static readonly ErrorCode AccessSecondFactorNeeded = Define(
        "access.second_factor_needed", 401, "A code of the authenticator app is needed too",
        "Send the same request with `code`, or use a passkey.");

    /// <summary>A password alone opens nothing but the own account.</summary>
    public static readonly ErrorCode AccessSecondFactorRequired = Define(
        "access.second_factor_required", 403, "This institution requires a second factor",
        "Set up an authenticator app or a passkey under `/account`, sign out, and sign in with it.");

    /// <summary>A request came from another site, or without the proof against forgery.</summary>
    public static readonly ErrorCode AccessCrossSite = Define(
        "access.cross_site", 403, "The request was not proven to come from our own pages",
        "Send `Origin` (browsers do) and, as `X-Probity-Csrf`, the `csrf_token` of `GET /api/v1/session`; or use an API key.");

    /// <summary>A stronger or more recent proof is asked for.</summary>
    public static readonly ErrorCode AccessStepUpNeeded = Define(
        "access.step_up_needed", 403, "This needs a recent second factor",
        "Prove it with `POST /api/v1/session:stepUp`, then send the request again within 10 minutes.");

    /// <summary>The set-up link does not work any more.</summary>
    public static readonly ErrorCode AccessSetupClosed = Define(
        "access.setup_closed", 403, "The set-up link is used, expired or wrong",
        "Restart the server for a new link; it is offered only while there is no user.");

    /// <summary>An invitation does not work any more.</summary>
    public static readonly ErrorCode AccessInvitationClosed = Define(
        "access.invitation_closed", 403, "The invitation is used, expired or wrong", "Ask an administrator for a new one.");

    /// <summary>A service token has expired.</summary>
    public static readonly ErrorCode AccessTokenExpired = Define(
        "access.token_expired", 401, "The service token has expired", "Sign a new one; a token lasts an hour at most.");

    /// <summary>A passkey is refused.</summary>
    public static readonly ErrorCode AccessPasskeyRefused = Define(
        "access.passkey_refused", 422, "The passkey does not fit this challenge", "Begin again with a new offer; it lasts five minutes and works once.");

    /// <summary>What the OpenID provider sent back does not hold.</summary>
    public static readonly ErrorCode AccessOidcRefused = Define(
        "access.oidc_refused", 401, "Signing in at the OpenID provider did not succeed",
        "Begin again from the sign-in page; the ledger tells an administrator why (`probity.access.sign_in_failed`).");

    /// <summary>No OpenID provider is configured.</summary>
    public static readonly ErrorCode AccessOidcOff = Define(
        "access.oidc_off", 404, "No OpenID provider is configured",
        "Sign in with a password or passkey, or set `AUDIT_OIDC_AUTHORITY`.");

    /// <summary>The OpenID provider cannot be reached.</summary>
    public static readonly ErrorCode AccessOidcUnavailable = Define(
        "access.oidc_unavailable", 503, "The OpenID provider cannot be reached or describes itself wrongly",
        "Try again later; the operator checks that `AUDIT_OIDC_AUTHORITY` is its issuer and can be reached.");

    /// <summary>No passkey of the person has this id.</summary>
    public static readonly ErrorCode AccessPasskeyNotFound = Define(
        "access.passkey_not_found", 404, "No passkey of yours has this id", "Check the id with `GET /api/v1/account/passkeys`.");

    /// <summary>A password is refused.</summary>
    public static readonly ErrorCode AccessPasswordRefused = Define(
        "access.password_refused", 422, "This password is too short, too long or known from breaches",
        "Choose 12 to 256 characters of any kind, for example four unrelated words.");

    /// <summary>No user has this id.</summary>
    public static readonly ErrorCode AccessUserNotFound = Define(
        "access.user_not_found", 404, "No user has this id",
        "Check the id with `GET /api/v1/users`; ids look like `usr_` and a UUID.");

    /// <summary>No role has this id.</summary>
    public static readonly ErrorCode AccessRoleNotFound = Define(
        "access.role_not_found", 404, "No role has this id",
        "Check the id with `GET /api/v1/roles`; ids start with `rol_`.");

    /// <summary>No grant has this id.</summary>
    public static readonly ErrorCode AccessGrantNotFound = Define(
        "access.grant_not_found", 404, "No grant has this id",
        "Check the id with `GET /api/v1/grants`; ids start with `grt_`.");

    /// <summary>No session of this id can be ended.</summary>
    public static readonly ErrorCode AccessSessionNotFound = Define(
        "access.session_not_found", 404, "No session has this id",
        "Check the id with `GET /api/v1/sessions`; ids look like `ses_` and a UUID.");

    /// <summary>A login is taken.</summary>
    public static readonly ErrorCode AccessLoginTaken = Define(
        "access.login_taken", 409, "Another user has this login",
        "Choose another login; upper and lower case are one.");

    /// <summary>A role name is taken.</summary>
    public static readonly ErrorCode AccessRoleExists = Define(
        "access.role_exists", 409, "Another role has this name",
        "Choose another name, or edit that role.");

    /// <summary>A person wants to change the own rights.</summary>
    public static readonly ErrorCode AccessOwnAccount = Define(
        "access.own_account", 403, "Nobody does this to the own account",
        "Have another administrator do it.");

    /// <summary>The last administrator would go.</summary>
    public static readonly ErrorCode AccessLastAdministrator = Define(
        "access.last_administrator", 409, "This is the last administrator",
        "Give the role to someone else first.");

    /// <summary>Another person must agree.</summary>
    public static readonly ErrorCode AccessApprovalNeeded = Define(
        "access.approval_needed", 403, "Another person must agree to this",
        "Ask for it through the approvals; the maker is never the checker.");

    /// <summary>The maker would be the checker.</summary>
    public static readonly ErrorCode AccessMakerIsChecker = Define(
        "access.maker_is_checker", 403, "Whoever asked for this cannot decide it",
        "Have it decided by another person, whose role does not come from the one who asked.");

    /// <summary>Nobody is known behind a credential that wants to decide.</summary>
    public static readonly ErrorCode AccessApproverNotAPerson = Define(
        "access.approver_not_a_person", 403, "No person is known behind this credential",
        "Decide with a session, or with a key that a person owns.");

    /// <summary>No approval has this id.</summary>
    public static readonly ErrorCode AccessApprovalNotFound = Define(
        "access.approval_not_found", 404, "No approval has this id, or it is not yours to see",
        "List yours with `GET /api/v1/approvals`.");

    /// <summary>An approval is decided, withdrawn or expired.</summary>
    public static readonly ErrorCode AccessApprovalClosed = Define(
        "access.approval_closed", 409, "This approval cannot be decided any more, or not by you again",
        "Read it for its state; ask anew if it is still wanted.");

    /// <summary>What is to be approved is not what was looked at.</summary>
    public static readonly ErrorCode AccessApprovalChanged = Define(
        "access.approval_changed", 409, "The payload is not the one whose hash was sent",
        "Read the approval again and send the `payload_sha256` of what you agree to; if it differs still, tell the operator.");

    /// <summary>What was agreed to cannot be done any more.</summary>
    public static readonly ErrorCode AccessApprovalOutdated = Define(
        "access.approval_outdated", 409, "What was asked for cannot be done any more",
        "`detail` says why; ask anew from how things are now.");

    /// <summary>No action has this name.</summary>
    public static readonly ErrorCode AccessApprovalActionUnknown = Define(
        "access.approval_action_unknown", 404, "No action that is approved has this name",
        "List them with `GET /api/v1/approval-policies`.");

    /// <summary>A read needs a reason.</summary>
    public static readonly ErrorCode AccessReasonNeeded = Define(
        "access.reason_needed", 422, "This institution asks why for such a read",
        "Send the reason as the header `X-Probity-Reason`, 1 to 500 characters.");

    /// <summary>The glass is broken already.</summary>
    public static readonly ErrorCode AccessBreakGlassOpen = Define(
        "access.break_glass_open", 409, "You have an open emergency already",
        "Use it, or end it before you open another.");

    /// <summary>No emergency has this id.</summary>
    public static readonly ErrorCode AccessBreakGlassNotFound = Define(
        "access.break_glass_not_found", 404, "No emergency has this id, or it is not yours to end",
        "List them with `GET /api/v1/break-glass`.");

    /// <summary>No relation has this id.</summary>
    public static readonly ErrorCode AccessRelationNotFound = Define(
        "access.relation_not_found", 404, "No relation has this id", "List them with `GET /api/v1/access/relations`.");

    /// <summary>Only people break the glass.</summary>
    public static readonly ErrorCode AccessBreakGlassPeopleOnly = Define(
        "access.break_glass_people_only", 403, "Only a person with a session breaks the glass",
        "Sign in and ask again.");

    /// <summary>No permission has this name.</summary>
    public static readonly ErrorCode AccessUnknownPermission = Define(
        "access.unknown_permission", 422, "No permission has this name", "Use the permission names listed in `docs/reference/permissions.md`.");

    /// <summary>No API key has this id.</summary>
    public static readonly ErrorCode AccessKeyNotFound = Define(
        "access.key_not_found", 404, "No API key has this id", "Check the id with `GET /api/v1/api-keys`; ids look like `key_` and a UUID.");

    /// <summary>A filter does not parse.</summary>
    public static readonly ErrorCode QueryFilterSyntax = Define(
        "query.filter_syntax", 400, "The filter does not parse", "Correct the filter at the position named.");

    /// <summary>A filter names a field we do not know.</summary>
    public static readonly ErrorCode QueryUnknownField = Define(
        "query.unknown_field", 400, "The filter names a field that is not known", "Use a field listed in the documentation of the request.");

    /// <summary>A query parameter has a value that does not fit.</summary>
    public static readonly ErrorCode QueryBadValue = Define(
        "query.bad_value", 400, "A query parameter has a value that does not fit", "Correct the parameter named.");

    /// <summary>A page token belongs to another query.</summary>
    public static readonly ErrorCode QueryPageTokenMismatch = Define(
        "query.page_token_mismatch", 400, "The page token does not belong to this query",
        "Keep `filter` and `order_by` as they were, or start again without `page_token`.");

    /// <summary>A page token is not one of ours.</summary>
    public static readonly ErrorCode QueryPageTokenInvalid = Define(
        "query.page_token_invalid", 400, "The page token was not made by this installation, or was changed",
        "Use `next_page_token` as it was given, or start again without it.");

    /// <summary>Nothing can be erased because nothing is encrypted.</summary>
    public static readonly ErrorCode CustodyEncryptionOff = Define(
        "custody.encryption_off", 409, "Encryption is off, so that erasure by destroying a key is not possible",
        "Set `AUDIT_ENABLE_ENCRYPTION=true`; what was recorded in clear goes only with its retention.");

    /// <summary>Nothing is kept under a key of this person.</summary>
    public static readonly ErrorCode CustodySubjectUnknown = Define(
        "custody.subject_unknown", 404, "Nothing is kept under a key of this person",
        "Check type and id as events name them, such as `user` and `u-17`; an erased person has no key left.");

    /// <summary>There is no such record.</summary>
    public static readonly ErrorCode CustodyNotFound = Define(
        "custody.not_found", 404, "There is no such record", "List them first.");

    /// <summary>It is over, or not yet so far.</summary>
    public static readonly ErrorCode CustodyWrongState = Define(
        "custody.wrong_state", 409, "It is not in a state for this", "Look at its state first.");

    /// <summary>Nothing may be purged now.</summary>
    public static readonly ErrorCode CustodyNothingDue = Define(
        "custody.nothing_due", 409, "No record's time is over", "Look at the dry run first.");

    /// <summary>Two rotations met.</summary>
    public static readonly ErrorCode KeysRotationRaced = Define(
        "keys.rotation_raced", 409, "Someone else has just rotated the keys", "Look at the list of keys first.");

    /// <summary>A page size is negative.</summary>
    public static readonly ErrorCode QueryPageSize = Define(
        "query.page_size", 400, "The page size is negative", "Leave `page_size` out, or give 1 to 1000.");

    /// <summary>The request is malformed.</summary>
    public static readonly ErrorCode RequestMalformed = Define(
        "request.malformed", 400, "The request is malformed", "Correct what `detail` names.");

    /// <summary>A member of the body does not fit.</summary>
    public static readonly ErrorCode RequestBadField = Define(
        "request.bad_field", 422, "A member of the body does not fit", "Correct the members named in `errors`.");

    /// <summary>A header does not fit.</summary>
    public static readonly ErrorCode RequestBadHeader = Define(
        "request.bad_header", 400, "A header has a value that does not fit", "Correct the header named.");

    /// <summary>The content encoding is not readable.</summary>
    public static readonly ErrorCode RequestBadEncoding = Define(
        "request.bad_encoding", 400, "The body does not decode as its Content-Encoding says", "Send gzip, zstd or identity, complete.");

    /// <summary>Nothing is at this path.</summary>
    public static readonly ErrorCode RequestNotFound = Define(
        "request.not_found", 404, "Nothing is at this path", "See `/docs` or `/openapi/v1.json` for the paths there are.");

    /// <summary>The path does not take this method.</summary>
    public static readonly ErrorCode RequestMethodNotAllowed = Define(
        "request.method_not_allowed", 405, "The path does not take this method", "Use a method named in the `Allow` header.");

    /// <summary>The client was too slow.</summary>
    public static readonly ErrorCode RequestTimeout = Define(
        "request.timeout", 408, "The request did not arrive in time", "Send it again over a faster connection, or in smaller parts.");

    /// <summary>The body is too large.</summary>
    public static readonly ErrorCode RequestBodyTooLarge = Define(
        "request.body_too_large", 413, "The body is larger than this path takes", "Send less at once.");

    /// <summary>The media type is not taken.</summary>
    public static readonly ErrorCode RequestUnsupportedMediaType = Define(
        "request.unsupported_media_type", 415, "The path does not take this media type", "Send the `Content-Type` that the documentation names.");

    /// <summary>The caller's quota is used up.</summary>
    public static readonly ErrorCode RequestRateLimited = Define(
        "request.rate_limited", 429, "The caller's own quota is used up", "Wait for `Retry-After`.");

    /// <summary>The disk is full.</summary>
    public static readonly ErrorCode StoreDiskFull = Define(
        "store.disk_full", 503, "The store has no space left", "Nothing was recorded. The operator must free or add space.");

    /// <summary>The answer took too long.</summary>
    public static readonly ErrorCode ServerTimeout = Define(
        "server.timeout", 503, "The answer took too long", "Ask for less at once, or again after `Retry-After`.");

    /// <summary>A fault of ours.</summary>
    public static readonly ErrorCode ServerUnexpected = Define(
        "server.unexpected", 500, "The server met a fault of its own", "Report it to the operator with the `trace_id`.");

    /// <summary>Every code, in the order of the reference page.</summary>
    public static IReadOnlyList<ErrorCode> All => Defined;

    /// <summary>The code of this name; null when there is none.</summary>
    public static ErrorCode? Find(string code) => ByName.GetValueOrDefault(code);

    /// <summary>The HTTP status of a code; 500 for a name that is no code, which is a fault of ours.</summary>
    public static int StatusOf(string code) => Find(code)?.Status ?? ServerUnexpected.Status;

    private static ErrorCode Define(string code, int status, string title, string remedy)
    {
        var defined = new ErrorCode(code, status, title, remedy);
        Defined.Add(defined);
        ByName.Add(code, defined);
        return defined;
    }
}
