using Probity.Hammer;

// Answers are parsed on the thread that polls the sockets: hopping to the thread pool would cost the server's cores
// more than the request itself. Read once by the runtime, so it stands before the first socket.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

return await HammerCommand.RunAsync(args);
