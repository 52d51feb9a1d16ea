/** Ends the program with a sentence instead of a stack when something went wrong. */
export function run(main: () => Promise<number>): void {
  // `… | head` has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  main().then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}

/** The folder that every script takes; else its usage is told. */
export function folderOf(positionals: readonly string[], usage: string): string {
  const [folder] = positionals;
  if (folder === undefined || positionals.length > 1) throw new Error(`Usage: ${usage}`);
  return folder;
}

export const DEFAULT_URL = process.env['LIKENESS_URL'] ?? 'http://127.0.0.1:4000';
