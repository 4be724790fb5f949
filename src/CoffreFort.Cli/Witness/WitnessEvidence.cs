using System.Security.Cryptography;
using CoffreFort.Transparency;
using Microsoft.Extensions.Logging;

namespace CoffreFort.Cli.Witness;

/// <summary>Checkpoints that a log signed and this witness refused: each in a folder of its own, with the signed note that it had cosigned before.</summary>
/// <remarks>
/// Only who holds the log's key can put something here. A limit for each kind keeps even them from filling the disk, and what proves nothing by itself from taking
/// the room of proofs. The first are kept: they are what happened before anybody had a reason to confuse.
/// </remarks>
internal sealed class WitnessEvidence(string folder, ILogger logger)
{
    private const int MostOfAKind = 256;
    private const string Cosigned = "cosigned";
    private const string Submitted = "submitted";

    public int Count => Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Count() : 0;

    /// <summary>Two trees of one size, both signed: the log has forked, and the two notes prove it to anybody.</summary>
    public void KeepFork(SignedNote known, AddCheckpointRequest request) => logger.LogCritical(
        "FORK: {Origin} has signed two different trees of {Size} leaves; the submitted root is {Root}. Both signed notes prove it: {Folder}",
        request.Checkpoint.Origin, request.Checkpoint.Size, Root(request), Keep("fork", known, request));

    /// <summary>A larger tree whose proof does not hold: a faulty proof, or another history. The log's own tiles can tell which.</summary>
    public void KeepUnproven(SignedNote known, AddCheckpointRequest request) => logger.LogError(
        "{Origin} has signed a tree of {Size} leaves, root {Root}, and its proof does not hold: it may not continue what was cosigned. Both signed notes: {Folder}",
        request.Checkpoint.Origin, request.Checkpoint.Size, Root(request), Keep("unproven", known, request));

    // One folder a tree: whoever submits it again adds nothing.
    private string Keep(string kind, SignedNote known, AddCheckpointRequest request)
    {
        var path = Path.Combine(folder, $"{kind}-{request.Checkpoint.Size}-{Convert.ToHexStringLower(SHA256.HashData(request.Checkpoint.Root.Span))[..16]}");
        try
        {
            // A folder alone is what a full disk or a crash leaves behind: it is filled in.
            if (File.Exists(Path.Combine(path, Cosigned)) && File.Exists(Path.Combine(path, Submitted))) return path;
            DurableFiles.EnsureFolder(folder);
            if (!Directory.Exists(path) && Directory.EnumerateDirectories(folder, $"{kind}-*").Count() >= MostOfAKind) return $"not kept, there are {MostOfAKind} of its kind already";
            DurableFiles.EnsureFolder(path);
            DurableFiles.Replace(Path.Combine(path, Cosigned), known.ToBytes());
            DurableFiles.Replace(Path.Combine(path, Submitted), request.Note.ToBytes());
            return path;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or WitnessRefusal)
        {
            return $"not kept, {failure.Message}";
        }
    }

    private static string Root(AddCheckpointRequest request) => Convert.ToBase64String(request.Checkpoint.Root.Span);
}
