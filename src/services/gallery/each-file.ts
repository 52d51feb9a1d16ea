import { isFatal } from '../../lib/is-fatal.js';
import { lanes } from '../../lib/lanes.js';
import type { JobReport } from '../jobs.js';

export interface EachFileOptions<File> {
  /** Files processed at once. */
  readonly concurrency: number;
  /** Name of a file in the report of its failure. */
  readonly nameOf: (file: File) => string;
  readonly task: (file: File) => Promise<void>;
}

/**
 * Runs a task for each of many files; one that fails is reported and does not stop the rest.
 * @throws AppError for a failure that would affect all other files too
 */
export async function eachFile<File>(
  files: readonly File[],
  report: JobReport,
  { concurrency, nameOf, task }: EachFileOptions<File>,
): Promise<void> {
  report.total(files.length);
  const { signal } = report;
  let fatal = false;
  const attempt = async (file: File): Promise<void> => {
    try {
      await task(file);
    } catch (error) {
      if (signal.aborted || (isFatal(error) && fatal)) return;
      report.failed(nameOf(file), error);
      if (!isFatal(error)) return;
      fatal = true;
      throw error;
    }
  };
  try {
    await lanes(files, concurrency, attempt, () => !signal.aborted);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
