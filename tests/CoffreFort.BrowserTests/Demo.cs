using CoffreFort.IntegrationTests;
using Microsoft.Playwright;

namespace CoffreFort.BrowserTests;

/// <summary>The demo with its story told, and a real Chromium before it: one of each for all tests.</summary>
public sealed class Demo : IAsyncLifetime
{
    private static readonly string[] chromiumArguments =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Milliseconds that a page may take, on a machine that does other things besides.</summary>
    private const float Patience = 20_000;

    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;
    private ServerProcess _server = null!;

    /// <summary>The journal's: for what no page and no command makes.</summary>
    public TestDatabase Database => _server.JournalDatabase;

    /// <summary>The folder of the one listed issuer, with the key that it signs with.</summary>
    public string Issuers => Path.Combine(_server.Data, "demo-issuers");

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(Patience);
        var chromium = FindChromium();
        _server = await ServerProcess.StartAsync("--demo:seed", "true", "--demo:story", "true");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = chromium,
            // Chromium's own sandbox refuses root; the pages are ours.
            Args = Environment.UserName == "root" ? ["--no-sandbox", .. chromiumArguments] : chromiumArguments,
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }

    /// <summary>Somebody with a browser of their own, who has not signed in yet.</summary>
    public async Task<Visitor> VisitAsync(int width = Visitor.Desk, bool scripts = true, string language = "fr-FR")
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = _server.Address.ToString(),
            ViewportSize = new() { Width = width, Height = 844 },
            JavaScriptEnabled = scripts,
            Locale = language,
        });
        context.SetDefaultTimeout(Patience);
        return new(context, await context.NewPageAsync());
    }

    /// <param name="persona">A key of the demo's people, such as <c>holder</c>.</param>
    public async Task<Visitor> SignInAsync(string persona, int width = Visitor.Desk, bool scripts = true, string language = "fr-FR")
    {
        var visitor = await VisitAsync(width, scripts, language);
        await visitor.Page.GotoAsync("/demo");
        var from = visitor.Page.Url;
        await visitor.Page.Locator($"form[action='/demo/sign-in/{persona}'] button").ClickAsync();
        await visitor.LeavesAsync(from);
        return visitor;
    }

    private static string FindChromium() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }, Path.Combine).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("No Chromium in the PATH: 'scripts/install browser' installs it.");
}
