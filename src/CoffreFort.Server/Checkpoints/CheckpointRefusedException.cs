namespace CoffreFort.Server.Checkpoints;

/// <summary>No checkpoint may be signed: what is stored is not what was appended, or not what was published. Somebody must look; asking again won't help.</summary>
/// <param name="position">The event where it shows, when it is one event.</param>
/// <param name="message">What was found, for the operator.</param>
/// <param name="cause">What found it.</param>
public sealed class CheckpointRefusedException(long? position, string message, Exception? cause = null) : Exception(message, cause)
{
    public long? Position => position;
}
