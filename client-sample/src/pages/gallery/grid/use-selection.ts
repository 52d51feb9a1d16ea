import { useMemo, useState } from 'react';

export interface Selection {
  /** Selected and still in the list, in the order of the list. */
  readonly ids: readonly string[];
  has(id: string): boolean;
  toggle(index: number): void;
  /** From where the selection was last changed to here, as shift-click does. */
  extend(index: number): void;
  all(): void;
  clear(): void;
}

interface State {
  readonly ids: ReadonlySet<string>;
  readonly anchor: string | null;
}

const EMPTY: State = { ids: new Set(), anchor: null };

/** Which pictures of the list are selected. */
export function useSelection(images: readonly { readonly id: string }[]): Selection {
  const [{ ids, anchor }, setState] = useState(EMPTY);
  // A picture that was removed elsewhere is no longer selected, whatever was chosen before.
  const selected = useMemo(
    () => (ids.size === 0 ? [] : images.flatMap(({ id }) => (ids.has(id) ? [id] : []))),
    [ids, images],
  );
  return {
    ids: selected,
    has: (id) => ids.has(id),
    toggle: (index) => {
      const id = images[index]?.id;
      if (id === undefined) return;
      setState((before) => {
        const next = new Set(before.ids);
        if (!next.delete(id)) next.add(id);
        return { ids: next, anchor: id };
      });
    },
    extend: (index) => {
      const from = anchor === null ? -1 : images.findIndex(({ id }) => id === anchor);
      const start = from === -1 ? index : from;
      const range = images.slice(Math.min(start, index), Math.max(start, index) + 1);
      setState((before) => ({
        ids: new Set([...before.ids, ...range.map(({ id }) => id)]),
        anchor: before.anchor ?? images[index]?.id ?? null,
      }));
    },
    all: () => setState((before) => ({ ...before, ids: new Set(images.map(({ id }) => id)) })),
    clear: () => setState(EMPTY),
  };
}
