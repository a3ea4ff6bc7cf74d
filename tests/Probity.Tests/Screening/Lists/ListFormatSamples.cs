using System.Text;
using Probity.Screening.Lists;
using Probity.Screening.Lists.Reading;

namespace Probity.Tests.Screening.Lists;

/// <summary>Small files of our own in the published formats of which the data folder has none.</summary>
/// <remarks>The entries are invented; the elements, columns and codes are those of the publishers' schemas.</remarks>
internal static class ListFormatSamples
{
    public static string EuXml { get; } = Sample("eu.xml");

    public static string EuCsv { get; } = Sample("eu.csv");

    public static string UkXml { get; } = Sample("uk.xml");

    public static string UkCsv { get; } = Sample("uk.csv");

    public static string Ftm { get; } = Sample("ftm.json");

    public static string OwnJson { get; } = Sample("own.json");

    public static string OwnCsv { get; } = Sample("own.csv");

    /// <summary>Gets a sample by its file name.</summary>
    public static string Sample(string name)
    {
        using var stream = typeof(ListFormatSamples).Assembly.GetManifestResourceStream("lists." + name)
            ?? throw new InvalidOperationException($"There is no sample {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads text as the one list of a file.</summary>
    public static ListReadResult Read(string text, string name = "sample") => Read(Encoding.UTF8.GetBytes(text), name);

    /// <summary>Reads bytes as the one list of a file.</summary>
    public static ListReadResult Read(byte[] bytes, string name = "sample", ListLimits? limits = null) =>
        ListReader.Read(ListReader.Find([ListFile.Of(name, bytes)], limits).Single(), limits);

    /// <summary>Reads text that must be accepted.</summary>
    public static ListReadResult.Accepted Accepted(string text, string name = "sample") => Read(text, name) switch
    {
        ListReadResult.Accepted accepted => accepted,
        ListReadResult.Refused refused => throw new InvalidOperationException(refused.Fault.ToString()),
        _ => throw new InvalidOperationException("No such result."),
    };
}
