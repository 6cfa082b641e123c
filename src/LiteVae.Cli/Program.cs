using LiteVae.Cli;

return CommandLine.Run(args);
