using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>A person at their browser, with cookies of their own; what the browser complains of is kept.</summary>
public sealed class Visitor : IAsyncDisposable
{
    public const int Desk = 1280;
    public const int Phone = 390;

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    public Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        Page.Console += (_, message) =>
        {
            if (message.Type == "error") _complaints.Add(message.Text);
        };
        Page.PageError += (_, error) => _complaints.Add(error);
    }

    public IPage Page { get; }

    /// <summary>The console's errors since the last call, those of the content security policy among them.</summary>
    public IReadOnlyList<string> TakeComplaints()
    {
        string[] taken = [.. _complaints];
        _complaints.Clear();
        return taken;
    }

    public Task ClickAsync(AriaRole role, string name) => Page.GetByRole(role, new() { NameRegex = Named(name) }).First.ClickAsync();

    /// <summary>The page's address soon holds this.</summary>
    /// <remarks>Asked again and again: the library's own wait for an address misses one that is reached between its first look and its listening.</remarks>
    public Task ComesToAsync([StringSyntax(StringSyntaxAttribute.Regex)] string part) => Assertions.Expect(Page).ToHaveURLAsync(new Regex(part));

    /// <summary>The page's address is soon another one; see <see cref="ComesToAsync"/>.</summary>
    public Task LeavesAsync(string address) => Assertions.Expect(Page).Not.ToHaveURLAsync(address);

    /// <summary>The text in the page must be there, soon.</summary>
    public Task SeesAsync(string text) => Assertions.Expect(Page.Locator("main")).ToContainTextAsync(Named(text));

    public Task DoesNotSeeAsync(string text) => Assertions.Expect(Page.Locator("main")).Not.ToContainTextAsync(Named(text));

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    /// <summary>The pages set French spaces and apostrophes; a test writes plain ones.</summary>
    private static Regex Named(string text) => new(
        Regex.Escape(text).Replace("\\ ", "\\s", StringComparison.Ordinal).Replace("'", "['’]", StringComparison.Ordinal));
}
