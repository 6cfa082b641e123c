using System.Buffers.Binary;
using System.Text;

namespace LiteVae.Training;

/// <summary>The symbol versions that an ELF64 little-endian shared library asks of other libraries, or defines itself.</summary>
/// <remarks>Layout: the ELF-64 object file format and the GNU symbol versioning extension of the Linux Standard Base.</remarks>
internal static class ElfVersionNeeds
{
    private const uint Relocations = 4;                 // SHT_RELA
    private const uint VersionDefinitions = 0x6ffffffd; // SHT_GNU_verdef
    private const uint VersionNeeds = 0x6ffffffe;       // SHT_GNU_verneed
    private const uint VersionOfSymbols = 0x6fffffff;   // SHT_GNU_versym
    private const ushort Weak = 0x2;                    // VER_FLG_WEAK

    /// <summary>The versions whose absence makes the loader refuse the library.</summary>
    public static IReadOnlyList<string> Required(ReadOnlySpan<byte> elf)
    {
        var names = new List<string>();
        foreach (var need in Needs(elf))
        {
            if ((need.Flags & Weak) == 0)
            {
                names.Add(need.Name);
            }
        }

        return names;
    }

    /// <summary>The versions that the library defines.</summary>
    public static IReadOnlySet<string> Defined(ReadOnlySpan<byte> elf)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var sections = Sections(elf);
        foreach (var section in sections)
        {
            if (section.Type != VersionDefinitions)
            {
                continue;
            }

            var strings = sections[section.Link].Offset;
            var at = section.Offset;
            while (true)
            {
                var aux = at + (int)U32(elf, at + 12);            // vd_aux
                names.Add(Text(elf, strings + (int)U32(elf, aux))); // vda_name
                var next = (int)U32(elf, at + 16);                // vd_next
                if (next == 0)
                {
                    break;
                }

                at += next;
            }
        }

        return names;
    }

    /// <summary>Marks one needed version as weak, so that the loader no longer insists on it.</summary>
    /// <remarks>
    /// A symbol of that version that nothing is relocated against does no harm: GCC 13's iostream header names
    /// <c>std::ios_base_library_init</c> in every object file without calling it.
    /// </remarks>
    /// <returns>False where the library calls or reads a symbol of the version, so that it could not run without it; nothing is changed then.</returns>
    public static bool TryWeaken(Span<byte> elf, string version)
    {
        foreach (var need in Needs(elf))
        {
            if (need.Name != version)
            {
                continue;
            }

            if (IsUsed(elf, need.Index))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16LittleEndian(elf[need.FlagsAt..], (ushort)(need.Flags | Weak));
        }

        return true;
    }

    private readonly record struct Section(uint Type, int Offset, int Size, int Link);

    private readonly record struct Need(string Name, ushort Flags, int FlagsAt, ushort Index);

    private static List<Need> Needs(ReadOnlySpan<byte> elf)
    {
        var needs = new List<Need>();
        var sections = Sections(elf);
        foreach (var section in sections)
        {
            if (section.Type != VersionNeeds)
            {
                continue;
            }

            var strings = sections[section.Link].Offset;
            var at = section.Offset;
            while (true)
            {
                int count = U16(elf, at + 2);           // vn_cnt
                var aux = at + (int)U32(elf, at + 8);   // vn_aux
                for (var i = 0; i < count; i++)
                {
                    var name = Text(elf, strings + (int)U32(elf, aux + 8));                    // vna_name
                    needs.Add(new Need(name, U16(elf, aux + 4), aux + 4, U16(elf, aux + 6))); // vna_flags, vna_other
                    aux += (int)U32(elf, aux + 12);                                            // vna_next
                }

                var next = (int)U32(elf, at + 12); // vn_next
                if (next == 0)
                {
                    break;
                }

                at += next;
            }
        }

        return needs;
    }

    private static bool IsUsed(ReadOnlySpan<byte> elf, ushort version)
    {
        var sections = Sections(elf);
        var versions = sections.First(s => s.Type == VersionOfSymbols).Offset; // one 16-bit version a dynamic symbol
        foreach (var section in sections)
        {
            if (section.Type != Relocations)
            {
                continue;
            }

            for (var at = section.Offset; at < section.Offset + section.Size; at += 24)
            {
                var symbol = (int)(U64(elf, at + 8) >> 32);                           // r_info
                if ((U16(elf, versions + (2 * symbol)) & 0x7fff) == version)          // the top bit only hides the symbol
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static Section[] Sections(ReadOnlySpan<byte> elf)
    {
        ReadOnlySpan<byte> elf64LittleEndian = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];
        if (elf.Length < 64 || !elf.StartsWith(elf64LittleEndian))
        {
            throw new InvalidDataException("Not a 64-bit little-endian ELF file.");
        }

        var table = (int)U64(elf, 0x28); // e_shoff
        int size = U16(elf, 0x3A);       // e_shentsize
        var sections = new Section[U16(elf, 0x3C)];
        for (var i = 0; i < sections.Length; i++)
        {
            var at = table + (i * size);
            sections[i] = new Section(U32(elf, at + 4), (int)U64(elf, at + 24), (int)U64(elf, at + 32), (int)U32(elf, at + 40));
        }

        return sections;
    }

    private static string Text(ReadOnlySpan<byte> elf, int at) => Encoding.ASCII.GetString(elf[at..][..elf[at..].IndexOf((byte)0)]);

    private static ushort U16(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt16LittleEndian(elf[at..]);

    private static uint U32(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt32LittleEndian(elf[at..]);

    private static ulong U64(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadUInt64LittleEndian(elf[at..]);
}
