import { FramepoolError } from "../errors.js";

/** What the other side names by a number; E_CLOSED with the reason where it is held no more. */
export function held<T>(things: ReadonlyMap<number, T>, number: number, reason: string): T {
  const thing = things.get(number);
  if (thing === undefined) throw new FramepoolError("E_CLOSED", reason);
  return thing;
}
