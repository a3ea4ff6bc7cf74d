using System.Text.Json;

namespace Probity.Server.AuditTrail.Import.Formats;

/// <summary>Finds what a CloudTrail event was done to: its resources, ARNs, and known names in request and response.</summary>
internal sealed class CloudTrailTargets
{
    private const int MaxTargets = 50;
    private const int MaxDepth = 6;
    private const int MaxIdLength = 512;

    /// <summary>Request and response members that name a resource, and the type of it (AWS CloudFormation names).</summary>
    private static readonly Dictionary<string, string> TypesByMember = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bucketName"] = "AWS::S3::Bucket",
        ["instanceId"] = "AWS::EC2::Instance",
        ["instanceIds"] = "AWS::EC2::Instance",
        ["imageId"] = "AWS::EC2::Image",
        ["snapshotId"] = "AWS::EC2::Snapshot",
        ["volumeId"] = "AWS::EC2::Volume",
        ["groupId"] = "AWS::EC2::SecurityGroup",
        ["vpcId"] = "AWS::EC2::VPC",
        ["subnetId"] = "AWS::EC2::Subnet",
        ["networkInterfaceId"] = "AWS::EC2::NetworkInterface",
        ["FlowLogId"] = "AWS::EC2::FlowLog",
        ["keyName"] = "AWS::EC2::KeyPair",
        ["userName"] = "AWS::IAM::User",
        ["roleName"] = "AWS::IAM::Role",
        ["groupName"] = "AWS::IAM::Group",
        ["policyName"] = "AWS::IAM::Policy",
        ["instanceProfileName"] = "AWS::IAM::InstanceProfile",
        ["accessKeyId"] = "AWS::IAM::AccessKey",
        ["functionName"] = "AWS::Lambda::Function",
        ["secretId"] = "AWS::SecretsManager::Secret",
        ["keyId"] = "AWS::KMS::Key",
        ["trailName"] = "AWS::CloudTrail::Trail",
        ["dBInstanceIdentifier"] = "AWS::RDS::DBInstance",
        ["dBClusterIdentifier"] = "AWS::RDS::DBCluster",
        ["dBSnapshotIdentifier"] = "AWS::RDS::DBSnapshot",
        ["tableName"] = "AWS::DynamoDB::Table",
        ["stackName"] = "AWS::CloudFormation::Stack",
        ["clusterName"] = "AWS::EKS::Cluster",
        ["queueUrl"] = "AWS::SQS::Queue",
        ["logGroupName"] = "AWS::Logs::LogGroup",
        ["documentName"] = "AWS::SSM::Document",
        ["commandId"] = "AWS::SSM::Command",
        ["sessionId"] = "AWS::SSM::Session",
        ["modelId"] = "AWS::Bedrock::FoundationModel",
        ["resolverQueryLogConfigId"] = "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        ["detectorId"] = "AWS::GuardDuty::Detector",
        ["certificateId"] = "AWS::ACM::Certificate",
        ["fileSystemId"] = "AWS::EFS::FileSystem",
        ["repositoryName"] = "AWS::ECR::Repository",
        ["domainName"] = "AWS::Route53::Domain",
        ["hostedZoneId"] = "AWS::Route53::HostedZone",
    };

    /// <summary>What the bare members <c>name</c>, <c>names</c> and <c>target</c> mean for a service.</summary>
    private static readonly Dictionary<(string Service, string Member), string> TypesByService = new()
    {
        [("cloudtrail.amazonaws.com", "name")] = "AWS::CloudTrail::Trail",
        [("ssm.amazonaws.com", "name")] = "AWS::SSM::Parameter",
        [("ssm.amazonaws.com", "names")] = "AWS::SSM::Parameter",
        [("ssm.amazonaws.com", "target")] = "AWS::EC2::Instance",
        [("rolesanywhere.amazonaws.com", "name")] = "AWS::RolesAnywhere::Resource",
        [("sts.amazonaws.com", "name")] = "AWS::STS::FederatedUser",
        [("eks.amazonaws.com", "name")] = "AWS::EKS::Cluster",
    };

    private static readonly Dictionary<string, string> TypesByArn = new(StringComparer.Ordinal)
    {
        ["iam:user"] = "AWS::IAM::User",
        ["iam:role"] = "AWS::IAM::Role",
        ["iam:group"] = "AWS::IAM::Group",
        ["iam:policy"] = "AWS::IAM::Policy",
        ["lambda:function"] = "AWS::Lambda::Function",
        ["lambda:layer"] = "AWS::Lambda::LayerVersion",
        ["secretsmanager:secret"] = "AWS::SecretsManager::Secret",
        ["ssm:parameter"] = "AWS::SSM::Parameter",
        ["kms:key"] = "AWS::KMS::Key",
        ["ec2:instance"] = "AWS::EC2::Instance",
        ["dynamodb:table"] = "AWS::DynamoDB::Table",
        ["cloudtrail:trail"] = "AWS::CloudTrail::Trail",
        ["rds:db"] = "AWS::RDS::DBInstance",
        ["rds:snapshot"] = "AWS::RDS::DBSnapshot",
        ["s3:object"] = "AWS::S3::Object",
        ["s3:bucket"] = "AWS::S3::Bucket",
    };

    private readonly string service;
    private readonly List<TargetDraft> found = [];
    private readonly HashSet<string> ids = new(StringComparer.Ordinal);

    private CloudTrailTargets(string service) => this.service = service;

    public static IReadOnlyList<TargetDraft> Of(JsonElement sourceEvent, string service, string? account)
    {
        var targets = new CloudTrailTargets(service);
        foreach (var resource in sourceEvent.Items("resources"))
        {
            targets.AddResource(resource);
        }

        targets.Walk(sourceEvent.At("requestParameters"), "", 0);
        if (sourceEvent.Text("readOnly") != "true")
        {
            // What a call made is named only in its answer: the new role's ARN, the new access key.
            targets.Walk(sourceEvent.At("responseElements"), "", 0);
        }

        targets.AddRefusedResource(sourceEvent.Text("errorMessage"));
        if (targets.found.Count == 0 && account is not null)
        {
            targets.Add(account, "AWS::::Account");
        }

        return targets.found;
    }

    private void AddResource(JsonElement resource)
    {
        var id = resource.Text("ARN") ?? resource.Text("ARNPrefix");
        if (id is not null)
        {
            Add(id, resource.Text("type") ?? TypeOfArn(id));
        }
    }

    /// <summary>A denied call often has no parameters; only "… on resource: arn:… because …" tells what was tried.</summary>
    private void AddRefusedResource(string? message)
    {
        const string Words = "on resource: ";
        var at = message?.IndexOf(Words, StringComparison.Ordinal) ?? -1;
        if (message is not null && at >= 0)
        {
            AddText(message[(at + Words.Length)..].Split(' ', 2)[0], "", 0);
        }
    }

    private void Walk(JsonElement value, string member, int depth)
    {
        if (depth > MaxDepth || found.Count >= MaxTargets)
        {
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WalkMembers(value, member, depth);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                {
                    Walk(item, member, depth + 1);
                }

                break;
            case JsonValueKind.String:
                AddText(value.Text(), member, depth);
                break;
        }
    }

    private void WalkMembers(JsonElement value, string member, int depth)
    {
        if (value.Text("key") is { } filter && value.At("values").ValueKind == JsonValueKind.Array)
        {
            // A filter: {"key":"InstanceIds","values":[…]}.
            Walk(value.At("values"), filter, depth + 1);
            return;
        }

        foreach (var inner in value.EnumerateObject())
        {
            // EC2's query protocol writes {"FlowLogId":{"content":"fl-…","tag":1}}.
            Walk(inner.Value, inner.NameEquals("content") ? member : inner.Name, depth + 1);
        }
    }

    private void AddText(string? text, string member, int depth)
    {
        if (text is null || text.Length > MaxIdLength || text.Contains("HIDDEN_DUE_TO", StringComparison.Ordinal))
        {
            return;
        }

        if (text.StartsWith("arn:", StringComparison.Ordinal) && !text.Any(char.IsWhiteSpace))
        {
            Add(text, TypeOfArn(text));
        }
        else if (TypesByMember.TryGetValue(member, out var type)
            || (depth <= 2 && TypesByService.TryGetValue((service, member), out type)))
        {
            Add(text, type);
        }
    }

    private void Add(string id, string type)
    {
        if (found.Count < MaxTargets && ids.Add(id))
        {
            found.Add(new TargetDraft(id, type, NameOf(id)));
        }
    }

    /// <summary>The last part of an ARN's resource; none for other ids, which are names already.</summary>
    private static string? NameOf(string id)
    {
        var parts = id.Split(':', 6);
        if (parts.Length < 6)
        {
            return null;
        }

        var separator = parts[5].IndexOfAny(['/', ':']);
        return separator < 0 ? parts[5] : parts[5][(separator + 1)..];
    }

    /// <summary>Source: AWS General Reference, "Amazon Resource Names": <c>arn:partition:service:…:…:resource</c>.</summary>
    private static string TypeOfArn(string arn)
    {
        var parts = arn.Split(':', 6);
        if (parts.Length < 6)
        {
            return "aws";
        }

        var separator = parts[5].IndexOfAny(['/', ':']);
        var kind = (parts[2], separator) switch
        {
            ("s3", < 0) => "bucket",
            ("s3", _) => "object",
            (_, < 0) => "",
            _ => parts[5][..separator],
        };
        var key = kind.Length == 0 ? parts[2] : $"{parts[2]}:{kind}";
        return TypesByArn.TryGetValue(key, out var type) ? type : "aws:" + key;
    }
}
