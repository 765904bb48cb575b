import { FramepoolError, messageOf } from "../errors.js";

/** Loads packages that are the user's to install. Throws E_ADDON where they are not: `needed` says what needs them. */
export async function loadInstalled<T>(needed: string, names: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const reason = `${needed}: npm install ${names} (${messageOf(error)})`;
    throw new FramepoolError("E_ADDON", reason, { cause: error });
  }
}
