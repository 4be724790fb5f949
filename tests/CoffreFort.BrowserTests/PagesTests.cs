using System.Text.RegularExpressions;
using CoffreFort.IntegrationTests;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>Every page that a person can reach by links from where they start, as wide as a desk and as narrow as a phone.</summary>
[Collection(DemoTests.Name)]
public sealed partial class PagesTests(Demo demo)
{
    private static readonly string screenshots = Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts", "screenshots")).FullName;

    public static TheoryData<string> Personas =>
        ["holder", "holder2", "helper", "clerk-caf", "clerk-town", "atlas-toulon", "atlas-brest", "personnel", "auditor", "operator"];

    [Fact]
    public async Task public_pages_are_whole_and_accessible()
    {
        await using var visitor = await demo.VisitAsync();
        await using var plain = await demo.VisitAsync(Visitor.Phone, scripts: false, "en-GB");
        await AssertWholeAsync("anyone", visitor, plain, "/", "/demo", "/demo/components", "/sign-in");
    }

    [Theory, MemberData(nameof(Personas))]
    public async Task every_page_is_whole_and_accessible(string persona)
    {
        await using var visitor = await demo.SignInAsync(persona);
        await using var plain = await demo.SignInAsync(persona, Visitor.Phone, scripts: false, "en-GB");
        await AssertWholeAsync(persona, visitor, plain, new Uri(visitor.Page.Url).AbsolutePath);
    }

    private static async Task AssertWholeAsync(string persona, Visitor visitor, Visitor plain, params string[] from)
    {
        var wrong = new List<string>();
        var (waiting, seen) = (new Queue<string>(from), new HashSet<string>());
        while (waiting.TryDequeue(out var path))
        {
            if (!seen.Add(Kind(path))) continue;
            var answer = await visitor.Page.GotoAsync(path);
            if (answer!.Headers.GetValueOrDefault("content-type")?.StartsWith("text/html", StringComparison.Ordinal) != true) continue;
            if (answer.Status != 200) wrong.Add($"{path}: {answer.Status}");
            foreach (var width in new[] { Visitor.Desk, Visitor.Phone }) wrong.AddRange((await FaultsAsync(persona, visitor, path, width)).Select(fault => $"{path} at {width}: {fault}"));
            wrong.AddRange((await PlainFaultsAsync(plain, path)).Select(fault => $"{path} in English without scripts: {fault}"));
            foreach (var link in await LinksAsync(visitor.Page)) waiting.Enqueue(link);
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.InRange(seen.Count, from.Length, 40);
    }

    private static async Task<List<string>> FaultsAsync(string persona, Visitor visitor, string path, int width)
    {
        var page = visitor.Page;
        await page.SetViewportSizeAsync(width, 844);
        var faults = await ShapeFaultsAsync(page, "fr");
        faults.AddRange(await Accessibility.ViolationsAsync(page));
        faults.AddRange(visitor.TakeComplaints());
        await page.ScreenshotAsync(new() { Path = Path.Combine(screenshots, $"{persona}-{FileName(path)}-{width}.png"), FullPage = true });
        return faults;
    }

    /// <summary>As a browser without scripts shows it, in the other language: the page is whole, and each form can be sent.</summary>
    private static async Task<List<string>> PlainFaultsAsync(Visitor plain, string path)
    {
        var answer = await plain.Page.GotoAsync(path);
        var faults = await ShapeFaultsAsync(plain.Page, "en");
        if (answer!.Status != 200) faults.Add($"{answer.Status}");
        foreach (var form in await plain.Page.Locator("main form:visible").AllAsync())
            if (await form.Locator("button:visible:not([type=button])").CountAsync() == 0) faults.Add("a form has no button to send it");
        faults.AddRange(plain.TakeComplaints());
        return faults;
    }

    private static async Task<List<string>> ShapeFaultsAsync(IPage page, string language)
    {
        var faults = new List<string>();
        if (await page.Locator("h1").CountAsync() is not 1 and var headings) faults.Add($"{headings} h1");
        if (await page.Locator("html").GetAttributeAsync("lang") is var lang && lang != language) faults.Add($"its language is {lang}");
        var beyond = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (beyond > 0) faults.Add($"it is {beyond} pixels wider than the window");
        return faults;
    }

    /// <summary>The components' page is not left: its links are examples. The demo's own pages belong to nobody and are seen once.</summary>
    private static async Task<IEnumerable<string>> LinksAsync(IPage page)
    {
        if (page.Url.Contains("/demo", StringComparison.Ordinal)) return [];
        var links = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('a[href]:not([download])')].map(link => link.getAttribute('href'))");
        return links.Where(link => link.StartsWith('/') && !NotPages().IsMatch(link)).Select(link => link.Split('#')[0]);
    }

    /// <summary>Pages that differ only in whom or what they show are one kind, and the first is looked at.</summary>
    private static string Kind(string path) => Values().Replace(Ids().Replace(path, "id"), "$1=");

    private static string FileName(string path) => path == "/" ? "home" : NotLetters().Replace(Kind(path), "-").Trim('-');

    [GeneratedRegex("^/(api|openapi|demo|sign-out|health)(/|$)|^/$")]
    private static partial Regex NotPages();

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex Ids();

    [GeneratedRegex("([?&][a-z]+)=[^&]*", RegexOptions.IgnoreCase)]
    private static partial Regex Values();

    [GeneratedRegex("[^a-zA-Z0-9]+")]
    private static partial Regex NotLetters();
}
