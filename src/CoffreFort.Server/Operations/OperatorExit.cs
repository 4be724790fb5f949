namespace CoffreFort.Server.Operations;

/// <summary>How an operator's command ends.</summary>
public static class OperatorExit
{
    public const int Done = 0;

    /// <summary>It ran, and what it looked for is there: damage, a refusal.</summary>
    public const int Found = 1;

    /// <summary>It couldn't run or not to its end.</summary>
    public const int Unable = 2;
}
