import { useEffect, useRef, useState } from 'react';

export interface Draft<Value> {
  /** What to show. */
  readonly value: Value;
  /** Shows a value at once, and tells it after a moment of rest. */
  readonly change: (value: Value) => void;
  /** Shows and reports a value at once; one that was not yet reported is dropped. */
  readonly settle: (value: Value) => void;
}

/**
 * A value that is shown at once and reported after a short pause: a slider that is being dragged. When the value changes
 * elsewhere (back to another search), that counts.
 */
export function useDraft<Value>(value: Value, tell: (value: Value) => void, restMs: number): Draft<Value> {
  const [draft, setDraft] = useState<{ readonly over: Value; readonly value: Value } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), [value]);
  const settle = (next: Value): void => {
    clearTimeout(timer.current);
    setDraft(null);
    tell(next);
  };
  const change = (next: Value): void => {
    clearTimeout(timer.current);
    setDraft({ over: value, value: next });
    timer.current = setTimeout(() => settle(next), restMs);
  };
  return { value: draft !== null && Object.is(draft.over, value) ? draft.value : value, change, settle };
}
