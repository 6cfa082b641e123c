using System.CommandLine;
using LiteVae;
using LiteVae.Benchmarks;
using LiteVae.Benchmarks.Questions;

var questions = new (string Name, string Description, Action<Settings, Report> Answer)[]
{
    ("encode", "LiteVaeEncode against ONNX Runtime alone", EncodeQuestion.Answer),
    ("stock", "LiteVaeEncode against ML.NET's own chain", StockQuestion.Answer),
    ("callers", "Two callers of one session against two threads in it", CallersQuestion.Answer),
    ("memory", "Peak memory at 1,000 and at 10,000 rows", MemoryQuestion.Answer),
    ("passes", "Growth over 20 passes in one process", PassesQuestion.Answer),
};

var trainingQuestions = new (string Name, string Description, Action<Settings, Report> Answer)[]
{
    ("train-step", "A training step against the same in PyTorch, if there is a Python with it", TrainStepQuestion.Answer),
    ("train-loader", "The loading's share of a training step, and the loader alone", TrainLoaderQuestion.Answer),
    ("train-memory", "Growth over 2,000 training steps in one process", TrainMemoryQuestion.Answer),
};

var storeQuestions = new (string Name, string Description, Action<Settings, Report> Answer)[]
{
    ("store-encode", "Encoding into a store against ONNX Runtime alone", StoreEncodeQuestion.Answer),
    ("store-read", "Reading latents of a store as batches", StoreReadQuestion.Answer),
    ("store-scale", "What a store of 100,000,000 images takes: files, bytes, planning, opening, verifying", StoreScaleQuestion.Answer),
    ("store-resume", "Running the finished job of 50,000 images again, through the command line", StoreResumeQuestion.Answer),
    ("store-memory", "Peak memory of encoding 1,000 and 50,000 images, through the command line", StoreMemoryQuestion.Answer),
};

var rounds = Number("--rounds", 15, "Rounds of each paired timing");
var images = Number("--images", 32, "Images in a round");
var batch = Number("--batch", 8, "Images that go through the model at once");
var steps = Number("--steps", 3, "Training steps in a round");
var threads = new Option<int?>("--threads") { Recursive = true, HelpName = "N", Description = "Threads of ONNX Runtime, its own choice if absent, and of libtorch, one a core if absent" };
var model = new Option<string?>("--model") { Recursive = true, HelpName = "M", Description = "A model folder, or the name of a model that ships; the shipped default if absent" };
var data = new Option<string?>("--data") { Recursive = true, HelpName = "FOLDER", Description = "Training images; the samples' photos if absent" };
var python = new Option<string?>("--python") { Recursive = true, HelpName = "PROGRAM", Description = "A Python with PyTorch; python3 or /usr/bin/python3 if absent" };
var output = new Option<string?>("--out") { Recursive = true, HelpName = "FILE.md", Description = "Also write the tables to a file" };

var root = new RootCommand("How fast the pipeline and the training are, and what they take: ratios of ways that are timed turn by turn.")
{
    rounds, images, batch, steps, threads, model, data, python, output,
};
foreach (var (name, description, answer) in questions.Concat(trainingQuestions).Concat(storeQuestions))
{
    root.Add(Command(name, description, [answer]));
}

root.Add(Command("all", "All of the pipeline's", [.. questions.Select(question => question.Answer)]));
root.Add(Command("training", "All of the training's", [.. trainingQuestions.Select(question => question.Answer)]));
root.Add(Command("store", "All of the store's", [.. storeQuestions.Select(question => question.Answer)]));

var rowCount = new Argument<int>("ROWS");
var child = new Command(MemoryQuestion.Child, "Reads rows and prints the peak memory in bytes") { rowCount };
child.Hidden = true;
child.SetAction(parsed => MemoryQuestion.Read(parsed.GetValue(rowCount), SettingsOf(parsed)));
root.Add(child);
return root.Parse(args).Invoke();

Command Command(string name, string description, Action<Settings, Report>[] answers)
{
    var command = new Command(name, description);
    command.SetAction(parsed =>
    {
        var (settings, report) = (SettingsOf(parsed), new Report());
        report.Head(args, settings);
        Write();
        foreach (var answer in answers)
        {
            answer(settings, report);
            Write();
        }

        // After each answer: a file that cannot be written is known at once, and what was measured stays where a later question fails.
        void Write()
        {
            if (parsed.GetValue(output) is { } file)
            {
                File.WriteAllText(file, report.ToString());
            }
        }
    });
    return command;
}

Settings SettingsOf(ParseResult parsed)
{
    using var loaded = LiteVaeModel.Load(parsed.GetValue(model));
    return new Settings(
        loaded.Folder, parsed.GetValue(rounds), parsed.GetValue(images), parsed.GetValue(batch), parsed.GetValue(steps), parsed.GetValue(threads), parsed.GetValue(data) ?? SamplePhotos.Folder, parsed.GetValue(python));
}

static Option<int> Number(string name, int value, string description)
{
    var option = new Option<int>(name) { Recursive = true, HelpName = "N", Description = description, DefaultValueFactory = _ => value };
    option.Validators.Add(result =>
    {
        if (!result.Errors.Any() && result.GetValueOrDefault<int>() < 1)
        {
            result.AddError($"{name} is {result.GetValueOrDefault<int>()}; it must be 1 or more.");
        }
    });
    return option;
}
