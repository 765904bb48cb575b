/** What a server has, and no path of this machine. */
export function isAddress(source: string): boolean {
  return /^(?:https?|s3):\/\//i.test(source);
}
