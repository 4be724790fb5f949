using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using CoffreFort.Cryptography;
using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.Specs.Vectors;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>RFC 3161 timestamps, to and from stock openssl, and whatever an authority can do wrong. The long form is <c>scripts/chaos seals</c>.</summary>
public sealed class TimestampSpecs : IDisposable
{
    private static readonly TimestampTrust s_trust = new([SeededCertificate.Authority], SeededStamp.Policy, TimeSpan.FromMinutes(1));

    private readonly OpenSsl _openssl = new();

    private static int Stamps => Environment.GetEnvironmentVariable("COFFREFORT_CHAOS_SEALS") is { Length: > 0 } ? 100 : 20;

    public static TheoryData<string> Answers => [.. WrongTimestamps.All.Keys];

    public void Dispose() => _openssl.Dispose();

    [Fact]
    [Trait("Requirement", "R-283")]
    public void what_openssl_timestamps_holds_here_and_a_damaged_one_holds_nowhere()
    {
        var authority = OpenSslAuthority.Shared;
        for (var i = 0; i < Stamps; i++)
        {
            var data = RandomNumberGenerator.GetBytes(i * 97);
            var request = new TimestampRequest(data, authority.Trust);
            var asked = DateTimeOffset.UtcNow;
            var stamp = request.Accept(authority.Reply(request.ToBytes()), asked, DateTimeOffset.UtcNow);
            Assert.True(authority.Verifies(stamp.Token.ToArray(), data));
            Assert.Equal(stamp.Time, TimestampVerification.Verify(stamp.Token, data, authority.Trust).Time);

            var damaged = Damaged(stamp.Token);
            Assert.Throws<TimestampRefused>(() => TimestampVerification.Verify(damaged, data, authority.Trust));
            Assert.False(authority.Verifies(damaged, data));
        }
    }

    [Fact]
    [Trait("Requirement", "R-283")]
    public void a_token_of_the_form_that_is_accepted_here_answers_openssls_question()
    {
        const string verify = "ts -verify -queryfile question.tsq -in answer.tsr -CAfile authority.pem -attime ";
        _openssl.Write("authority.pem", SeededCertificate.Authority.ExportCertificatePem());
        for (var i = 0; i < Stamps; i++)
        {
            var data = RandomNumberGenerator.GetBytes(i * 97);
            var time = SeededCertificate.Now.AddDays(i);
            _openssl.Write("data", data);
            _openssl.Run($"ts -query -data data -sha256 -cert -tspolicy {SeededStamp.Policy} -out question.tsq");
            Assert.True(Rfc3161TimestampRequest.TryDecode(_openssl.Read("question.tsq"), out var question, out _));
            var token = SeededStamp.Token(data, new SeededStamp.Way { Nonce = question.GetNonce(), Time = time });
            _openssl.Write("answer.tsr", WrongTimestamps.Granted(token));
            _openssl.Run(verify + time.ToUnixTimeSeconds());
            Assert.Equal(time, TimestampVerification.Verify(token, data, s_trust).Time);

            var damaged = Damaged(token);
            _openssl.Write("answer.tsr", WrongTimestamps.Granted(damaged));
            Assert.True(_openssl.Fails(verify + time.ToUnixTimeSeconds()));
            Assert.Throws<TimestampRefused>(() => TimestampVerification.Verify(damaged, data, s_trust));
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    [Trait("Requirement", "R-283")]
    public void an_answer_that_is_wrong_in_one_thing_is_refused_for_that(string wrong)
    {
        var (fault, answer) = WrongTimestamps.All[wrong];
        var request = new TimestampRequest(WrongTimestamps.Data, s_trust);
        Assert.True(Rfc3161TimestampRequest.TryDecode(request.ToBytes(), out var asked, out _));
        var reply = answer(asked);

        Timestamp Accept() => request.Accept(reply, SeededCertificate.Now, SeededCertificate.Now);
        if (fault is null) Assert.Equal((SeededCertificate.Now, SeededStamp.Policy, "CN=Vectors timestamps"), (Accept().Time, Accept().Policy, Accept().Authority));
        else Assert.Equal(fault, Assert.Throws<TimestampRefused>(Accept).Fault);
    }

    [Fact]
    public void every_reason_has_an_answer_that_is_refused_for_it()
    {
        var faults = WrongTimestamps.All.Values.Select(one => one.Fault).OfType<TimestampFault>().ToList();
        Assert.Empty(Enum.GetValues<TimestampFault>().Except(faults));
        Assert.True(faults.Count >= 20, $"Only {faults.Count} ways to be wrong.");
    }

    /// <summary>A bit of what the authority signed.</summary>
    private static byte[] Damaged(ReadOnlyMemory<byte> token)
    {
        var read = new SignedCms();
        read.Decode(token.Span);
        var (whole, signed) = (token.ToArray(), read.ContentInfo.Content);
        whole[whole.AsSpan().IndexOf(signed) + Random.Shared.Next(signed.Length)] ^= (byte)(1 << Random.Shared.Next(8));
        return whole;
    }
}
