import { useEffect, useRef, useState } from 'react';

/**
 * A value that is shown at once and told after a moment of rest: a slider that is being dragged. When the value changes
 * elsewhere (back to another search), that counts.
 */
export function useDraft<Value>(
  value: Value,
  tell: (value: Value) => void,
  restMs: number,
): readonly [Value, (value: Value) => void] {
  const [draft, setDraft] = useState<{ readonly over: Value; readonly value: Value } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: Value): void => {
    setDraft({ over: value, value: next });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setDraft(null);
      tell(next);
    }, restMs);
  };
  return [draft !== null && Object.is(draft.over, value) ? draft.value : value, change];
}
