/**
 * Runs a task for each item, at most `atOnce` at a time, taking the items in their order. After the first failure no
 * more are begun; those under way end first.
 * @param goesOn asked before each item; once it says no, the rest is left
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

/** A generator answers calls of `next` one after the other, so that lanes may ask at the same time. */
async function* toAsync<Item>(items: Iterable<Item> | AsyncIterable<Item>): AsyncGenerator<Item, undefined> {
  yield* items;
}
