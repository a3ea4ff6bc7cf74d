using System.Globalization;
using System.Text;

namespace Probity.Server.Tests.Monitoring;

/// <summary>Payment messages as tests write them.</summary>
internal static class Wire
{
    private const string Iso = "urn:iso:std:iso:20022:tech:xsd:";

    /// <summary>A pacs.008 with these transfers.</summary>
    public static string Pacs008(string id, params string[] transfers) => Pacs008(id, "08", "", transfers);

    /// <summary>The same in a version, with more in its header.</summary>
    public static string Pacs008(string id, string version, string header, params string[] transfers) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="{Iso}pacs.008.001.{version}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{id}</MsgId>
        <CreDtTm>2026-03-02T15:00:00Z</CreDtTm>{header}</GrpHdr>{string.Concat(transfers)}
        </FIToFICstmrCdtTrf></Document>
        """;

    /// <summary>One transfer of a pacs.008.</summary>
    public static string Transfer(
        string reference, string amount, string from = "GB11AAAA1", string to = "DE22BBBB2") =>
        $"""
        <CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>
        <IntrBkSttlmAmt Ccy="EUR">{amount}</IntrBkSttlmAmt><Dbtr><Nm>A Debtor</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>{from}</IBAN></Id></DbtrAcct><Cdtr><Nm>A Creditor</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>{to}</IBAN></Id></CdtrAcct><RmtInf><Ustrd>invoice</Ustrd></RmtInf></CdtTrfTxInf>
        """;

    /// <summary>A pain.001 of one payment information.</summary>
    public static string Pain001(string id, string reference, string amount, string from = "GB11AAAA1") =>
        $"""
        <Document xmlns="{Iso}pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>{id}</MsgId>
        <CreDtTm>2026-03-02T14:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs></GrpHdr><PmtInf><PmtInfId>p</PmtInfId>
        <DbtrAcct><Id><IBAN>{from}</IBAN></Id></DbtrAcct><CdtTrfTxInf><PmtId>
        <EndToEndId>{reference}</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt><CdtrAcct><Id><IBAN>DE22BBBB2</IBAN></Id></CdtrAcct>
        </CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>
        """;

    /// <summary>A pacs.002 about one payment.</summary>
    public static string Pacs002(string reference, string status) =>
        $"""
        <Document xmlns="{Iso}pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>s-{reference}</MsgId>
        <CreDtTm>2026-03-02T16:00:00Z</CreDtTm></GrpHdr><TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId>
        <TxSts>{status}</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>
        </FIToFIPmtStsRpt></Document>
        """;

    /// <summary>A camt of one report with these entries.</summary>
    public static string Camt(string kind, string account, params string[] entries)
    {
        var (root, report) = kind == "camt.053" ? ("BkToCstmrStmt", "Stmt") : ("BkToCstmrDbtCdtNtfctn", "Ntfctn");
        return $"""
            <Document xmlns="{Iso}{kind}.001.08"><{root}><GrpHdr><MsgId>m</MsgId><CreDtTm>2026-03-02T15:00:00Z</CreDtTm>
            </GrpHdr><{report}><Id>s1</Id><CreDtTm>2026-03-02T15:00:00Z</CreDtTm>
            <Acct><Id><IBAN>{account}</IBAN></Id></Acct>
            {string.Concat(entries)}</{report}></{root}></Document>
            """;
    }

    /// <summary>An entry of a camt without details.</summary>
    public static string Entry(
        string amount, string direction, string status = "BOOK", string family = "CNTR", string sub = "CDPT",
        string more = "") =>
        $"""
        <Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{more}<Sts><Cd>{status}</Cd></Sts>
        <BookgDt><Dt>2026-03-02</Dt></BookgDt><BkTxCd><Domn><Cd>PMNT</Cd>
        <Fmly><Cd>{family}</Cd><SubFmlyCd>{sub}</SubFmlyCd>
        </Fmly></Domn></BkTxCd></Ntry>
        """;

    /// <summary>The bytes of a text.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A number as tests name things.</summary>
    public static string Name(string kind, int number) => kind + number.ToString(CultureInfo.InvariantCulture);
}
