export interface GroupsOptions<Item, Outcome> {
  /** Works on a group. @returns what became of each item, in their order; when it throws, that became of all */
  readonly work: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Outcome>[]>;
  /** The longest that an item waits for others, beside the time that those before it are worked on. */
  readonly lingerMs: number;
  /** Items of a group. */
  readonly most: number;
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly settle: (result: PromiseSettledResult<Outcome>) => void;
}

/**
 * Joins items that come at about the same time, for work that costs hardly more for several than for one. An item waits
 * for others only while there are others to come: one that is alone is worked on at once, and so are those that wait
 * when they are half of all under way. One group at a time is worked on.
 */
export class Groups<Item, Outcome> {
  readonly #options: GroupsOptions<Item, Outcome>;
  #waiting: Waiting<Item, Outcome>[] = [];
  /** Tasks of which each may bring an item, those that wait or are worked on among them. */
  #underWay = 0;
  #isWorking = false;
  /** Of the first that waits; it may have run out while others were worked on. */
  #linger: NodeJS.Timeout | undefined;
  #isOverdue = false;

  constructor(options: GroupsOptions<Item, Outcome>) {
    this.#options = options;
  }

  /** Runs a task that may add items, one at a time. */
  async expecting<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#underWay++;
    try {
      return await task();
    } finally {
      this.#underWay--;
      this.#begin();
    }
  }

  /** To be called within `expecting`. @returns what became of the item */
  add(item: Item): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const settle = (result: PromiseSettledResult<Outcome>): void =>
        result.status === 'fulfilled' ? resolve(result.value) : reject(result.reason as Error);
      this.#waiting.push({ item, settle });
      this.#linger ??= setTimeout(() => {
        this.#isOverdue = true;
        this.#begin();
      }, this.#options.lingerMs);
      this.#begin();
    });
  }

  #begin(): void {
    const { most } = this.#options;
    const count = this.#waiting.length;
    if (this.#isWorking || count === 0) return;
    if (!this.#isOverdue && count < most && count * 2 < this.#underWay) return;
    clearTimeout(this.#linger);
    this.#linger = undefined;
    const group = this.#waiting.splice(0, most);
    this.#isOverdue = this.#waiting.length > 0; // they have waited long enough
    this.#work(group).catch(() => {}); // it does not fail
  }

  async #work(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    this.#isWorking = true;
    try {
      const results = await this.#options.work(group.map(({ item }) => item));
      group.forEach(({ settle }, i) => settle(results[i]!));
    } catch (reason) {
      for (const { settle } of group) settle({ status: 'rejected', reason });
    }
    this.#isWorking = false;
    this.#begin();
  }
}
