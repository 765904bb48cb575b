import { type AudioInfo, farthestPlace } from "../protocol/audio.js";

type Clock = Pick<AudioInfo, "firstSeconds" | "outputRate">;

/** The first place at or after a time, a half rounded up: ranges that meet in time meet in samples. */
export function placeAt({ firstSeconds, outputRate }: Clock, seconds: number): number {
  const place = Math.floor((seconds - firstSeconds) * outputRate + 0.5);
  return Math.min(Math.max(place, 0), farthestPlace);
}

/** When the sample at a place is played. */
export function secondsAt({ firstSeconds, outputRate }: Clock, place: number): number {
  return firstSeconds + place / outputRate;
}
