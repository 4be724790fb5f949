using System.ComponentModel;
using System.Diagnostics;

namespace CoffreFort.Transparency;

/// <summary>One run of the <c>openssl</c> program: arguments as a list, no shell, nothing to answer, bounded in time.</summary>
internal sealed class OpenSslProgram(string program, TimeSpan timeout)
{
    public async Task<(int ExitCode, byte[] Output, string Error)> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        using Process process = Start(start);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(timeout);
        try
        {
            process.StandardInput.Close();
            using var output = new MemoryStream();
            Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token).ConfigureAwait(false);
            string complaint = await error.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return (process.ExitCode, output.ToArray(), complaint);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new OpenSslFailure($"{program} {arguments[0]} took longer than {timeout.TotalSeconds:0} seconds and was ended.");
        }
        finally
        {
            End(process);
        }
    }

    public async Task<byte[]> OutputAsync(string[] arguments, CancellationToken cancellation)
    {
        (int exitCode, byte[] output, string error) = await RunAsync(arguments, cancellation).ConfigureAwait(false);
        return exitCode == 0 ? output : throw Failed(arguments[0], exitCode, error);
    }

    public OpenSslFailure Failed(string command, int exitCode, string error) =>
        new($"{program} {command} ended with {exitCode}: {error.Trim().Split('\n')[^1]}");

    private Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new OpenSslFailure($"The program {program} could not be started. Ed25519 signatures need OpenSSL 3: install it (package openssl), or name its path.", exception);
        }
    }

    private static void End(Process process)
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself in between.
        }
    }
}
