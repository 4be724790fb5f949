namespace CoffreFort.Server.Keys;

/// <summary>How far the end of one epoch is.</summary>
/// <param name="Epoch">The one that ends.</param>
/// <param name="Step">One of <see cref="RotationSteps"/>.</param>
/// <param name="Done">So many vault keys.</param>
/// <param name="Of">Of so many.</param>
public readonly record struct RotationProgress(int Epoch, string Step, long Done, long Of);

public static class RotationSteps
{
    public const string TakingOver = "taking over";
    public const string Checking = "checking";
}
