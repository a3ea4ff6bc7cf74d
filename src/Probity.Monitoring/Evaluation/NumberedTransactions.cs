namespace Probity.Monitoring.Evaluation;

/// <summary>
/// The transactions of a state by number, in pieces that stay where they are. Logs refer to them by number: what holds
/// no reference is neither followed nor looked through by the collector, which else pauses for every log that was
/// written to (decision record 0076). Not thread safe: one writer.
/// </summary>
internal sealed class NumberedTransactions
{
    private const int PieceSize = 8_192; // 64 KB of references: below what goes to the large objects.

    private readonly List<Booked?[]> _pieces = [];

    /// <summary>The transaction of a number that is in the state.</summary>
    public Booked this[int number] => _pieces[number / PieceSize][number % PieceSize]!; // Logs name no others.

    /// <exception cref="OverflowException">It has a number of 2³¹ or above: no memory holds as many.</exception>
    public void Add(Booked booked)
    {
        var number = checked((int)booked.Number);
        while (_pieces.Count <= number / PieceSize)
        {
            _pieces.Add(new Booked?[PieceSize]);
        }

        _pieces[number / PieceSize][number % PieceSize] = booked;
    }

    public void Remove(Booked booked) => _pieces[(int)booked.Number / PieceSize][(int)booked.Number % PieceSize] = null;
}
