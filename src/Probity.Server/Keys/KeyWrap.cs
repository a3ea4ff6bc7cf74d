namespace Probity.Server.Keys;

internal static class KeyWrap;
