namespace Probity.Server.Hosting.Settings;

/// <summary>
/// One environment variable, declared once: parsing, checks, <c>doctor</c>, <c>--help</c> and the README table come from it.
/// </summary>
internal abstract record Setting
{
    public required string Name { get; init; }

    /// <summary>What it does, in one line.</summary>
    public required string Meaning { get; init; }

    /// <summary>The value when it is not set; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>What happens without it, where there is no default value.</summary>
    public string? WhenUnset { get; init; }

    /// <summary>What a good value looks like, in words.</summary>
    public required string Rule { get; init; }

    /// <summary>A good value. For secrets: how to make one.</summary>
    public required string Example { get; init; }

    /// <summary>A secret is never printed, and may come from the file named by <see cref="FileName"/>.</summary>
    public bool IsSecret { get; init; }

    /// <summary>How a value is shown to people: without the credentials in it.</summary>
    public Func<string, string> Show { get; init; } = static value => value;

    /// <summary>The variable that names a file holding the value; only secrets have one.</summary>
    public string? FileName => IsSecret ? Name + "_FILE" : null;

    /// <summary>Why the value does not fit; null when it does.</summary>
    public abstract string? Check(string value);
}

/// <summary>A setting whose value reads as <typeparamref name="T"/>.</summary>
internal sealed record Setting<T> : Setting
    where T : notnull
{
    /// <summary>Reads the text.</summary>
    public required Func<string, Reading<T>> Read { get; init; }

    public override string? Check(string value) => Read(value).Fault;
}

/// <summary>What reading a text gave: a value, or the reason there is none.</summary>
internal readonly record struct Reading<T>(T? Value, string? Fault)
    where T : notnull;

internal static class Reading
{
    public static Reading<T> Of<T>(T value)
        where T : notnull => new(value, null);

    public static Reading<T> Refuse<T>(string why)
        where T : notnull => new(default, why);
}
