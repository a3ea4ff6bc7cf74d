namespace Probity.Server.Hosting.Settings.Values;

internal enum EventSchemaMode
{
    Off,
    Warn,
    Enforce,
}
