import { readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** By file of the bundle; null where there is no map. */
const maps = new Map<string, SourceMap | null>();

function mapOf(file: string): SourceMap | null {
  let map = maps.get(file);
  if (map === undefined) {
    try {
      const path = file.startsWith('file:') ? fileURLToPath(file) : file;
      map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, 'utf8')) as SourceMapPayload);
    } catch {
      map = null; // a file of Node or a package
    }
    maps.set(file, map);
  }
  return map;
}

/** The types lack `toString`. */
type Site = NodeJS.CallSite & { toString(): string };

function describe(site: Site): string {
  const text = site.toString();
  const [file, line, column] = [site.getFileName(), site.getLineNumber(), site.getColumnNumber()];
  if (!file || line === null || column === null) return text;
  const origin = mapOf(file)?.findEntry(line - 1, column - 1);
  if (origin === undefined || !('originalSource' in origin)) return text;
  const { originalSource, originalLine, originalColumn } = origin;
  const source = fileURLToPath(new URL(originalSource, file.startsWith('file:') ? file : `file://${file}`));
  return text.replace(`${file}:${line}:${column}`, `${source}:${originalLine + 1}:${originalColumn + 1}`);
}

function headOf(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}

/**
 * Makes stacks name source files instead of the bundle. Unlike Node's `--enable-source-maps`, which reads the maps of
 * all files while loading them (a twelfth of the start time), this reads a map when a stack first needs it.
 */
export function nameSourcesInStacks(): void {
  Error.prepareStackTrace = (error, sites) =>
    [headOf(error), ...sites.map((site) => `    at ${describe(site)}`)].join('\n');
}
