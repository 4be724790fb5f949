using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Documents;

namespace CoffreFort.IntegrationTests.Features.Signatures;

/// <summary>One key, one signature file: a repeat that brings another is told, whatever its length and however it is sent, and a repeat that brings the same is answered as before.</summary>
[Trait("Requirement", "R-041")]
[Trait("Requirement", "R-203")]
public sealed class RepeatedSignatureTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] s_paper = DetachedScene.Paper;

    private CoffreFortServer _server = null!;
    private Depositor _holder = null!;
    private DetachedScene _beside = null!;
    private byte[] _signature = null!;
    private byte[] _other = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false);
        _holder = await Depositor.OfAsync(_server);
        _beside = new DetachedScene(Path.Combine(_server.Data, "demo-issuers"));
        _signature = _beside.Sign(s_paper);
        // As long, and another: the last byte of the signature proper.
        _other = [.. _signature[..^1], (byte)(_signature[^1] ^ 1)];
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _beside.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task another_signature_under_the_key_of_a_deposit_is_another_request(bool chunked, bool before)
    {
        var first = await SendAsync(_holder.Address, chunked, Parts(_signature, before));
        Assert.Equal("valid", (string?)first["signature"]!["verdict"]);
        await NothingElseIsTakenForItAsync(_holder.Address, chunked, before, first);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    public async Task and_so_it_is_of_a_newer_version()
    {
        var address = $"/api/v1/documents/{await _holder.DepositAsync([1])}/versions";
        var first = await SendAsync(address, chunked: true, Parts(_signature, before: false));
        await NothingElseIsTakenForItAsync(address, chunked: true, before: false, first);
        await _holder.AssertNothingLeftAsync(blobs: 2);
    }

    [Fact]
    public async Task a_signature_that_comes_with_the_repeat_only_is_not_lost_without_a_word()
    {
        await SendAsync(_holder.Address, chunked: true, ("document", s_paper));
        Assert.Equal("idempotency-key-reused", (string?)(await SendAsync(_holder.Address, chunked: true, Parts(_signature, before: false)))["code"]);
        Assert.Equal("not-a-signature", (string?)(await SendAsync(_holder.Address, chunked: true, Parts([1], before: false)))["code"]);
        using var cut = new ByteArrayContent("--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\nhalf of it"u8.ToArray());
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(400, (int)(await PostAsync(_holder.Address, chunked: true, cut))["status"]!);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    public async Task of_two_that_race_under_one_key_with_two_signatures_each_is_told_what_became_of_its_own()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => SendAsync(_holder.Address, chunked: false, Parts(number % 2 == 0 ? _signature : _other, before: false))));
        var done = answers.Where(answer => (int)answer["status"]! == (int)HttpStatusCode.Created).ToList();
        Assert.Single(done.Select(answer => (string?)answer["id"]).Distinct());
        Assert.All(answers.Except(done), answer => Assert.Equal("idempotency-key-reused", (string?)answer["code"]));
        Assert.Equal(6, done.Count);
        Assert.Single(await _holder.EventsAsync());
    }

    [Fact]
    public async Task what_was_erased_can_not_be_compared_and_nothing_of_it_is_told()
    {
        var first = await SendAsync(_holder.Address, chunked: false, Parts(_signature, before: false));
        Assert.True((await _holder.Client.DeleteAsync($"/api/v1/documents/{first["id"]}?grace=0")).IsSuccessStatusCode);
        var (same, other) = (await SendAsync(_holder.Address, chunked: false, Parts(_signature, before: false)), await SendAsync(_holder.Address, chunked: false, Parts(_other, before: false)));
        Assert.Equal(((int)same["status"]!, (string?)same["code"]), ((int)other["status"]!, (string?)other["code"]));
        Assert.NotEqual("idempotency-key-reused", (string?)same["code"]);
    }

    private async Task NothingElseIsTakenForItAsync(string address, bool chunked, bool before, JsonObject first)
    {
        Assert.Equal((string?)first["id"], (string?)(await SendAsync(address, chunked, Parts(_signature, before)))["id"]);
        foreach (var parts in new[] { Parts(_other, before), [("document", s_paper)] })
        {
            var told = await SendAsync(address, chunked, parts);
            Assert.Equal((422, "idempotency-key-reused"), ((int)told["status"]!, (string?)told["code"]));
        }
    }

    private static (string, byte[])[] Parts(byte[] signature, bool before) => before ? [("signature", signature), ("document", s_paper)] : [("document", s_paper), ("signature", signature)];

    private Task<JsonObject> SendAsync(string address, bool chunked, params (string, byte[])[] parts) => PostAsync(address, chunked, DetachedScene.Form(parts));

    private async Task<JsonObject> PostAsync(string address, bool chunked, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = body, Headers = { { "Idempotency-Key", "once" } } };
        request.Headers.TransferEncodingChunked = chunked;
        using var answer = await _holder.Client.SendAsync(request);
        var told = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        told["status"] = (int)answer.StatusCode;
        return told;
    }
}
