using System.Net;
using System.Net.Sockets;

namespace Probity.Server.Hosting.Settings.Values;

/// <summary>Reads addresses and networks.</summary>
internal static class NetworkValues
{
    private const int MostNetworks = 100;
    private const int WidestIpv4 = 8;
    private const int WidestIpv6 = 16;

    /// <summary>Addresses or networks, comma between.</summary>
    public static Reading<IReadOnlyList<IPNetwork>> Read(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > MostNetworks)
        {
            return Reading.Refuse<IReadOnlyList<IPNetwork>>(
                $"it does not name 1 to {MostNetworks} addresses or networks");
        }

        var networks = new List<IPNetwork>();
        foreach (var part in parts)
        {
            if (!TryRead(part, out var network))
            {
                return Reading.Refuse<IReadOnlyList<IPNetwork>>($"'{part}' is neither an IP address nor a network");
            }

            if (network.PrefixLength < (IsIpv4(network.BaseAddress) ? WidestIpv4 : WidestIpv6))
            {
                return Reading.Refuse<IReadOnlyList<IPNetwork>>($"'{part}' is so wide that anybody could be the proxy");
            }

            networks.Add(network);
        }

        return Reading.Of<IReadOnlyList<IPNetwork>>(networks);
    }

    private static bool TryRead(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, IsIpv4(address) ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out network);
    }

    private static bool IsIpv4(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;
}
