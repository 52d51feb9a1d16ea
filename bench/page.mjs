/**
 * Waiting times of a visitor: the pages of the web client in headless Chromium, each loaded with an empty cache, over
 * loopback and with the CPU slowed down four times (as Lighthouse does for a phone); then how soon a dropped picture appears.
 *
 *     node bench/page.mjs [url of a running server]
 */
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';

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

/** A separate window with the processor slowed down. */
async function openWindow(slowdown, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  return { context, page, session };
}

async function measure(path, slowdown) {
  const { context, page, session } = await openWindow(slowdown, {
    viewport: { width: 412, height: 823 },
    deviceScaleFactor: 2,
  });
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

/**
 * Time from the drop of a picture to the frame that shows it, and the part of the page's own code, in ms. `held`: it is sent
 * only afterwards, as with a slow or distant server; otherwise the server processes it meanwhile on the same processors, and
 * the page its answer.
 */
async function measureDrop(bytes, slowdown, held) {
  const { context, page } = await openWindow(slowdown, { viewport: { width: 1280, height: 800 } });
  await page.goto(url, { waitUntil: 'networkidle' });
  let send = () => {};
  let sent = Promise.resolve();
  await page.route('**/graphql', async (route) => {
    const { 'content-type': type = '' } = route.request().headers();
    if (type.startsWith('multipart/')) await sent;
    await route.continue();
  });
  const times = [];
  for (let run = 0; run < 7; run++) {
    if (held) sent = new Promise((resolve) => (send = resolve));
    times.push(await page.evaluate(dropAndWait, [bytes.toString('base64'), `picture ${run}.jpg`]));
    send();
    await page.locator('.search-results[aria-busy=false] .result-title').first().waitFor();
    await page.waitForLoadState('networkidle');
  }
  await context.close();
  return times;
}

/* global atob, DataTransfer, DragEvent, File, document, requestAnimationFrame -- runs in the page */
async function dropAndWait([base64, name]) {
  const data = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([data], name, { type: 'image/jpeg' }));
  const target = document.querySelector('main');
  for (const type of ['dragenter', 'dragover'])
    target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  await new Promise(requestAnimationFrame);
  const start = performance.now();
  target.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
  const own = performance.now() - start;
  for (;;) {
    const image = document.querySelector('.query-preview img');
    if (image?.alt.includes(name)) {
      await image.decode();
      await new Promise(requestAnimationFrame);
      return { own, seen: performance.now() - start };
    }
    await new Promise(requestAnimationFrame);
  }
}

const sample = fileURLToPath(
  new URL('../sample-gallery/balloons/01-rainbow-balloon-in-a-blue-sky.jpg', import.meta.url),
);
console.log(
  '\nCPU     dropped picture        own code  seen, sent after it  seen, sent at once (middle, longest of 7)',
);
for (const slowdown of [1, 4])
  for (const [width, height] of [
    [800, 600],
    [2000, 1500],
    [4000, 3000],
  ]) {
    const bytes = await sharp(sample).resize(width, height).jpeg({ quality: 90 }).toBuffer();
    const held = await measureDrop(bytes, slowdown, true);
    const atOnce = await measureDrop(bytes, slowdown, false);
    const told = (times) => {
      const seen = times.map((time) => time.seen);
      return `${middle(seen).toFixed(0)} ms, ${Math.max(...seen).toFixed(0)} ms`;
    };
    console.log(
      [
        `1/${slowdown}`.padEnd(7),
        `${width} x ${height}, ${(bytes.length / 1e6).toFixed(1)} MB`.padEnd(22),
        `${middle(held.map(({ own }) => own)).toFixed(0)} ms`.padStart(8),
        told(held).padStart(20),
        told(atOnce).padStart(20),
      ].join(' '),
    );
  }
await browser.close();
