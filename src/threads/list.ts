export interface ListItem<T> {
  readonly value: T;
  readonly next: ListItem<T> | undefined;
}

interface Item<T> extends ListItem<T> {
  next: Item<T> | undefined;
  previous: Item<T> | undefined;
}

/** A linked list: whatever is put in or taken out, and wherever, costs the same. */
export class List<T> {
  #first: Item<T> | undefined;
  #last: Item<T> | undefined;

  get first(): ListItem<T> | undefined {
    return this.#first;
  }

  append(value: T): ListItem<T> {
    return this.insert(value, undefined);
  }

  prepend(value: T): ListItem<T> {
    return this.insert(value, this.#first);
  }

  /** In front of an item of this list; at the end without one. */
  insert(value: T, before: ListItem<T> | undefined): ListItem<T> {
    const next = before as Item<T> | undefined;
    const previous = next === undefined ? this.#last : next.previous;
    const item: Item<T> = { value, next, previous };
    if (previous === undefined) this.#first = item;
    else previous.next = item;
    if (next === undefined) this.#last = item;
    else next.previous = item;
    return item;
  }

  /** An item of this list, once. */
  remove(item: ListItem<T>): void {
    const { next, previous } = item as Item<T>;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
  }

  clear(): void {
    this.#first = this.#last = undefined;
  }

  *[Symbol.iterator](): Generator<ListItem<T>, void, undefined> {
    for (let item = this.#first; item !== undefined; item = item.next) yield item;
  }
}
