import { useEffect, useState } from 'react';
import type { Source } from '../address/search-address';
import { fileOf, findFile, type QueryFile } from './query-files';

interface Found {
  readonly id: string;
  readonly file: QueryFile | null;
}

/** The visitor's picture behind a search. Undefined while this browser's database is still being asked, null for none. */
export function useQueryFile(source: Source): QueryFile | null | undefined {
  const inMemory = fileOf(source);
  const [found, setFound] = useState<Found | null>(null);
  const { kind, id } = source;
  const ask = inMemory === null && kind !== 'image';
  useEffect(() => {
    if (!ask) return;
    let stopped = false;
    void findFile({ kind, id }).then((file) => {
      if (!stopped) setFound({ id, file });
    });
    return () => {
      stopped = true;
    };
  }, [ask, kind, id]);
  if (kind === 'image') return null;
  return inMemory ?? (found?.id === id ? found.file : undefined);
}
