using System.Net.Sockets;
using Probity.Ledger.Entries;
using Probity.Ledger.Merkle;
using Probity.Ledger.Notes;

namespace Probity.Hammer.Checking;

/// <summary>Checks that the log holds what a receipt says: entry, leaf hash, place, proof and checkpoint.</summary>
internal sealed class ReceiptCheck(LogClient log)
{
    /// <summary>Checks everything a receipt claims, with an inclusion proof; null when all of it holds.</summary>
    public async Task<string?> ProveAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            return await CheckEntryAsync(receipt, cancellationToken)
                ?? await CheckProofAsync(receipt, cancellationToken)
                ?? await CheckCheckpointAsync(receipt, cancellationToken);
        }
        catch (Exception failure) when (failure is HammerException or SocketException)
        {
            return $"{receipt.Id}: {failure.Message}";
        }
    }

    /// <summary>Checks that the entry is there with the hash and the place of the receipt; null when it is.</summary>
    public async Task<string?> CheckEntryAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            var entry = await log.EntryAsync(receipt.Id, cancellationToken);
            if (MerkleHash.Leaf(entry.Span) != receipt.Hash)
            {
                return $"{receipt.Id}: the entry's leaf hash is not the receipt's.";
            }

            var header = EntryReader.ReadHeader(entry.Span);
            return header.Id == receipt.Id && header.Seq == receipt.Seq
                ? null
                : $"{receipt.Id}: the entry has id {header.Id} and seq {header.Seq}, the receipt seq {receipt.Seq}.";
        }
        catch (Exception failure) when (failure is HammerException or FormatException)
        {
            return $"{receipt.Id}: {failure.Message}";
        }
    }

    private async Task<string?> CheckProofAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        var proof = await log.ProofAsync(receipt.Id, cancellationToken);
        if (proof.Index != receipt.Seq)
        {
            return $"{receipt.Id}: the proof is of index {proof.Index}, the receipt says {receipt.Seq}.";
        }

        return proof.Verify(receipt.Hash, await log.KeysAsync(cancellationToken)) is TlogProofVerdict.Refused refused
            ? $"{receipt.Id}: {refused.Code}: {refused.Detail}"
            : null;
    }

    private async Task<string?> CheckCheckpointAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        if (receipt.Checkpoint is null)
        {
            return null;
        }

        var checkpoint = await log.VerifyAsync(receipt.Checkpoint, cancellationToken);
        return checkpoint.Size > receipt.Seq
            ? null
            : $"{receipt.Id}: its checkpoint of size {checkpoint.Size} does not cover seq {receipt.Seq}.";
    }
}
