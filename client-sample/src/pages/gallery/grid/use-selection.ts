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
export function useSelection(list: readonly string[]): Selection {
  const [{ ids, anchor }, setState] = useState(EMPTY);
  // A picture that was removed elsewhere is no longer selected, whatever was chosen before.
  const selected = useMemo(() => (ids.size === 0 ? [] : list.filter((id) => ids.has(id))), [ids, list]);
  return {
    ids: selected,
    has: (id) => ids.has(id),
    toggle: (index) => {
      const id = list[index];
      if (id === undefined) return;
      setState((before) => {
        const next = new Set(before.ids);
        if (!next.delete(id)) next.add(id);
        return { ids: next, anchor: id };
      });
    },
    extend: (index) => {
      const from = anchor === null ? -1 : list.indexOf(anchor);
      const start = from === -1 ? index : from;
      const range = list.slice(Math.min(start, index), Math.max(start, index) + 1);
      setState((before) => ({
        ids: new Set([...before.ids, ...range]),
        anchor: before.anchor ?? list[index] ?? null,
      }));
    },
    all: () => setState((before) => ({ ...before, ids: new Set(list) })),
    clear: () => setState(EMPTY),
  };
}
