import { lazy, Suspense, useState, type ComponentType } from 'react';
import { serverAnswers, whenServerReturns } from '../api/reachability';

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

function loadAhead(): void {
  for (const load of ahead.splice(0)) load().catch(() => {}); // reported when it is opened
}

/** Only from a server that answers: a browser may never again fetch a module that failed once. */
async function fetchAhead(): Promise<void> {
  if (await serverAnswers()) return loadAhead();
  const end = whenServerReturns(() => {
    end();
    loadAhead();
  });
}

function onTouch(): void {
  touched = true;
  for (const type of INTENT) removeEventListener(type, onTouch);
  void fetchAhead();
}
for (const type of INTENT) addEventListener(type, onTouch, { passive: true });

/**
 * A dialog, say: not needed for the first screen, and fetched when the visitor first touches the page. So it opens
 * without waiting, and when the server has gone away meanwhile.
 */
export function later<Props extends object>(
  fetchPart: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  const { Part, load } = lazyPart(fetchPart);
  ahead.push(load);
  if (touched) void fetchAhead();
  return function Later(props: Props) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}
