namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// What a pass did: blobs old enough to judge, those without an event that it deleted, their bytes, and those it could
/// not delete. <paramref name="Refused"/>: it stopped because store and journal do not seem to belong together.
/// </summary>
public readonly record struct SweepResult(long Examined, long Deleted, long DeletedBytes, long Failed, bool Refused);
