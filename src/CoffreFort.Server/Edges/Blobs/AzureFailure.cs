using System.Xml;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs.Models;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Turns what Azure's client throws into what a blob store throws.</summary>
internal static class AzureFailure
{
    private const int InsufficientStorage = 507;

    /// <summary>Whether it is a failure of the store, of the way there or of the identity; a cancellation that the caller asked for is none.</summary>
    public static bool Is(Exception exception, CancellationToken cancellation) => exception switch
    {
        // The client's own time limits end in a cancellation too.
        OperationCanceledException => !cancellation.IsCancellationRequested,
        AggregateException several => several.InnerExceptions.All(one => Is(one, cancellation)),
        // The last two: the client's own words for an answer that is not one of the service's.
        RequestFailedException or AuthenticationFailedException or IOException or HttpRequestException or FormatException or XmlException => true,
        _ => false,
    };

    public static BlobStoreException From(Exception exception) => exception switch
    {
        // Each try's failure is there; one says what they all say.
        AggregateException { InnerExceptions: [.., var last] } => From(last),
        RequestFailedException { Status: InsufficientStorage } => new BlobStoreFullException(exception),
        _ => new BlobStoreUnavailableException(exception),
    };

    /// <summary>A container that is gone is a failing store, not a store without blobs.</summary>
    public static bool IsMissing(RequestFailedException failure) =>
        failure.Status == StatusCodes.Status404NotFound && failure.ErrorCode != BlobErrorCode.ContainerNotFound.ToString() && failure.ErrorCode != BlobErrorCode.ContainerBeingDeleted.ToString();

    /// <summary>A conditional write found something else than its condition.</summary>
    public static bool IsCondition(RequestFailedException failure) =>
        failure.Status == StatusCodes.Status412PreconditionFailed || failure.ErrorCode == BlobErrorCode.BlobAlreadyExists.ToString();

    /// <summary>One line for operators: the service's own message goes on for many.</summary>
    public static string Words(Exception exception) => exception switch
    {
        RequestFailedException { ErrorCode: { Length: > 0 } code } failure => $"{failure.Message.Split('\n')[0].Trim()} ({failure.Status} {code})",
        _ => exception.Message.Split('\n')[0].Trim(),
    };
}
