using System.Text.Json.Serialization;
using Probity.Contracts.Problems;

namespace Probity.Server.Hosting.Problems;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
