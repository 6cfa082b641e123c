using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies assemblies and makes everything internal in the copies look public, for the compiler only: flips the visibility bits of the
/// types, fields and methods in the metadata tables and changes nothing else, so the layout stays as it is.
/// Numbers in brackets are sections of ECMA-335, partition II. System.Reflection.Metadata cannot be referenced from an inline task.
/// </summary>
public sealed class PublicizeReferences : Task
{
    private const int Module = 0x00, TypeRef = 0x01, TypeDef = 0x02, FieldPtr = 0x03, Field = 0x04, MethodPtr = 0x05, MethodDef = 0x06;
    private const int Param = 0x08, ModuleRef = 0x1A, TypeSpec = 0x1B, AssemblyRef = 0x23;
    private const int VisibilityMask = 7;

    [Required]
    public ITaskItem[] Sources { get; set; }

    [Required]
    public string OutputDirectory { get; set; }

    [Output]
    public ITaskItem[] Outputs { get; set; }

    public override bool Execute()
    {
        Directory.CreateDirectory(OutputDirectory);
        var outputs = new List<ITaskItem>();
        foreach (var source in Sources.Select(item => item.ItemSpec))
        {
            var copy = Path.Combine(OutputDirectory, Path.GetFileName(source));
            if (!File.Exists(copy) || File.GetLastWriteTimeUtc(copy) < File.GetLastWriteTimeUtc(source))
            {
                var assembly = File.ReadAllBytes(source);
                Publicize(assembly);
                File.WriteAllBytes(copy, assembly);
            }

            outputs.Add(new TaskItem(copy));
        }

        Outputs = outputs.ToArray();
        return true;
    }

    private static void Publicize(byte[] assembly)
    {
        var stream = FindTableStream(assembly);

        // [24.2.6] Version and reserved (6 bytes), heap sizes (1), reserved (1), the mask of present tables (8), sorted tables (8), row counts (4 each).
        var heaps = assembly[stream + 6];
        var present = BitConverter.ToUInt64(assembly, stream + 8);
        var rows = new int[64];
        var start = stream + 24;
        for (var table = 0; table < rows.Length; table++)
        {
            if ((present >> table & 1) != 0)
            {
                rows[table] = BitConverter.ToInt32(assembly, start);
                start += 4;
            }
        }

        var stringIndex = (heaps & 1) != 0 ? 4 : 2;
        var guidIndex = (heaps & 2) != 0 ? 4 : 2;
        var blobIndex = (heaps & 4) != 0 ? 4 : 2;
        Func<int, int> index = table => rows[table] > 0xFFFF ? 4 : 2;
        Func<int[], int> index2Bits = tables => tables.Max(table => rows[table]) > 0x3FFF ? 4 : 2;   // a coded index with a tag of two bits

        // [22] Sizes of a row, in the order in which the tables lie.
        var moduleSize = 2 + stringIndex + 3 * guidIndex;
        var typeRefSize = index2Bits(new[] { Module, ModuleRef, AssemblyRef, TypeRef }) + 2 * stringIndex;
        var typeDefSize = 4 + 2 * stringIndex + index2Bits(new[] { TypeDef, TypeRef, TypeSpec }) + index(Field) + index(MethodDef);
        var fieldSize = 2 + stringIndex + blobIndex;
        var methodSize = 8 + stringIndex + blobIndex + index(Param);

        var types = start + rows[Module] * moduleSize + rows[TypeRef] * typeRefSize;
        var fields = types + rows[TypeDef] * typeDefSize + rows[FieldPtr] * index(Field);
        var methods = fields + rows[Field] * fieldSize + rows[MethodPtr] * index(MethodDef);

        // A method's flags stand after its RVA (4 bytes) and its implementation flags (2).
        Flip(assembly, types, rows[TypeDef], typeDefSize, PublicType);
        Flip(assembly, fields, rows[Field], fieldSize, PublicMember);
        Flip(assembly, methods + 6, rows[MethodDef], methodSize, PublicMember);
    }

    // [23.1.15] not public -> public; nested internal, nested private protected -> nested public.
    private static int PublicType(int visibility) => visibility == 0 ? 1 : visibility == 5 || visibility == 6 ? 2 : visibility;

    // [23.1.5, 23.1.10] internal -> public; private protected -> protected.
    private static int PublicMember(int visibility) => visibility == 3 ? 6 : visibility == 2 ? 4 : visibility;

    private static void Flip(byte[] assembly, int first, int count, int size, Func<int, int> visible)
    {
        for (var row = 0; row < count; row++)
        {
            var at = first + row * size;
            assembly[at] = (byte)(assembly[at] & ~VisibilityMask | visible(assembly[at] & VisibilityMask));
        }
    }

    /// <summary>Offset of the stream "#~" in the file.</summary>
    private static int FindTableStream(byte[] assembly)
    {
        // [25.2] The PE header, then the COFF header (20 bytes), the optional header, the section headers (40 bytes each).
        var pe = BitConverter.ToInt32(assembly, 0x3C);
        var optional = pe + 24;
        var sections = optional + BitConverter.ToUInt16(assembly, pe + 20);
        var sectionCount = BitConverter.ToUInt16(assembly, pe + 6);
        var isPe32Plus = BitConverter.ToUInt16(assembly, optional) == 0x20B;
        var cliDirectory = optional + (isPe32Plus ? 112 : 96) + 14 * 8;

        Func<int, int> fileOffset = rva =>
        {
            for (var section = sections; section < sections + 40 * sectionCount; section += 40)
            {
                var address = BitConverter.ToInt32(assembly, section + 12);
                var size = Math.Max(BitConverter.ToInt32(assembly, section + 8), BitConverter.ToInt32(assembly, section + 16));
                if (rva >= address && rva < address + size)
                {
                    return rva - address + BitConverter.ToInt32(assembly, section + 20);
                }
            }

            throw new InvalidDataException("The assembly refers to an address outside its sections.");
        };

        // [25.3.3] The CLI header holds the address of the metadata; [24.2.1] which begins with a version string and a list of streams.
        var cli = fileOffset(BitConverter.ToInt32(assembly, cliDirectory));
        var metadata = fileOffset(BitConverter.ToInt32(assembly, cli + 8));
        var header = metadata + 16 + BitConverter.ToInt32(assembly, metadata + 12);
        var streamCount = BitConverter.ToUInt16(assembly, header + 2);
        header += 4;
        for (var i = 0; i < streamCount; i++)
        {
            var nameLength = Array.IndexOf(assembly, (byte)0, header + 8) - (header + 8);
            if (Encoding.ASCII.GetString(assembly, header + 8, nameLength) == "#~")
            {
                return metadata + BitConverter.ToInt32(assembly, header);
            }

            header += 8 + (nameLength + 4 & ~3);
        }

        throw new InvalidDataException("The assembly has no metadata tables.");
    }
}
