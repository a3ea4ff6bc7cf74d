namespace Probity.Server.Access;

/// <summary>On a page: only callers with this permission. The same as <c>RequiresPermission</c> on an endpoint.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresPermissionAttribute(string permission) : Attribute
{
    public string Permission => permission;
}

/// <summary>On a page: anyone, for the reason given.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PublicAttribute(string reason) : Attribute
{
    public string Reason => reason;
}

/// <summary>On a page: showing it leaves an entry of this type.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RecordsAttribute(string eventType) : Attribute
{
    public string EventType => eventType;
}

/// <summary>On a page: showing it leaves no entry, for the reason given.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RecordsNothingAttribute(string reason) : Attribute
{
    public string Reason => reason;
}
