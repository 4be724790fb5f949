using System.Reflection;
using System.Reflection.Emit;

namespace CoffreFort.Specs.House;

/// <summary>What a compiled method calls, read from its instructions.</summary>
internal static class Calls
{
    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>
    /// Every method that can run when this one does, as far as calls can be followed without running them: through methods, lambdas and iterators
    /// of our own assemblies, not through interfaces and virtual methods that others override.
    /// </summary>
    public static IEnumerable<(MethodBase Caller, MethodBase Called)> Reachable(MethodBase start)
    {
        var seen = new HashSet<MethodBase> { start };
        var open = new Queue<MethodBase>(seen);
        while (open.TryDequeue(out var caller))
        {
            foreach (var called in Direct(caller).ToArray())
            {
                yield return (caller, called);
                foreach (var next in Followed(called).Where(seen.Add)) open.Enqueue(next);
            }
        }
    }

    private static IEnumerable<MethodBase> Followed(MethodBase called)
    {
        var type = called.DeclaringType;
        if (type?.Assembly.GetName().Name?.StartsWith("CoffreFort", StringComparison.Ordinal) != true) return [];
        bool isIterator = called.IsConstructor && typeof(System.Collections.IEnumerator).IsAssignableFrom(type);
        return isIterator ? [called, type.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!] : [called];
    }

    private static IEnumerable<MethodBase> Direct(MethodBase method)
    {
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < code.Length;)
        {
            bool isTwoBytes = code[at] == 0xfe;
            var operation = Codes[isTwoBytes ? BitConverter.ToInt16([code[at + 1], 0xfe]) : code[at]];
            at += isTwoBytes ? 2 : 1;
            int token = operation.OperandType is OperandType.InlineMethod or OperandType.InlineTok ? BitConverter.ToInt32(code, at) : 0;
            if (token != 0 && method.Module.ResolveMember(token, typeArguments, methodArguments) is MethodBase called) yield return called;
            at += OperandLength(operation.OperandType, code, at);
        }
    }

    private static int OperandLength(OperandType type, byte[] code, int at) => type switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
        _ => 4,
    };
}
