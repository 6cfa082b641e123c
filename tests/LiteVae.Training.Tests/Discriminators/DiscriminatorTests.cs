using TorchSharp;
using static TorchSharp.torch;

namespace LiteVae.Training.Tests.Discriminators;

public sealed class DiscriminatorTests : TorchTest
{
    public static TheoryData<string> Kinds => [.. Enum.GetNames<DiscriminatorKind>()];

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    public void A_unet_judges_the_image_and_every_pixel(int width)
    {
        using var discriminator = Discriminator.Create(DiscriminatorKind.UNet, width);
        Assert.Equal([[2, 1], [2, 1, 16, 48]], discriminator.Judge(rand([2, 3, 16, 48])).Select(map => map.shape));
    }

    [Fact]
    public void A_pixels_logit_is_about_that_pixel_and_the_images_about_all()
    {
        using var discriminator = new UNetDiscriminator(8);
        var x = rand([1, 3, 64, 64]).requires_grad_(true);
        discriminator.Judge(x)[1][0, 0, 50, 9].backward();
        var place = x.grad!.abs().sum(1).flatten().argmax().item<long>();
        Assert.InRange(place / 64, 50 - 3, 50 + 3); // as far as three 3x3 convolutions at full size see: the stem and the last block
        Assert.InRange(place % 64, 9 - 3, 9 + 3);

        x.grad!.zero_();
        discriminator.Judge(x)[0].backward();
        Assert.True(x.grad!.abs().sum([0, 1]).min().item<float>() > 0);
    }

    [Theory]
    [InlineData(nameof(DiscriminatorKind.UNet), 16, 1_578_178)]
    [InlineData(nameof(DiscriminatorKind.UNet), 64, 25_220_866)]
    [InlineData(nameof(DiscriminatorKind.Patch), 16, 175_089)]
    [InlineData(nameof(DiscriminatorKind.Patch), 64, 2_764_737)]
    public void It_has_as_many_parameters_as_its_convolutions_add_up_to(string kind, int width, long parameters)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), width, META);
        Assert.Equal(parameters, discriminator.parameters().Sum(parameter => parameter.numel()));
    }

    [Theory]
    [InlineData(1, 12, 14, 4, 5)]
    [InlineData(3, 48, 64, 4, 6)]
    [InlineData(3, 43, 25, 3, 1)]
    [InlineData(4, 80, 96, 3, 4)]
    public void A_patch_discriminator_judges_every_patch(int layers, int height, int width, int rows, int columns)
    {
        using var discriminator = new PatchDiscriminator(4, layers);
        Assert.Equal([2, 1, rows, columns], discriminator.Judge(rand([2, 3, height, width])).Single().shape);
    }

    [Fact]
    public void A_patch_is_70_pixels_wide()
    {
        // One logit in the middle of a large image: the pixels that its gradient reaches.
        using var discriminator = new PatchDiscriminator(4);
        var x = rand([1, 3, 128, 128]).requires_grad_(true);
        discriminator.Judge(x)[0][0, 0, 7, 7].backward();
        var columns = x.grad!.abs().sum([0, 1, 2]).data<float>().ToArray();
        Assert.Equal(70, columns.Count(g => g > 0));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_least_side_is_enough_and_one_step_less_is_refused(string kind)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        var side = discriminator.MinimumSide;
        Assert.All(discriminator.Judge(rand([1, 3, side, side])), map => Assert.True(map.isfinite().all().item<bool>()));

        var smaller = side - discriminator.SideMultiple;
        var error = Assert.Throws<ArgumentException>(() => discriminator.Judge(rand([1, 3, side, smaller])));
        Assert.Contains($"at least {side}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"[1, 3, {side}, {smaller}]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sides_off_the_multiple_and_other_channels_are_refused()
    {
        using var discriminator = Discriminator.Create(DiscriminatorKind.UNet, 16, META);
        Assert.Throws<ArgumentException>(() => discriminator.Judge(zeros([1, 3, 32, 40], device: META)));
        Assert.Throws<ArgumentException>(() => discriminator.Judge(zeros([1, 4, 32, 32], device: META)));
        Assert.Throws<ArgumentException>(() => discriminator.Judge(zeros([3, 32, 32], device: META)));
    }

    [Fact]
    public void Unknown_widths_kinds_and_depths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Discriminator.Create(DiscriminatorKind.Patch, 20));
        Assert.Throws<ArgumentOutOfRangeException>(() => Discriminator.Create((DiscriminatorKind)9, 16));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchDiscriminator(4, layers: 7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PatchDiscriminator(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UNetDiscriminator(0));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Names_are_the_figures_words_and_no_tensor_has_two(string kind)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16, META);
        var state = discriminator.state_dict();
        var tensors = discriminator.parameters().Concat(discriminator.buffers()).ToList();
        Assert.Equal(tensors.Count, state.Count);
        Assert.Equal(tensors.Count, state.Values.Select(tensor => tensor.Handle).Distinct().Count());
        Assert.All(state.Keys, name => Assert.Matches(@"^[a-z]+(\.[a-z]+[0-9]?|\.[0-9]+)+$", name));
        Assert.Equal(state.Keys.Count(name => name.EndsWith(".weight", StringComparison.Ordinal)), state.Keys.Count(name => name.EndsWith(".u", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_convolution_is_spectrally_normalised(string kind)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16, META);
        var leaves = discriminator.modules().Where(module => module.parameters(recurse: false).Any()).ToList();
        Assert.NotEmpty(leaves);
        Assert.All(leaves, leaf => Assert.IsType<SpectralConv2d>(leaf));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_batch_in_parts_is_judged_as_the_whole(string kind)
    {
        using var whole = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        using var part = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        var images = rand([3, 3, 32, 32]);
        var state = whole.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        var expected = whole.Judge(images);

        part.load_state_dict(state);
        var first = part.Judge(images.narrow(0, 0, 1));
        part.load_state_dict(state);
        var rest = part.Judge(images.narrow(0, 1, 2));
        foreach (var (map, parts) in expected.Zip(first.Zip(rest)))
        {
            Golden.AssertClose(map, cat([parts.First, parts.Second], 0), 1e-5);
        }

        foreach (var (name, buffer) in whole.named_buffers())
        {
            Golden.AssertClose(buffer, part.state_dict()[name], 0); // nothing of the batch is in the state
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Gradients_reach_every_weight_and_the_image(string kind)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        var images = rand([2, 3, 32, 32]).requires_grad_(true);
        var maps = discriminator.Judge(images);
        maps.Aggregate(zeros(1), (sum, map) => sum + (map * rand_like(map)).sum()).backward();
        Assert.All(discriminator.named_parameters(), entry => Assert.True(entry.parameter.grad?.abs().sum().item<float>() > 0, entry.name));
        Assert.True(images.grad!.abs().sum([1, 2, 3]).min().item<float>() > 0);
    }

    [Theory]
    [InlineData(nameof(DiscriminatorKind.UNet), nameof(AdversarialKind.Hinge))]
    [InlineData(nameof(DiscriminatorKind.UNet), nameof(AdversarialKind.Logistic))]
    [InlineData(nameof(DiscriminatorKind.Patch), nameof(AdversarialKind.Hinge))]
    [InlineData(nameof(DiscriminatorKind.Patch), nameof(AdversarialKind.Logistic))]
    public void Every_map_learns_to_tell_sharp_pictures_from_blurred_ones(string kind, string loss)
    {
        using Discriminator discriminator = kind == nameof(DiscriminatorKind.UNet) ? new UNetDiscriminator(4) : new PatchDiscriminator(8);
        var parameters = new FlatParameters(discriminator);
        var optimizer = new Adam(parameters, 0.5, 0.999);
        for (var step = 0; step < 30; step++)
        {
            using var scope = NewDisposeScope();
            var (real, fake) = Judged(4);
            parameters.ClearGradients();
            AdversarialLoss.Discriminator(real, fake, Enum.Parse<AdversarialKind>(loss)).backward();
            optimizer.Step(step, 4e-3);
        }

        // On pictures that it has not seen, against what an undecided discriminator pays.
        discriminator.eval();
        using var noGradient = no_grad();
        var undecided = loss == nameof(AdversarialKind.Hinge) ? 1 : Math.Log(2);
        var (unseenReal, unseenFake) = Judged(16);
        Assert.All(unseenReal.Zip(unseenFake), map => Assert.InRange(
            AdversarialLoss.Discriminator([map.First], [map.Second], Enum.Parse<AdversarialKind>(loss)).item<float>(), 0, 0.7 * undecided));

        (Tensor[] Real, Tensor[] Fake) Judged(int count)
        {
            var sharp = rand([count, 3, 32, 32]).mul(2.ToScalar()).sub(1.ToScalar());
            var blurred = nn.functional.avg_pool2d(sharp, 3, 1, 1);
            return (discriminator.Judge(sharp), discriminator.Judge(blurred));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_moves_to_another_type_as_a_whole(string kind)
    {
        using var discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        discriminator.to(ScalarType.Float64);
        Assert.All(discriminator.Judge(rand([1, 3, 32, 32], ScalarType.Float64)), map => Assert.Equal(ScalarType.Float64, map.dtype));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_disposes_what_it_makes_and_outlives_the_scope_it_is_made_in(string kind)
    {
        var images = rand([1, 3, 32, 32]);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Discriminator discriminator;
        using (NewDisposeScope())
        {
            discriminator = Discriminator.Create(Enum.Parse<DiscriminatorKind>(kind), 16);
        }

        Assert.Equal(before + discriminator.parameters().Count() + discriminator.buffers().Count(), DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        foreach (var map in discriminator.Judge(images))
        {
            map.Dispose();
        }

        discriminator.Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
