/** What `framepool view` serves, made by the build: as deep below dist as the bundle that the command becomes. */
export const pageFiles = new URL("../bundle/view/", import.meta.url);
