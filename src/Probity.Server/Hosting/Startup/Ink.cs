namespace Probity.Server.Hosting.Startup;

/// <summary>Writes labelled lines; in colour only on a terminal, and never where NO_COLOR is set (no-color.org).</summary>
internal sealed class Ink(TextWriter output, bool hasColour)
{
    private const int LabelWidth = 8;

    /// <summary>Standard output, coloured if it is a terminal.</summary>
    public static Ink OfConsole(TextWriter output) => new(
        output,
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected
            && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") != "dumb");

    public void Title(string text) => output.WriteLine(" " + Dye("1", text));

    public void Line(string label, string text) => output.WriteLine($" {Dye("36", label.PadRight(LabelWidth))} {text}");

    public void Warning(string text) => output.WriteLine($" {Dye("33", "WARNING".PadRight(LabelWidth))} {text}");

    public void Fault(string text) => output.WriteLine($" {Dye("31", "FAULT".PadRight(LabelWidth))} {text}");

    private string Dye(string code, string text) => hasColour ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
