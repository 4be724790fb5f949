using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using CoffreFort.Cryptography;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace CoffreFort.Server.Web;

/// <summary>
/// Encrypts the keys of cookies and tokens at rest: AES-256-GCM under a fresh key, which the root key wraps. (The framework's own encryption by certificate
/// uses RSA with the older PKCS#1 v1.5 padding, and finds its certificate in the machine's store.)
/// </summary>
public sealed class RootKeyXmlEncryptor(IRootKey root) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        try
        {
            using var key = SecretKey.Generate();
            using var cipher = new AesGcm(key.Bytes, AesGcm.TagByteSizes.MaxSize);
            // Each key encrypts this one text, so the nonce need not differ.
            var (sealedText, tag) = (new byte[plain.Length], new byte[AesGcm.TagByteSizes.MaxSize]);
            cipher.Encrypt(new byte[AesGcm.NonceByteSizes.MaxSize], plain, sealedText, tag);
            var wrapped = Wrap(key);
            return new EncryptedXmlInfo(
                new XElement("rootKeyEncrypted", new XAttribute("rootKey", wrapped.KeyId), new XElement("key", Convert.ToBase64String(wrapped.Bytes)),
                    new XElement("value", Convert.ToBase64String([.. sealedText, .. tag]))),
                typeof(RootKeyXmlDecryptor));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private RootWrapped Wrap(SecretKey key)
    {
        var bare = key.Bytes.ToArray();
        try
        {
            return root.WrapAsync(bare, CancellationToken.None).GetAwaiter().GetResult();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bare);
        }
    }
}
