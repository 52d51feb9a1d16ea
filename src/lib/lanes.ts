/**
 * Runs a task for each item, at most `atOnce` at a time, taking the items in order. After the first failure no more are
 * started; the running ones end first.
 * @param goesOn called before each item; once it returns false, the rest is skipped
 * @throws the first failure
 */
export async function lanes<Item>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  task: (item: Item) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  const queue = toAsync(items);
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    try {
      while (failures.length === 0 && goesOn()) {
        const { done, value } = await queue.next();
        if (done === true) return;
        await task(value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await queue.return(undefined);
  if (failures.length > 0) throw failures[0];
}

/** A generator handles calls of `next` one after the other, so that lanes may call it concurrently. */
async function* toAsync<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, undefined> {
  yield* items;
}
