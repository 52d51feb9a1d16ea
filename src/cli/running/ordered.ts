/**
 * Runs `task` over items, at most `concurrency` at a time, and yields the results in the items' order. Neither items
 * nor results pile up: the next task starts when the oldest result has been taken.
 */
export async function* mapOrdered<Item, Result>(
  items: Iterable<Item>,
  concurrency: number,
  task: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for (const item of items) {
      const running = task(item);
      running.catch(() => {}); // reported when its turn comes
      underWay.push(running);
      if (underWay.length >= concurrency) yield await (underWay.shift() as Promise<Result>);
    }
    while (underWay.length > 0) yield await (underWay.shift() as Promise<Result>);
  } finally {
    await Promise.allSettled(underWay);
  }
}
