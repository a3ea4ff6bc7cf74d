using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Probity.Server.Ui;

/// <summary>Keys of the framework's data protection, kept in memory: they end with the process. Thread safe.</summary>
internal sealed class KeysOfThisProcess : IXmlRepository
{
    private readonly Lock _gate = new();
    private readonly List<XElement> _keys = [];

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_gate)
        {
            return [.. _keys.Select(key => new XElement(key))];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_gate)
        {
            _keys.Add(new XElement(element));
        }
    }
}
