namespace CoffreFort.Server.Web;

/// <summary>The values of the <c>kind</c> claim. A person may have several; which agency a clerk acts for is read from the journal, never from here.</summary>
public static class Kinds
{
    public const string Holder = "holder";
    public const string Helper = "helper";
    public const string Clerk = "clerk";
    public const string Personnel = "personnel";
    public const string Auditor = "auditor";
    public const string Operator = "operator";
}
