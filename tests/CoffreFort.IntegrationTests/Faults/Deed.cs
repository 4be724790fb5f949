using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>One write that the load asked for, under an idempotency key of its own, and what it was told of it.</summary>
internal sealed class Deed(string persona, string path, Func<HttpContent?> content)
{
    private readonly string key = Guid.NewGuid().ToString("N");

    public string Persona => persona;

    /// <summary>What was acknowledged; null when nobody knows whether it was done, or when it was refused.</summary>
    public JsonObject? Answer { get; private set; }

    public bool Acknowledged => Answer is not null;

    /// <summary>A refusal says that nothing was done.</summary>
    public HttpStatusCode? Refused { get; private set; }

    public bool IsUnknown => Answer is null && Refused is null;

    /// <summary>Whether a fault once kept its outcome from us, though it may be known by now.</summary>
    public bool WasUnknown { get; private set; }

    /// <summary>Sends it, or sends it again with the same key.</summary>
    /// <returns>False when the outcome is not known: no answer came, or one that says that the database is gone.</returns>
    /// <exception cref="InvalidOperationException">An answer that no fault excuses.</exception>
    public async Task<bool> SendAsync(HttpClient client)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content() };
        request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var answer = await client.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == HttpStatusCode.Conflict && !Acknowledged) Refused = answer.StatusCode;
            else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return !(WasUnknown = true);
            else if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{persona}: POST {path} gave {(int)answer.StatusCode}: {text}");
            else Take(JsonNode.Parse(text)!.AsObject());
            return true;
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
        {
            return !(WasUnknown = true);
        }
    }

    public static JsonContent Json(object body) => JsonContent.Create(body, options: JsonSerializerOptions.Web);

    private void Take(JsonObject answer)
    {
        if (Answer is { } first && (string?)first["id"] != (string?)answer["id"])
            throw new InvalidOperationException($"{persona}: POST {path} made {first["id"]}, and sent again with the same key {answer["id"]}.");
        Answer ??= answer;
    }
}
