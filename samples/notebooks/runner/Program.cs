using LiteVae.Notebooks;

return await NotebookCommand.Run(args);
