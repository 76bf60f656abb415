import type { Tab, TestBrowser } from './browser.js';
import { seconds } from './stage.js';

/** Resolves when this expression holds in the page. A page that is hidden asks itself seldom, and so it is asked from here. */
export async function holds(tab: Tab, expression: string): Promise<void> {
  for (const end = Date.now() + 20_000; !(await tab.page.evaluate(expression)); await seconds(0.05))
    if (Date.now() > end) throw new Error(`In vain for 20 s: ${expression}`);
}

/** Puts another page in front until `seen` is called. */
export async function hide(browser: TestBrowser, tab: Tab): Promise<{ seen(): Promise<void> }> {
  const other = await browser.tab('about:blank');
  await other.page.bringToFront();
  await holds(tab, 'document.hidden');
  return {
    async seen() {
      await tab.page.bringToFront();
      await holds(tab, '!document.hidden');
      await other.close();
    },
  };
}
