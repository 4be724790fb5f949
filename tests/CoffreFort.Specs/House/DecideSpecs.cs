using System.Reflection;
using CoffreFort.Server;

namespace CoffreFort.Specs.House;

/// <summary>A decision depends on nothing but its arguments, so that it can be tested, replayed and believed.</summary>
public class DecideSpecs
{
    private const BindingFlags Any = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly string[] OutsideNamespaces =
        ["System.IO", "System.Net", "System.Data", "System.Threading", "Npgsql", "Microsoft.AspNetCore", "Microsoft.Extensions"];

    private static readonly HashSet<string> OutsideTypes =
    [
        "System.TimeProvider", "System.Random", "System.Security.Cryptography.RandomNumberGenerator", "System.Environment", "System.Console",
        "System.Diagnostics.Stopwatch", "System.Diagnostics.Activity", "System.Diagnostics.Process",
    ];

    private static readonly HashSet<string> OutsideMethods =
    [
        "DateTime.get_Now", "DateTime.get_UtcNow", "DateTime.get_Today", "DateTimeOffset.get_Now", "DateTimeOffset.get_UtcNow",
        "Guid.NewGuid", "Guid.CreateVersion7", "TimeZoneInfo.get_Local", "CultureInfo.get_CurrentCulture", "CultureInfo.get_CurrentUICulture",
    ];

    [Fact]
    [Trait("Requirement", "R-228")]
    public void every_decide_is_pure() => SourceTree.AssertNone(
        from type in typeof(Refusal).Assembly.GetTypes()
        from method in type.GetMethods(Any)
        where method.Name == "Decide"
        from impurity in Impurities(method)
        select $"{type}.Decide {impurity}",
        "Decide is static and synchronous, and gets as values what it needs: the state, the command, the time, new ids. Handle fetches them and appends what Decide returns.");

    [Theory]
    [InlineData(nameof(Planted.Pure), null)]
    [InlineData(nameof(Planted.ReadsTheClock), "DateTimeOffset.get_UtcNow")]
    [InlineData(nameof(Planted.MakesAnIdInALambda), "Guid.CreateVersion7")]
    [InlineData(nameof(Planted.RollsADieInAnIterator), "Random.get_Shared")]
    [InlineData(nameof(Planted.ReadsAFileTwoCallsAway), "File.Exists")]
    [InlineData(nameof(Planted.AsksAProvider), "takes TimeProvider")]
    [InlineData(nameof(Planted.TakesASession), "takes DbConnection")]
    [InlineData(nameof(Planted.TakesAnIdSource), "takes Func`1")]
    [InlineData(nameof(Planted.Waits), "returns Task`1")]
    public void the_rule_sees_what_is_planted(string method, string? impurity)
    {
        string[] found = [.. Impurities(typeof(Planted).GetMethod(method, Any)!)];
        if (impurity is null) Assert.Empty(found);
        else Assert.Contains(found, text => text.Contains(impurity, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Impurities(MethodInfo method)
    {
        if (!method.IsStatic) yield return "is not static";
        if (IsAwaited(method.ReturnType)) yield return $"returns {method.ReturnType.Name}";
        foreach (var parameter in method.GetParameters().Where(parameter => !IsValue(parameter.ParameterType)))
            yield return $"takes {parameter.ParameterType.Name} {parameter.Name}";
        foreach (var (caller, called) in Calls.Reachable(method).Where(call => IsOutside(call.Called)))
            yield return $"calls {called.DeclaringType?.Name}.{called.Name}{(caller == method ? "" : $", in {caller.DeclaringType?.Name}.{caller.Name}")}";
    }

    /// <summary>What can do something later, or fetch something, is not a value: a delegate, a clock, a session (an instance has something to await).</summary>
    private static bool IsValue(Type type) =>
        !typeof(Delegate).IsAssignableFrom(type) && !IsOutside(type) && !type.GetMethods(BindingFlags.Instance | BindingFlags.Public).Any(method => IsAwaited(method.ReturnType));

    private static bool IsAwaited(Type type) =>
        type.GetMethod("GetAwaiter") is not null || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>));

    private static bool IsOutside(MethodBase method) =>
        (method.DeclaringType is { } type && (IsOutside(type) || OutsideMethods.Contains($"{type.Name}.{method.Name}")))
        || (method is MethodInfo { ReturnType: var returned } && IsAwaited(returned));

    private static bool IsOutside(Type type) =>
        OutsideTypes.Contains(type.FullName ?? "")
        || (type != typeof(Path) && OutsideNamespaces.Any(outside => type.Namespace is { } name && (name == outside || name.StartsWith(outside + ".", StringComparison.Ordinal))));

    /// <summary>Decisions as they must not be, to see that the rule finds them.</summary>
    private static class Planted
    {
        public static IEnumerable<int> Pure(int[] state, DateTimeOffset now) => from entry in state where entry > now.Year switch { 2026 => 1, _ => 2 } select entry;

        public static bool ReadsTheClock(DateTimeOffset until) => DateTimeOffset.UtcNow < until;

        public static Guid[] MakesAnIdInALambda(int[] state) => [.. state.Select(_ => Guid.CreateVersion7())];

        public static IEnumerable<int> RollsADieInAnIterator(int state)
        {
            yield return state;
            yield return Random.Shared.Next();
        }

        public static bool ReadsAFileTwoCallsAway(string name) => Once(name);

        public static bool AsksAProvider(TimeProvider time) => time is not null;

        public static bool TakesASession(System.Data.Common.DbConnection connection) => connection is not null;

        public static bool TakesAnIdSource(Func<Guid> next) => next is not null;

        public static Task<int> Waits(int state) => Task.FromResult(state);

        private static bool Once(string name) => Twice<int>(name);

        private static bool Twice<T>(string name) => typeof(T) == typeof(int) && File.Exists(name);
    }
}
