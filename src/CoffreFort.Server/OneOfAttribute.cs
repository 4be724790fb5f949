namespace CoffreFort.Server;

/// <summary>A stored text takes its values from the constants of this class: they are part of the event's shape, and none is ever taken out without an upcaster.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneOfAttribute(Type constants) : Attribute
{
    public Type Constants { get; } = constants;

    public IReadOnlyList<string> Values { get; } = [.. constants.GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)];
}
