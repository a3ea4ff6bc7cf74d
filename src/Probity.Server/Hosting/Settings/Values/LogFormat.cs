namespace Probity.Server.Hosting.Settings.Values;

internal enum LogFormat
{
    Text,
    Json,
}
