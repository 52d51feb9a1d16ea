/**
 * Files in the browser's own database, so that a reload or a visit later finds the picture of a search again. A
 * convenience: where there is no such database (private windows, say) nothing is kept and nothing fails.
 */
const DATABASE = 'likeness';
const STORE = 'queries';
const BY_SEARCH = 'searchId';
const MOST = 40;

export interface KeptFile {
  readonly key: string;
  readonly file: File;
  /** Null for what was pasted: the browser makes such names up. */
  readonly name: string | null;
  /** Empty until the server has given one: an index leaves out what has no key. */
  readonly searchId?: string;
  readonly keptAt: number;
}

let opened: Promise<IDBDatabase | null> | null = null;

function open(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    if (typeof indexedDB === 'undefined') {
      resolve(null);
      return;
    }
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const store = request.result.createObjectStore(STORE, { keyPath: 'key' });
      store.createIndex(BY_SEARCH, 'searchId');
      store.createIndex('keptAt', 'keptAt');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
    request.onblocked = () => resolve(null);
  });
  return opened;
}

async function inStore<Result>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Result> | null,
): Promise<Result | null> {
  const database = await open();
  if (database === null) return null;
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result ?? null);
      transaction.onerror = () => resolve(null);
      transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}

export async function keep(kept: KeptFile): Promise<void> {
  await inStore('readwrite', (store) => store.put(kept));
  await inStore('readwrite', (store) => {
    // The oldest are let go.
    const keys = store.index('keptAt').getAllKeys();
    keys.onsuccess = () => {
      for (const key of keys.result.slice(0, Math.max(0, keys.result.length - MOST))) store.delete(key);
    };
    return null;
  });
}

export const keptByKey = (key: string): Promise<KeptFile | null> =>
  inStore<KeptFile | undefined>(
    'readonly',
    (store) => store.get(key) as IDBRequest<KeptFile | undefined>,
  ).then((kept) => kept ?? null);

export const keptBySearch = (searchId: string): Promise<KeptFile | null> =>
  inStore<KeptFile | undefined>(
    'readonly',
    (store) => store.index(BY_SEARCH).get(searchId) as IDBRequest<KeptFile | undefined>,
  ).then((kept) => kept ?? null);
