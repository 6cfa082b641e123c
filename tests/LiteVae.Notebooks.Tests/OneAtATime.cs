using Xunit.Sdk;
using Xunit.v3;

// Cells have the process's console, current folder and random numbers to themselves.
[assembly: Parallelization(Mode = ParallelMode.None)]
