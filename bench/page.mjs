/**
 * What a visitor waits for: the pages of the web client in headless Chromium, each loaded anew with an empty cache, over
 * loopback and with the CPU slowed down four times (as Lighthouse does for a phone).
 *
 *     node bench/page.mjs [url of a running server]
 */
import { chromium } from 'playwright-core';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const PAGES = ['/', '/gallery', '/atlas', '/history', '/status'];
const RUNS = 3;
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
});

/** Paints, layout shift and blocking as the page itself sees them (https://web.dev/articles/vitals). */
/* global PerformanceObserver -- runs in the page */
function observe() {
  const seen = { lcp: 0, cls: 0, blocked: 0 };
  globalThis.seen = seen;
  const watch = (type, each) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true });
  watch('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime));
  watch('layout-shift', (entry) => (seen.cls += entry.hadRecentInput ? 0 : entry.value));
  watch('longtask', (entry) => (seen.blocked += Math.max(0, entry.duration - 50)));
}

async function measure(path, slowdown) {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, deviceScaleFactor: 2 });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  await session.send('Network.enable');
  let script = 0;
  const scripts = new Set();
  session.on(
    'Network.responseReceived',
    ({ requestId, type }) => type === 'Script' && scripts.add(requestId),
  );
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) script += encodedDataLength;
  });
  await page.addInitScript(observe);
  await page.goto(url + path, { waitUntil: 'networkidle' });
  const { lcp, cls, blocked, fcp } = await page.evaluate(() => ({
    ...globalThis.seen,
    fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
  }));
  await context.close();
  return { fcp, lcp, cls, blocked, script: script / 1024 };
}

const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];

console.log('CPU     page       first paint  largest paint  blocked  layout shift  scripts');
for (const slowdown of [1, 4])
  for (const path of PAGES) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) runs.push(await measure(path, slowdown));
    const of = (name) => middle(runs.map((run) => run[name]));
    console.log(
      [
        `1/${slowdown}`.padEnd(6),
        path.padEnd(9),
        `${of('fcp').toFixed(0)} ms`.padStart(12),
        `${of('lcp').toFixed(0)} ms`.padStart(14),
        `${of('blocked').toFixed(0)} ms`.padStart(8),
        of('cls').toFixed(3).padStart(13),
        `${of('script').toFixed(0)} KB`.padStart(8),
      ].join(' '),
    );
  }
await browser.close();
