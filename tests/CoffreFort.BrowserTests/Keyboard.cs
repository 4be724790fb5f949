using System.Text.RegularExpressions;

namespace CoffreFort.BrowserTests;

/// <summary>A person without a pointer: they get to a thing by Tab, see where they are at every step, and act with Enter and Space.</summary>
public sealed class Keyboard(Visitor visitor)
{
    private const int MostSteps = 80;

    private const string WhereAmI = """
        () => {
          const here = document.activeElement;
          if (!here || here === document.body) return null;
          const said = [here.ariaLabel, ...[...(here.labels ?? [])].map(label => label.textContent), here.textContent].filter(Boolean).join(' ');
          const style = getComputedStyle(here), box = here.getBoundingClientRect();
          const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
          // Inside a date, the browser itself shows which of its parts has the focus.
          const outlined = here.type === 'date' || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
          return { said: said.replace(/[\s\u00a0\u202f]+/g, ' ').trim(), outlined, seen };
        }
        """;

    /// <summary>Tabs until what is focused is called so; every stop on the way must show that it has the focus.</summary>
    public async Task GoToAsync(string name)
    {
        // A key pressed while a page still loads may go to the one before it.
        await visitor.Page.WaitForLoadStateAsync();
        var stops = new List<string>();
        while (stops.Count < MostSteps)
        {
            await visitor.Page.Keyboard.PressAsync("Tab");
            if (await visitor.Page.EvaluateAsync<Place?>(WhereAmI) is not { } place) continue;
            stops.Add(place.Said);
            Assert.True(place.Outlined && place.Seen, $"'{place.Said}' at {visitor.Page.Url} has the focus, and nobody can see it.");
            if (Regex.IsMatch(place.Said, Regex.Escape(name).Replace("'", "['’]", StringComparison.Ordinal))) return;
        }

        Assert.Fail($"Tab never came to '{name}' at {visitor.Page.Url}, but to: {string.Join(" | ", stops)}");
    }

    public Task TypeAsync(string text) => visitor.Page.Keyboard.TypeAsync(text);

    public Task PressAsync(string key) => visitor.Page.Keyboard.PressAsync(key);

    /// <summary>Enter, and the page that it leads to.</summary>
    public async Task FollowAsync()
    {
        var from = visitor.Page.Url;
        await PressAsync("Enter");
        await visitor.LeavesAsync(from);
    }

    private sealed class Place
    {
        public string Said { get; set; } = "";

        public bool Outlined { get; set; }

        public bool Seen { get; set; }
    }
}
