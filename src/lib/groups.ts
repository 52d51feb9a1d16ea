export interface GroupsOptions<Item, Outcome> {
  /** Processes a group. @returns the result of each item, in order; if it throws, all items fail */
  readonly work: (items: readonly Item[]) => Promise<readonly PromiseSettledResult<Outcome>[]>;
  /** Longest time that an item waits for others, not counting the processing of earlier groups. */
  readonly lingerMs: number;
  /** Maximum number of items in a group. */
  readonly most: number;
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly settle: (result: PromiseSettledResult<Outcome>) => void;
}

/**
 * Groups items that arrive at about the same time, for work that costs hardly more for several than for one. Items wait
 * only while others are expected: a single one is processed at once, and waiting ones as soon as they are half of all
 * expected. One group is processed at a time.
 */
export class Groups<Item, Outcome> {
  readonly #options: GroupsOptions<Item, Outcome>;
  #waiting: Waiting<Item, Outcome>[] = [];
  /** Number of tasks that may add an item, including those whose item waits or is being processed. */
  #underWay = 0;
  #isWorking = false;
  /** Timer of the first waiting item; it may expire while another group is processed. */
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

  /** Call this only within `expecting`. @returns the result of the item */
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
    this.#isOverdue = this.#waiting.length > 0; // the rest has waited long enough
    this.#work(group).catch(() => {}); // it never rejects
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
