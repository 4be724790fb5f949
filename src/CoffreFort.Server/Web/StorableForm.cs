using Microsoft.AspNetCore.Mvc.Filters;

namespace CoffreFort.Server.Web;

/// <summary>Refuses a page's form with a NUL in one of its fields: PostgreSQL can't store it, and nobody types it.</summary>
internal sealed class StorableForm : IAsyncResourceFilter
{
    public async Task OnResourceExecutionAsync(ResourceExecutingContext context, ResourceExecutionDelegate next)
    {
        var request = context.HttpContext.Request;
        // What reads its own body looks for itself. Any other form was taken in already, for its antiforgery token.
        if (request.HasFormContentType && !context.Filters.OfType<ReadsOwnBodyAttribute>().Any())
        {
            var form = await request.ReadFormAsync(context.HttpContext.RequestAborted);
            if (form.Any(field => field.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)))
                throw new BadHttpRequestException("The form has a NUL character.");
        }

        await next();
    }
}
