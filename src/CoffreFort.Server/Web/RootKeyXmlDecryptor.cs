using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using CoffreFort.Cryptography;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace CoffreFort.Server.Web;

/// <summary>Reads what <see cref="RootKeyXmlEncryptor"/> wrote. Its name stands in the stored keys: it can't be renamed.</summary>
public sealed class RootKeyXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var root = services.GetRequiredService<IRootKey>();
        var wrapped = Convert.FromBase64String(encryptedElement.Element("key")!.Value);
        var value = Convert.FromBase64String(encryptedElement.Element("value")!.Value);
        using var key = root.UnwrapAsync(wrapped, encryptedElement.Attribute("rootKey")!.Value, CancellationToken.None).GetAwaiter().GetResult();
        using var cipher = new AesGcm(key.Bytes, AesGcm.TagByteSizes.MaxSize);
        var length = value.Length - AesGcm.TagByteSizes.MaxSize;
        var plain = new byte[length];
        try
        {
            cipher.Decrypt(new byte[AesGcm.NonceByteSizes.MaxSize], value.AsSpan(0, length), value.AsSpan(length), plain);
            return XElement.Parse(Encoding.UTF8.GetString(plain));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }
}
