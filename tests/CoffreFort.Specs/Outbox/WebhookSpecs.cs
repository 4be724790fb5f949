using CoffreFort.Server.Edges.Webhooks;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Specs.Outbox;

public class WebhookSpecs
{
    /// <summary>The example of the Standard Webhooks libraries' tests.</summary>
    [Fact]
    public void a_signature_is_the_one_that_the_standards_own_libraries_make() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        new WebhookSignature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Of("msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), "{\"test\": 2432232314}"));

    [Theory]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_c2hvcnQ=")]
    public void a_secret_of_another_form_is_refused(string secret) => Assert.Throws<FormatException>(() => new WebhookSignature(secret));

    [Theory]
    [InlineData("http://example.org/hook")]
    [InlineData("ftp://127.0.0.1/hook")]
    public void webhooks_leave_this_machine_only_by_https(string address) =>
        Assert.Throws<FormatException>(() => new WebhookSender("alerts", new Uri(address), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", TimeSpan.FromSeconds(15)));

    [Theory]
    [InlineData(1, 0.0, 2.5)]
    [InlineData(1, 0.999999, 5)]
    [InlineData(4, 0.999999, 40)]
    [InlineData(200, 0.999999, 3600)]
    public void pauses_double_up_to_an_hour_and_are_never_the_same_for_all(int attempts, double chance, double seconds) =>
        Assert.Equal(seconds, Backoff.Pause(attempts, TimeSpan.FromSeconds(5), null, chance).TotalSeconds, 0.01);
}
