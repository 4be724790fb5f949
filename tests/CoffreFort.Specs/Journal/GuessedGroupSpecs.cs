using CoffreFort.EventStore;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Journal;

public sealed class GuessedGroupSpecs
{
    [Fact]
    public void an_append_that_trips_whoever_decides_it_makes_the_guess_of_no_use_and_takes_nobody_with_it()
    {
        var now = DateTimeOffset.UnixEpoch;
        var before = new HeadState(Frontier.Empty, MerkleHash.Empty.ToArray(), now, 0);
        var guess = new GuessedGroup(before, now, TimeSpan.Zero, now);

        Assert.True(guess.Take(Append(EventMetadata.None)));
        Assert.False(guess.Take(Append(null!)));
    }

    private static PendingAppend Append(EventMetadata metadata) => new()
    {
        Streams = [new PendingStream(Guid.NewGuid(), "bench", 0, [new PendingEvent(Guid.NewGuid(), "noted", "Noted", "{}"u8.ToArray(), metadata)])],
        Guards = [],
    };
}
