import { describe } from '@jest/globals';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';
import { LIMITS } from './limits.js';

/** The shell first: what has no window to draw needs an eighth less of the processor. */
const NAMES = [
  'chromium-headless-shell',
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
];

/** Without a GPU, a sandbox or a large /dev/shm (containers), and silent: nothing but what the page itself asks for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Two processes less for each browser, more than a tenth of what its tests cost.
  '--enable-features=NetworkServiceInProcess2',
  '--in-process-gpu',
  // No page of a test lives long enough to make up for what compiling its code for speed costs.
  '--js-flags=--no-maglev,--no-turbofan,--no-sparkplug',
];

function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [
    process.env['CHROMIUM'],
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ].find((path) => path !== undefined && existsSync(path));
}

const executablePath = findChromium();

/** A suite that needs a browser: left out on a machine without one, but never in CI. */
export const describeInBrowser =
  executablePath === undefined && process.env['CI'] === undefined ? describe.skip : describe;

/** @throws Error that says what to install */
export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) {
    throw new Error(
      'The browser tests need Chromium: `apt-get install chromium`, or its path in the variable CHROMIUM.',
    );
  }
  return chromium.launch({ executablePath, args: ARGUMENTS, timeout: LIMITS.browserMs });
}

/** A window of its own that takes down everything a visitor's console would show as wrong. */
export class TestWindow {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Page errors, console errors and warnings, requests to another origin; empty when all is well. */
  readonly problems: string[] = [];

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.context = context;
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        this.problems.push(`console ${message.type()}: ${message.text()}`);
    });
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.host !== new URL(origin).host)
        this.problems.push(`foreign request: ${url.href}`);
    });
  }

  /** Takes out the problems that a test has caused itself; there has to be one of them. */
  async expectProblem(pattern: RegExp): Promise<void> {
    if (!this.problems.some((problem) => pattern.test(problem)))
      await this.page.waitForEvent('console', (message) => pattern.test(message.text()));
    const others = this.problems.filter((problem) => !pattern.test(problem));
    this.problems.splice(0, Infinity, ...others);
  }

  /** @param origin of the server under test, the only one the page may ask */
  static async open(
    browser: Browser,
    origin: string,
    options: BrowserContextOptions = {},
  ): Promise<TestWindow> {
    const context = await browser.newContext({
      locale: 'en-GB',
      baseURL: origin,
      reducedMotion: 'reduce', // what fades in takes time and shows nothing that a test looks at
      ...options,
    });
    context.setDefaultTimeout(LIMITS.browserMs);
    return new TestWindow(context, await context.newPage(), origin);
  }
}
