import { lazy, Suspense, useState, type ComponentType } from 'react';

/** A component in a chunk of its own. */
export interface LazyPart<Props extends object = object> {
  readonly Part: ComponentType<Props>;
  readonly isLoaded: () => boolean;
  /** Fetches it. @throws when it cannot be fetched */
  readonly load: () => Promise<void>;
}

export function lazyPart<Props extends object = object>(
  fetchPart: () => Promise<ComponentType<Props>>,
): LazyPart<Props> {
  let loaded: ComponentType<Props> | null = null;
  const load = async (): Promise<void> => {
    loaded ??= await fetchPart();
  };
  const Fetched = lazy(async () => ({ default: loaded ?? (await fetchPart()) }));
  return {
    load,
    isLoaded: () => loaded !== null,
    // One that is here is drawn at once, where `lazy` would leave its place empty for a moment.
    Part: function Part(props: Props) {
      const [Shown] = useState<ComponentType<Props>>(() => loaded ?? Fetched);
      return <Shown {...props} />;
    },
  };
}

const INTENT = ['pointerdown', 'pointermove', 'touchstart', 'keydown', 'dragenter'] as const;

/** Parts that open later, of the pages that are here. */
const ahead: LazyPart['load'][] = [];
let touched = false;

function fetchAhead(): void {
  touched = true;
  for (const type of INTENT) removeEventListener(type, fetchAhead);
  for (const load of ahead.splice(0)) load().catch(() => {}); // fetched again when it is opened
}
for (const type of INTENT) addEventListener(type, fetchAhead, { passive: true });

/**
 * A dialog, say: not needed for the first screen, and fetched when the visitor first touches the page. So it opens
 * without waiting, and when the server has gone away meanwhile.
 */
export function later<Props extends object>(
  fetchPart: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const { Part, load } = lazyPart(fetchPart);
  ahead.push(load);
  if (touched) fetchAhead();
  return function Later(props: Props) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}
