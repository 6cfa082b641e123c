namespace LiteVae.Training;

/// <summary>The convolutional part of a torchvision classifier, layer by layer as its <c>features</c>: their positions make the tensors' names.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Model">What torchvision calls it.</param>
/// <param name="Layers">The layers, from the image on.</param>
internal sealed record BackboneArchitecture(string Name, string Model, IReadOnlyList<BackboneLayer> Layers)
{
    /// <summary>What the name of every tensor begins with.</summary>
    public const string Prefix = "features.";

    /// <summary>VGG16 (configuration D of Simonyan and Zisserman 2014), without batch normalisation.</summary>
    public static BackboneArchitecture Vgg16 { get; } = new("VGG16", "vgg16", Vgg(2, 2, 3, 3, 3));

    /// <summary>VGG19 (configuration E), without batch normalisation.</summary>
    public static BackboneArchitecture Vgg19 { get; } = new("VGG19", "vgg19", Vgg(2, 2, 4, 4, 4));

    /// <summary>AlexNet in the one-tower form of Krizhevsky 2014.</summary>
    public static BackboneArchitecture AlexNet { get; } = new("AlexNet", "alexnet",
    [
        new Convolution(3, 64, 11, Stride: 4, Padding: 2), new Relu(), new MaxPool(3),
        new Convolution(64, 192, 5, Padding: 2), new Relu(), new MaxPool(3),
        new Convolution(192, 384, 3, Padding: 1), new Relu(),
        new Convolution(384, 256, 3, Padding: 1), new Relu(),
        new Convolution(256, 256, 3, Padding: 1), new Relu(),
    ]);

    /// <summary>SqueezeNet 1.1 (Iandola et al. 2016).</summary>
    public static BackboneArchitecture SqueezeNet { get; } = new("SqueezeNet 1.1", "squeezenet1_1",
    [
        new Convolution(3, 64, 3, Stride: 2), new Relu(), new MaxPool(3, Ceiling: true),
        new Fire(64, 16, 64), new Fire(128, 16, 64), new MaxPool(3, Ceiling: true),
        new Fire(128, 32, 128), new Fire(256, 32, 128), new MaxPool(3, Ceiling: true),
        new Fire(256, 48, 192), new Fire(384, 48, 192), new Fire(384, 64, 256), new Fire(512, 64, 256),
    ]);

    /// <summary>All that are known.</summary>
    public static IReadOnlyList<BackboneArchitecture> All { get; } = [Vgg16, Vgg19, AlexNet, SqueezeNet];

    /// <summary>Every tensor's name and shape.</summary>
    public IEnumerable<(string Name, long[] Shape)> Tensors =>
        Layers.SelectMany((layer, i) => layer.Tensors.Select(tensor => ($"{NameOf(i)}.{tensor.Name}", tensor.Shape)));

    /// <summary>The name of a layer.</summary>
    public static string NameOf(int layer) => $"{Prefix}{layer}";

    /// <summary>Channels that leave a layer.</summary>
    public int ChannelsAfter(int layer) => Layers.Take(layer + 1).Last(each => each.Channels is not null).Channels!.Value;

    /// <summary>The least rows and columns of an image of which anything arrives behind a layer.</summary>
    public int SmallestSide(int layer)
    {
        var side = 1;
        while (Layers.Take(layer + 1).Aggregate(side, (left, each) => left == 0 ? 0 : each.OutputSide(left)) == 0)
        {
            side++;
        }

        return side;
    }

    private static List<BackboneLayer> Vgg(params int[] blocks)
    {
        var layers = new List<BackboneLayer>();
        var input = 3;
        for (var block = 0; block < blocks.Length; block++)
        {
            var output = Math.Min(64 << block, 512);
            if (block > 0)
            {
                layers.Add(new MaxPool(2));
            }

            for (var i = 0; i < blocks[block]; i++)
            {
                layers.AddRange([new Convolution(input, output, 3, Padding: 1), new Relu()]);
                input = output;
            }
        }

        return layers;
    }
}
