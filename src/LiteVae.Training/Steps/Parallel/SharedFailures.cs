namespace LiteVae.Training;

/// <summary>How many training images no process, or not every process, could read: each sees failures in its own part of the batches alone.</summary>
internal sealed class SharedFailures(ImageFolder images, GradientSync sync)
{
    private double _told;
    private int _count;

    /// <summary>The images that some process could not read so far, each counted once: every process must call this at the same step.</summary>
    public int Count()
    {
        Span<double> told = [images.FailureCount];
        sync.Sum(told);
        if (told[0] > _told) // rarely: the marks of all images are many numbers
        {
            _told = told[0];
            var marks = new double[images.Count];
            foreach (var index in images.Failed)
            {
                marks[index] = 1;
            }

            sync.Sum(marks);
            _count = marks.Count(mark => mark > 0);
        }

        return _count;
    }
}
