/** Does `task` for every item, a few at a time, in order of their beginning. */
export async function concurrently<Item>(
  items: readonly Item[],
  most: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i; (i = next++) < items.length;) await task(items[i] as Item);
  };
  await Promise.all(Array.from({ length: most }, lane));
}
