/** "1:02:03.500", or "2:03.500" within the first hour. */
export function clock(seconds: number, digits = 3): string {
  const units = 10 ** digits;
  const total = Math.round(Math.abs(seconds) * units);
  const minutes = Math.floor(total / units / 60);
  const rest = ((total - minutes * 60 * units) / units).toFixed(digits).padStart(digits > 0 ? digits + 3 : 2, "0");
  const whole = minutes < 60 ? String(minutes) : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  return `${seconds < 0 ? "-" : ""}${whole}:${rest}`;
}
