using TorchSharp;

using var ones = torch.ones(3);
Console.WriteLine($"sum {ones.sum().item<float>()}");
