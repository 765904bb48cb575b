import { List, type ListItem } from "./list.js";

/** What the queue must know of a waiting job. */
export interface Waiting {
  /** Slots that already hold what the job needs. */
  readonly prefer: ReadonlySet<number>;
  /** The only slot that may take it, while that slot's thread lives. */
  pin: number | undefined;
}

interface Place<T> {
  readonly job: T;
  /** Ascends with the order in which jobs came. */
  readonly turn: number;
  /** Younger jobs that went first when this was the oldest that any slot could take. */
  overtakers: number;
}

type Item<T> = ListItem<Place<T>>;

/** How far a slot looks past older jobs for one that it is prepared for. */
const lookAhead = 16;
/** Who goes on and on must not keep the others waiting for ever. */
const mostOvertakers = 4;

/**
 * Jobs that wait for a slot, oldest first. Those for one slot wait apart from the others, so that nothing takes longer when
 * tens of thousands wait.
 */
export class JobQueue<T extends Waiting> {
  readonly #anywhere = new List<Place<T>>();
  readonly #pinned = new Map<number, List<Place<T>>>();
  readonly #items = new Map<T, Item<T>>();
  #last = 0;
  #first = 0;

  get length(): number {
    return this.#items.size;
  }

  add(job: T): void {
    const item = this.#listOf(job).append({ job, turn: ++this.#last, overtakers: 0 });
    this.#items.set(job, item);
  }

  /** One that was taken before: older than all others. */
  putBack(job: T): void {
    const item = this.#listOf(job).prepend({ job, turn: --this.#first, overtakers: 0 });
    this.#items.set(job, item);
  }

  remove(job: T): boolean {
    const item = this.#items.get(job);
    if (item === undefined) return false;
    this.#drop(item);
    return true;
  }

  /**
   * The job for a slot: the oldest that is pinned to it or, near enough, prefers it, else the oldest that may go anywhere;
   * that one first once it was overtaken often enough. Not one that `suits` refuses: then none.
   */
  take(slot: number, suits: (job: T) => boolean = () => true): T | undefined {
    const oldest = this.#anywhere.first;
    const suited = this.#suitedTo(slot);
    const overtakes = suited !== undefined && oldest !== undefined && suited.value.turn > oldest.value.turn;
    const mayGoFirst = !overtakes || oldest.value.overtakers < mostOvertakers;
    const chosen = suited !== undefined && mayGoFirst ? suited : oldest;
    if (chosen === undefined || !suits(chosen.value.job)) return undefined;
    if (overtakes && chosen === suited) oldest.value.overtakers++;
    this.#drop(chosen);
    return chosen.value.job;
  }

  /** Frees the jobs that only one slot might take to go anywhere, in their turn. */
  unpin(slot: number): void {
    const pinned = this.#pinned.get(slot);
    if (pinned === undefined) return;
    this.#pinned.delete(slot);
    let next = this.#anywhere.first;
    for (const { value } of pinned) {
      value.job.pin = undefined;
      while (next !== undefined && next.value.turn < value.turn) next = next.next;
      this.#items.set(value.job, this.#anywhere.insert(value, next));
    }
  }

  clear(): T[] {
    const all = [...this.#items.values()].map(({ value }) => value).sort((a, b) => a.turn - b.turn);
    this.#items.clear();
    this.#pinned.clear();
    this.#anywhere.clear();
    return all.map(({ job }) => job);
  }

  #suitedTo(slot: number): Item<T> | undefined {
    const pinned = this.#pinned.get(slot)?.first;
    let seen = 0;
    for (let item = this.#anywhere.first; item !== undefined && seen++ < lookAhead; item = item.next) {
      if (pinned !== undefined && pinned.value.turn < item.value.turn) return pinned;
      if (item.value.job.prefer.has(slot)) return item;
    }
    return pinned;
  }

  #listOf({ pin }: T): List<Place<T>> {
    if (pin === undefined) return this.#anywhere;
    const list = this.#pinned.get(pin) ?? new List<Place<T>>();
    this.#pinned.set(pin, list);
    return list;
  }

  #drop(item: Item<T>): void {
    this.#items.delete(item.value.job);
    this.#listOf(item.value.job).remove(item);
  }
}
