using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace LiteVae.Tests.Latents.Planning;

public sealed class TarSetTests : IDisposable
{
    private const int Block = 512;
    private const int ChecksumAt = 148;

    private static readonly string _long = $"{new string('d', 90)}/{new string('n', 90)}/";
    private static readonly string[] _names = [$"{_long}1.jpg", "2.jpg", $"{_long}ü3.jpg", "4.jpg", "5.jpg"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Sets_of_each_format_are_whole(TarEntryFormat format)
    {
        var names = format is TarEntryFormat.V7 or TarEntryFormat.Ustar ? ["1.jpg", "2.jpg"] : _names;
        var tar = Tar(format, names);
        AssertWhole(Find(tar), tar, names);
        AssertWhole(Find([.. tar, .. new byte[20 * Block]]), tar, names);
        AssertWhole(Find(tar[..^Block]), tar, names); // one empty block is enough
        Assert.Empty(Find(new byte[20 * Block])); // a set of nothing
    }

    [Theory]
    [InlineData("tar --format=gnu --label=volume -b 20 -cf set.tar", 3)]
    [InlineData("tar --format=pax -cf set.tar", 3)]
    [InlineData("tar --format=posix --pax-option=globexthdr.name=g,comment=set -cf set.tar", 3)]
    [InlineData("tar --format=v7 -cf set.tar", 2)]
    [InlineData("tar --format=ustar --no-recursion -b 1 -cf set.tar .", 2)]
    [InlineData("python3 -m tarfile -c set.tar", 3)]
    public void Sets_that_other_programs_pack_are_whole(string program, int members)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && OnPath.Find(program.Split(' ')[0]) is not null, "packs with a program of Linux");
        string[] names = [.. new[] { "1.jpg", "ü2.jpg", $"{_long}3.jpg" }.Take(members)];
        foreach (var name in names)
        {
            _folder.Write(name, name);
        }

        using (var packing = Process.Start(new ProcessStartInfo("sh", ["-c", $"{program} {string.Join(' ', names)}"]) { WorkingDirectory = _folder.Root })!)
        {
            packing.WaitForExit();
            Assert.Equal(0, packing.ExitCode);
        }

        var tar = File.ReadAllBytes(_folder.At("set.tar"));
        AssertWhole(Find(tar), tar, names);
    }

    [Fact]
    public void Links_are_failures_that_name_what_they_lead_to()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "packs with a program of Linux");
        _folder.Write("1.jpg", "image");
        using (var packing = Process.Start(new ProcessStartInfo("sh", ["-c", "ln 1.jpg 2.jpg; ln -s 1.jpg 3.jpg; echo 5 > 4.cls; ln -s 4.cls 5.cls; ln -s . 6; cp 1.jpg 5.jpg; tar -cf set.tar 1.jpg 2.jpg 3.jpg 5.cls 5.jpg 6"]) { WorkingDirectory = _folder.Root })!)
        {
            packing.WaitForExit();
            Assert.Equal(0, packing.ExitCode);
        }

        var found = Find(File.ReadAllBytes(_folder.At("set.tar")));
        Assert.Equal(["1.jpg", "2.jpg", "3.jpg", "5.jpg"], found.Select(source => source.Member));
        Assert.Equal([null, "2.jpg cannot be read: it is a link to 1.jpg.", "3.jpg cannot be read: it is a link to 1.jpg.", "5.cls cannot be read: it is a link to 4.cls."], found.Select(source => source.Failure?.Split(" Put the file")[0]));
    }

    [Fact]
    public void A_checksum_may_be_the_sum_of_signed_bytes()
    {
        var tar = Tar(TarEntryFormat.Gnu, ["ü.jpg"]);
        var sum = Convert.ToInt32(Encoding.ASCII.GetString(tar, ChecksumAt, 6), 8);
        tar = Changed(tar, file => Encoding.ASCII.GetBytes(Convert.ToString(sum - (2 * 256), 8).PadLeft(6, '0')).CopyTo(file, ChecksumAt)); // the two bytes of ü
        AssertWhole(Find(tar), tar, ["ü.jpg"]);
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void A_damaged_header_is_a_failure_and_what_stands_before_it_is_kept(TarEntryFormat format)
    {
        var tar = Tar(format, _names);
        var third = Headers(tar, format).Single(header => tar.AsSpan(header + Block).StartsWith(Encoding.UTF8.GetBytes($"{_names[2]}'s bytes")));

        AssertBroken(Find(Changed(tar, file => file.AsSpan(third + ChecksumAt, 8).Clear())), tar, 2, $"the header at byte {third} is damaged");
        AssertBroken(Find(Changed(tar, file => file[third + 1] ^= 4)), tar, 2, $"the header at byte {third} is damaged"); // in the name
        AssertBroken(Find(Changed(tar, file => file.AsSpan(third, Block).Clear())), tar, 2, $"at byte {third}");
    }

    [Fact]
    public void A_header_of_nothing_but_zeros_is_not_the_end()
    {
        var tar = Tar(TarEntryFormat.Ustar, ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]);
        AssertBroken(Find(Changed(tar, file => file.AsSpan(4 * Block, Block).Clear())), tar, 2, "the empty block at byte 2048 should end the file");
    }

    [Fact]
    public void A_file_cut_between_members_is_a_failure()
    {
        var tar = Tar(TarEntryFormat.Ustar, ["1.jpg", "2.jpg", "3.jpg"]);
        AssertBroken(Find(tar[..(4 * Block)]), tar, 2, "it ends at byte 2048, before the empty blocks");
        AssertBroken(Find(tar[..((4 * Block) + 100)]), tar, 2, "it ends at byte 2148, before the empty blocks"); // inside a header
        AssertBroken(Find(tar[..((3 * Block) + 100)]), tar, 2, "it ends at byte 1636, before the empty blocks"); // inside what fills a block up
    }

    [Fact]
    public void Sets_put_into_one_file_are_not_read_by_half()
    {
        var tar = Tar(TarEntryFormat.Pax, _names);
        AssertBroken(Find([.. tar, .. tar]), tar, 5, "tar files were put into one");
    }

    [Fact]
    public void A_compressed_set_is_told_from_a_damaged_one()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Tar(TarEntryFormat.Pax, _names));
        }

        AssertBroken(Find(compressed.ToArray()), [], 0, "unpacked first");
    }

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void No_bit_of_a_header_can_change_and_a_member_be_lost_without_a_word(TarEntryFormat format)
    {
        string[] names = format == TarEntryFormat.Ustar ? ["1.jpg", "2.jpg", "3.jpg"] : _names;
        var tar = Tar(format, names);
        var headers = Headers(tar, format);
        int[] ends = [tar.Length - (2 * Block), tar.Length - Block];
        int[] blocks = [.. headers, .. ends];
        var random = new Random(7);
        for (var i = 0; i < 1500; i++)
        {
            var (at, bit) = (blocks[random.Next(blocks.Length)] + random.Next(Block), random.Next(8));
            var found = Find(Changed(tar, file => file[at] ^= (byte)(1 << bit)));
            if (!found.Any(source => source.Key == "set/" && source.Failure is not null))
            {
                AssertWhole(found, tar, names);
            }
        }
    }

    private static void AssertWhole(List<SourceRecord> found, byte[] tar, string[] names)
    {
        Assert.Equal(names, found.Select(source => source.Member));
        Assert.All(found, source => Assert.Null(source.Failure));
        Assert.All(found, source => Assert.StartsWith(source.Member!, Encoding.UTF8.GetString(tar, (int)source.Offset!, (int)source.Length!), StringComparison.Ordinal));
    }

    private static void AssertBroken(List<SourceRecord> found, byte[] tar, int kept, string reason)
    {
        var failure = Assert.Single(found, source => source.Key == "set/");
        Assert.Contains(reason, failure.Failure, StringComparison.Ordinal);
        found.Remove(failure);
        Assert.Equal(kept, found.Count);
        AssertWhole(found, tar, [.. found.Select(source => source.Member!)]);
    }

    private static byte[] Changed(byte[] file, Action<byte[]> change)
    {
        var changed = file.ToArray();
        change(changed);
        return changed;
    }

    private static byte[] Tar(TarEntryFormat format, string[] names)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var name in names)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes($"{name}'s bytes"));
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    /// <summary>Where headers stand, those of long names too: no member's bytes look like one.</summary>
    private static int[] Headers(byte[] tar, TarEntryFormat format)
    {
        int[] headers = [.. Enumerable.Range(0, tar.Length / Block).Select(block => block * Block).Where(block => tar.AsSpan(block + 257).StartsWith("ustar"u8))];
        Assert.Equal(format switch { TarEntryFormat.Ustar => 3, TarEntryFormat.Gnu => 7, _ => 10 }, headers.Length);
        return headers;
    }

    private List<SourceRecord> Find(byte[] tar)
    {
        var path = _folder.At("broken.tar");
        File.WriteAllBytes(path, tar);
        List<SourceRecord> found = [];
        TarSet.Read(path, "set", found.Add, CancellationToken.None);
        return found;
    }
}
