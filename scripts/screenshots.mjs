/**
 * Takes the pictures of the READMEs anew, from a running server that holds the sample gallery and nothing else:
 *
 *     node scripts/screenshots.mjs [http://127.0.0.1:4000]
 */
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { fromRoot } from './lib/paths.mjs';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const TARGET = fromRoot('docs', 'images');
const LOCALES = [
  { suffix: '', locale: 'en-GB' },
  { suffix: '.zh-CN', locale: 'zh-CN' },
];
const PAGES = [
  { name: 'search', path: '/?image=5&k=24', ready: '.result img.loaded' },
  { name: 'gallery', path: '/gallery', ready: '.gallery-cell img.loaded' },
  { name: 'atlas', path: '/atlas', ready: '.atlas-canvas', dark: true },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--disable-background-networking'],
});
await mkdir(TARGET, { recursive: true });
for (const { suffix, locale } of LOCALES)
  for (const { name, path, ready, dark, keys = [] } of PAGES) {
    const page = await browser.newPage({
      locale,
      viewport: { width: 1280, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    });
    await page.goto(url + path, { waitUntil: 'networkidle' });
    await page.locator(ready).first().waitFor();
    for (const key of keys) await page.locator(ready).press(key);
    if (keys.length > 0) await page.locator(ready).blur();
    await page.waitForTimeout(2000); // what fades in, and thumbnails that are made for the first time
    const picture = await page.screenshot();
    await sharp(picture).webp({ quality: 80 }).toFile(`${TARGET}/${name}${suffix}.webp`);
    await page.close();
  }
await browser.close();
