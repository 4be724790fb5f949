using System.Text;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Checkpoints;

/// <summary>
/// What tells the public that one log ended and which one continues it, signed by both logs' keys as far as the keyring holds them. It can't be taken for a
/// checkpoint: its second line is no number, and its signers' names are not its first line.
/// </summary>
public static class ContinuationNote
{
    /// <summary>The first line of its text.</summary>
    public const string Form = "coffrefort/continued-log/v1";

    /// <summary>
    /// Lines: the form; the new log; the old log; size and root of the journal that was accepted; then size and root of each checkpoint of the old log that
    /// it does not lead to.
    /// </summary>
    public static string Write(RestoredJournalAccepted accepted, LogKeys keys)
    {
        var text = Text(accepted);
        var signers = new[] { accepted.ContinuedAs! }.Concat(keys.Holds(accepted.Log) ? [accepted.Log] : []);
        return new SignedNote(text, signers.Select(origin => keys.Sign(text, origin))).ToString();
    }

    /// <summary>What is signed.</summary>
    public static string Text(RestoredJournalAccepted accepted)
    {
        var text = new StringBuilder($"{Form}\n{accepted.ContinuedAs}\n{accepted.Log}\n{accepted.Size} {accepted.Root}\n");
        foreach (var note in accepted.Checkpoints)
        {
            if (SignedNote.TryParse(Encoding.UTF8.GetBytes(note), out var read, out _) && Checkpoint.TryParse(read.Text, out var abandoned, out _))
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{abandoned.Size} {Convert.ToBase64String(abandoned.Root.Span)}\n");
        }

        return text.ToString();
    }
}
