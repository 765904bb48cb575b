import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/** The number in the page's field. */
export const index = (page: Page): Promise<string> => page.getByRole("spinbutton", { name: "Frame" }).inputValue();

/** Once the picture of a frame is there. */
export async function shows(page: Page, frame: number): Promise<void> {
  const image = page.locator(`#exact-image[alt^="Frame ${String(frame)}, "]`);
  await image.waitFor();
  assert.equal(await index(page), String(frame));
  assert.ok(await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth > 0));
}
