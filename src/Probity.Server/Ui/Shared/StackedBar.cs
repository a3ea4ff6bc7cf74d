namespace Probity.Server.Ui.Shared;

/// <summary>A kind of what is counted.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Tone">The class of its colour: good, warn, bad or plain.</param>
/// <remarks>Public because a component takes it.</remarks>
public sealed record BarKind(string Title, string Tone);

/// <summary>One bar.</summary>
/// <param name="Label">What it stands for, such as a day.</param>
/// <param name="Counts">One for each kind, in their order.</param>
/// <param name="Href">Where its row leads; null for nowhere.</param>
/// <remarks>Public because a component takes it.</remarks>
public sealed record StackedBar(string Label, IReadOnlyList<long> Counts, string? Href = null);
