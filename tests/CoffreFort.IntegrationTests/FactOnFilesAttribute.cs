namespace CoffreFort.IntegrationTests;

/// <summary>About files, which are not there when the suite runs on Azurite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactOnFilesAttribute : FactAttribute
{
    public FactOnFilesAttribute()
    {
        if (Azurite.HoldsTheSuite) Skip = "About blobs in files; this run's are in Azurite.";
    }
}
