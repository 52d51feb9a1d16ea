import type { AppError } from '../../errors.js';
import { isFatal } from '../../lib/is-fatal.js';
import type { JobReport } from '../jobs.js';

export interface EachFileOptions<File> {
  /** Files under way at once. */
  readonly concurrency: number;
  /** What a file is called in the report of its failure. */
  readonly nameOf: (file: File) => string;
  readonly task: (file: File) => Promise<void>;
}

/**
 * Runs a task for each of many files; one that fails is reported and does not stop the rest.
 * @throws AppError of a failure that every other file would meet, too
 */
export async function eachFile<File>(
  files: readonly File[],
  report: JobReport,
  { concurrency, nameOf, task }: EachFileOptions<File>,
): Promise<void> {
  report.total(files.length);
  let next = 0;
  let fatal = null as AppError | null;
  const lane = async (): Promise<void> => {
    for (let file; (file = files[next++]) !== undefined && !report.signal.aborted && fatal === null;) {
      try {
        await task(file);
      } catch (error) {
        if (report.signal.aborted) return;
        if (isFatal(error)) {
          if (fatal !== null) return;
          fatal = error;
        }
        report.failed(nameOf(file), error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  if (fatal !== null && !report.signal.aborted) throw fatal;
}
