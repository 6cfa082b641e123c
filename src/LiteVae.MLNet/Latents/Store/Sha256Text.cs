namespace LiteVae;

/// <summary>SHA-256 as 64 lower-case hexadecimal digits.</summary>
internal static class Sha256Text
{
    /// <summary>Whether a text is one.</summary>
    public static bool IsOne(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The hash of bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
