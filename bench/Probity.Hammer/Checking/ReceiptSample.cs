namespace Probity.Hammer.Checking;

/// <summary>
/// Keeps every n-th answer for checking after the load, up to a bound. Chosen by count, so that choosing costs nothing
/// and no stretch of the run goes unsampled. Not thread safe; each connection has its own.
/// </summary>
internal sealed class ReceiptSample(int everyNth, int most)
{
    private readonly List<byte[]> _answers = [];
    private long _seen;

    public void Offer(ReadOnlySpan<byte> answer)
    {
        if (_seen++ % everyNth == 0 && _answers.Count < most)
        {
            _answers.Add(answer.ToArray());
        }
    }

    public IReadOnlyList<byte[]> Answers => _answers;
}
