namespace CoffreFort.BrowserTests;

[CollectionDefinition(Name)]
public sealed class DemoTests : ICollectionFixture<Demo>
{
    public const string Name = "demo";
}
