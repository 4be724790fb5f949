using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.Specs.Blobs;

/// <summary>Settings that can't be meant are refused at start, each with what to set instead, and never with a key in the message.</summary>
public sealed class AzureBlobSettingsSpecs
{
    private const string Azurite = "BlobEndpoint=http://127.0.0.1:10000/coffrefort;AccountName=coffrefort;AccountKey=c2VjcmV0c2VjcmV0";
    private const string Address = "https://account.blob.core.windows.net/coffrefort";

    [Fact]
    public void without_any_setting_blobs_are_files() => Assert.Null(Read(null, null, null));

    [Fact]
    public void a_containers_address_is_entered_as_a_managed_identity()
    {
        var settings = Read(Address, null, "6f0f3c5e-7a53-4f0f-9a55-0d1f4f9e6c11")!;
        Assert.Null(settings.ConnectionString);
        Assert.Equal(new Uri(Address), settings.Connect().Uri);
        Assert.Equal(new Uri(Address), Read(Address, "", "")!.Connect().Uri);
    }

    [Fact]
    public void azurite_on_this_machine_is_reached_by_its_connection_string() =>
        Assert.Equal(new Uri("http://127.0.0.1:10000/coffrefort/documents"), Read("documents", Azurite, null)!.Connect().Uri);

    [Theory]
    [InlineData(null, Azurite, null, "Container is missing")]
    [InlineData("", null, "6f0f3c5e-7a53-4f0f-9a55-0d1f4f9e6c11", "Container is missing")]
    [InlineData("coffrefort", null, null, "Container must be an https address")]
    [InlineData("http://account.blob.core.windows.net/coffrefort", null, null, "Container must be an https address")]
    [InlineData("https://me:secret@account.blob.core.windows.net/coffrefort", null, null, "Container must be an https address")]
    [InlineData(Address + "?sv=2023&sig=secret", null, null, "Container must not carry a signature")]
    [InlineData("https://account.blob.core.windows.net/", null, null, "Container must end in one container's name")]
    [InlineData("https://account.blob.core.windows.net/coffrefort/documents", null, null, "Container must end in one container's name")]
    [InlineData("https://account.blob.core.windows.net/CoffreFort", null, null, "Container must end in one container's name")]
    [InlineData("https://account.blob.core.windows.net/coffre--fort", null, null, "Container must end in one container's name")]
    [InlineData(Address, null, "coffrefort", "ClientId must be the client id")]
    [InlineData("Documents", Azurite, null, "Container must be a container's name")]
    [InlineData("documents", Azurite, "6f0f3c5e-7a53-4f0f-9a55-0d1f4f9e6c11", "ClientId goes with a container's address")]
    [InlineData("documents", "AccountKey=secret", null, "ConnectionString can't be read")]
    [InlineData("documents", "nothing of the kind: secret", null, "ConnectionString can't be read")]
    [InlineData("documents", "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net", null, "ConnectionString is for Azurite on this machine")]
    public void what_can_not_be_meant_is_refused_with_what_to_set(string? container, string? connection, string? client, string expected)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Read(container, connection, client));
        Assert.StartsWith("Blobs:Azure:" + expected, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c2Vjc", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_mistyped_setting_is_named()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => Read([new("Blobs:Azure:Contaner", Address)]));
        Assert.StartsWith("Blobs:Azure:Contaner is not a setting", refused.Message, StringComparison.Ordinal);
    }

    private static AzureBlobSettings? Read(string? container, string? connection, string? client) => Read(new[]
    {
        KeyValuePair.Create("Blobs:Azure:Container", container), new("Blobs:Azure:ConnectionString", connection), new("Blobs:Azure:ClientId", client),
    }.Where(setting => setting.Value is not null));

    private static AzureBlobSettings? Read(IEnumerable<KeyValuePair<string, string?>> settings) =>
        AzureBlobSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
}
