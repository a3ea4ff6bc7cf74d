using Microsoft.EntityFrameworkCore;
using Probity.Server.Access;
using Probity.Server.Access.Approvals;
using Probity.Server.Access.Monitoring;
using Probity.Server.Access.Roles;
using Probity.Server.Access.Scim;
using Probity.Server.Access.Sessions;
using Probity.Server.Access.SignIn;
using Probity.Server.Access.Users;
using Probity.Server.AuditTrail.Events.Classes;
using Probity.Server.AuditTrail.Schemas;
using Probity.Server.Cases;
using Probity.Server.Custody.Backup;
using Probity.Server.Custody.Erasure;
using Probity.Server.Custody.Retention;
using Probity.Server.Customers;
using Probity.Server.Customers.Onboarding;
using Probity.Server.Customers.Owners;
using Probity.Server.Customers.Ratings;
using Probity.Server.Customers.Reviews;
using Probity.Server.Keys;
using Probity.Server.Monitoring;
using Probity.Server.Screening.Configuration;
using Probity.Server.Monitoring.Packs;
using Probity.Server.Screening.Continuous;
using Probity.Server.Screening.Effectiveness;
using Probity.Server.Screening.Hits;
using Probity.Server.Screening.Lists;
using Probity.Server.Storage.Followers;

namespace Probity.Server.Storage;

/// <summary>
/// The list of all entity maps, one line a module's entity. Every entity says in its map whether it is audited or
/// operational, see <see cref="Auditing.AuditDeclarations"/>.
/// </summary>
internal static class ProbityModel
{
    public static void Configure(ModelBuilder model)
    {
        DataKeyRow.Configure(model);
        FollowerCursorRow.Configure(model);
        EventSchemaRow.Configure(model);
        FieldClassRow.Configure(model);
        ApiKeyMap.Configure(model);
        UserRow.Configure(model);
        UserPasskeyRow.Configure(model);
        RoleRow.Configure(model);
        RoleGrantRow.Configure(model);
        SessionRow.Configure(model);
        CreationRow.Configure(model);
        ApprovalRow.Configure(model);
        ApprovalPolicyRow.Configure(model);
        ReadingCountRow.Configure(model);
        AccessViewRow.Configure(model);
        AccessRelationRow.Configure(model);
        AccessFindingRow.Configure(model);
        ReadingPolicyRow.Configure(model);
        BreakGlassRow.Configure(model);
        DirectoryGroupRow.Configure(model);
        SignInLaneRow.Configure(model);
        ErasureRow.Configure(model);
        LegalHoldRow.Configure(model);
        RetentionPolicyRow.Configure(model);
        PurgeRunRow.Configure(model);
        LedgerPurgeRow.Configure(model);
        BlobPurgeRow.Configure(model);
        BackupSetRow.Configure(model);
        CustomerRow.Configure(model);
        CustomerTermRow.Configure(model);
        ScorecardRow.Configure(model);
        OverrideRow.Configure(model);
        RatingRow.Configure(model);
        ReviewRow.Configure(model);
        CheckRow.Configure(model);
        LinkRow.Configure(model);
        AlertRow.Configure(model);
        ListVersionRow.Configure(model);
        ListRow.Configure(model);
        ListContentRow.Configure(model);
        ListFeedRow.Configure(model);
        StepRow.Configure(model);
        RuleSetRow.Configure(model);
        ContentRow.Configure(model);
        PackRow.Configure(model);
        ResultRow.Configure(model);
        RunRow.Configure(model);
        HitRow.Configure(model);
        ExemptionRow.Configure(model);
        ConfigurationRow.Configure(model);
        TestRow.Configure(model);
        TestPartRow.Configure(model);
    }
}
