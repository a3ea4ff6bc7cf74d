using System.Collections.Immutable;
using Probity.Screening.Lists.Formats;
using Probity.Screening.Lists.Reading;

namespace Probity.Screening.Lists;

/// <summary>The files of one list, found by their content and ready to be read.</summary>
public sealed class ListSource
{
    private readonly ImmutableDictionary<OfacRole, ListFile> _ofac = ImmutableDictionary<OfacRole, ListFile>.Empty;

    internal ListSource(ListFormat format, ImmutableArray<ListFile> files)
    {
        Format = format;
        Files = files;
    }

    internal ListSource(ImmutableDictionary<OfacRole, ListFile> ofac)
        : this(ListFormat.OfacCsv, [.. ofac.OrderBy(part => part.Key).Select(part => part.Value)])
    {
        _ofac = ofac;
    }

    internal ListSource(ListFault fault, ImmutableArray<ListFile> files)
    {
        Fault = fault;
        Files = files;
    }

    /// <summary>Gets the format, or null when the files are refused already.</summary>
    public ListFormat? Format { get; }

    /// <summary>Gets the files.</summary>
    public ImmutableArray<ListFile> Files { get; }

    /// <summary>Gets why the files cannot be read as a list, or null.</summary>
    public ListFault? Fault { get; }

    internal ListReadResult.Accepted Read(ListLimits limits) => Format switch
    {
        ListFormat.OfacCsv => OfacCsv.Read(_ofac, limits),
        ListFormat.OfacEnhancedXml => OfacEnhancedXml.Read(Files[0], limits),
        ListFormat.UnXml => UnXml.Read(Files[0], limits),
        ListFormat.UkConListCsv => UkTables.ReadConList(Files[0], limits),
        ListFormat.UkSanctionsCsv => UkTables.ReadSanctionsList(Files[0], limits),
        ListFormat.UkSanctionsXml => UkSanctionsXml.Read(Files[0], limits),
        ListFormat.EuFsfCsv => EuFsf.ReadCsv(Files[0], limits),
        ListFormat.EuFsfXml => EuFsf.ReadXml(Files[0], limits),
        ListFormat.UsCslCsv => UsCsl.Read(Files[0], limits),
        ListFormat.BisDplTsv => BisDpl.Read(Files[0], limits),
        ListFormat.WalletLines => WalletLines.Read(Files, limits),
        ListFormat.OwnCsv => OwnList.ReadCsv(Files[0], limits),
        ListFormat.OwnJson => OwnList.ReadJson(Files[0], limits),
        ListFormat.FtmJsonLines => FtmJson.Read(Files[0], limits),
        _ => throw new InvalidOperationException("A refused source is not read."),
    };
}
