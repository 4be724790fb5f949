using System.Runtime.ExceptionServices;

namespace CoffreFort.Cryptography;

/// <summary>One batch on its way: what was read, and what was made of it.</summary>
internal sealed class Batch(int inputCapacity, int outputCapacity) : IDisposable
{
    public PooledBuffer Input { get; } = new(inputCapacity);

    public PooledBuffer Output { get; } = new(outputCapacity);

    public bool IsLast { get; set; }

    /// <summary>What was wrong with the input behind what the output was made of; the output is still handed on, then this is thrown.</summary>
    public Exception? Fault { get; set; }

    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
    }
}

/// <summary>The three steps a batch goes through; each step sees the batches in order, one at a time.</summary>
internal interface IBatchSteps
{
    /// <summary>Fills the batch's input and says whether it is the last.</summary>
    Task ReadAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>Makes the output from the input; may use other threads.</summary>
    Task TransformAsync(Batch batch);

    /// <summary>Hands the output on.</summary>
    Task WriteAsync(Batch batch, CancellationToken cancellationToken);
}

/// <summary>
/// Runs the steps overlapped on two batches: while one is transformed, the next is read and the one before is written.
/// </summary>
/// <remarks>
/// The next and the previous batch share their buffers' owner but not a buffer: one uses the input, the other the output.
/// The first failure stops the other steps and is thrown untouched, but never before every step has let go of the buffers.
/// </remarks>
internal sealed class BatchPipeline(IBatchSteps steps, int inputCapacity, int outputCapacity)
{
    /// <summary>
    /// Chunks in a batch: with header and a spare byte the buffers stay just under 1 MiB, which is a size the array pool keeps.
    /// </summary>
    public const int ChunksPerBatch = 63;

    /// <summary>Below this many bytes handing work to another thread costs more than it saves.</summary>
    public const int WorthAnotherThread = 128 * 1024;

    private ExceptionDispatchInfo? _failure;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var first = new Batch(inputCapacity, outputCapacity);
        Batch? second = null;
        try
        {
            await Watch(() => steps.ReadAsync(first, stop.Token), stop);
            ThrowFailure(cancellationToken);
            var current = first;
            Batch? previous = null;
            while (true)
            {
                var next = current.IsLast ? null : previous ?? (second = new Batch(inputCapacity, outputCapacity));
                await TransformAsync(current, previous, next, stop);
                ThrowFailure(cancellationToken);
                if (next is null || current.Fault is not null) break;
                (previous, current) = (current, next);
            }
            await Watch(() => steps.WriteAsync(current, stop.Token), stop);
            ThrowFailure(cancellationToken);
            if (current.Fault is { } fault) throw fault;
        }
        finally
        {
            second?.Dispose();
        }
    }

    // The transformation starts first because it goes to other threads, while a stream that completes at once would keep this one.
    private Task TransformAsync(Batch current, Batch? previous, Batch? next, CancellationTokenSource stop) => Task.WhenAll(
        Watch(() => steps.TransformAsync(current), stop),
        previous is null ? Task.CompletedTask : Watch(() => steps.WriteAsync(previous, stop.Token), stop),
        next is null ? Task.CompletedTask : Watch(() => steps.ReadAsync(next, stop.Token), stop));

    private async Task Watch(Func<Task> step, CancellationTokenSource stop)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    private void ThrowFailure(CancellationToken cancellationToken)
    {
        // The caller's own token, not the linked one, belongs into the exception.
        if (_failure?.SourceException is OperationCanceledException)
            cancellationToken.ThrowIfCancellationRequested();
        _failure?.Throw();
    }
}
