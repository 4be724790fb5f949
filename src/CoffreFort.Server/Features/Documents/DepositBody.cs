using CoffreFort.Server.Features.Signatures;
using Microsoft.OpenApi;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The body of a deposit as the API's description has it: what <see cref="DepositParts"/> reads.</summary>
internal static class DepositBody
{
    private const string Form = "multipart/form-data";

    /// <summary>Says that the route takes a document's bytes, or a form that brings its signature file too.</summary>
    public static RouteHandlerBuilder TakesDeposit(this RouteHandlerBuilder route) => route.Accepts<Stream>("*/*", Form).AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.RequestBody!.Description = "The document's bytes, whatever type is said; or a form of its bytes and, in either order, the signature file that came with it. A form is never the document itself.";
        operation.RequestBody.Content![Form] = new OpenApiMediaType
        {
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Required = new HashSet<string> { DepositParts.Document },
                AdditionalPropertiesAllowed = false,
                Properties = new Dictionary<string, IOpenApiSchema>
                {
                    [DepositParts.Document] = Bytes("The document. Its part's file name counts where the query gives none."),
                    [DepositParts.Signature] = Bytes($"The detached CMS signature (DER or BER) that came with the document, {SignatureFile.Longest} bytes at most."),
                },
            },
            Encoding = new Dictionary<string, OpenApiEncoding> { [DepositParts.Signature] = new() { ContentType = SignatureFile.MediaType } },
        };
        return Task.CompletedTask;
    });

    private static OpenApiSchema Bytes(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };
}
