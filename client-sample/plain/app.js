import { ApiError, addToGallery, fetchNewest, fetchPicture, fetchStatus, search } from './api.js';
import { duration, fileSize, hasMessage, locale, number, percent, switchLanguage, t } from './messages.js';
import { frameShape, pictureCard, titleOf } from './picture-card.js';

const POLL_MS = 15_000;
const POLL_BUSY_MS = 2000;
const POLL_OFFLINE_MS = 3000;
const MAX_TITLE_LENGTH = 200;

const $ = (id) => document.getElementById(id);

/**
 * A query is `{ key, file, name, url }` (a picture of the visitor) or `{ key, image }` (one of the gallery).
 * What the page shows follows from this state alone; `render()` may be called at any time.
 */
const state = {
  status: null,
  offline: false,
  query: null,
  searching: false,
  /** Answer of the newest search, and for how many matches it asked. */
  result: null,
  asked: 0,
  /** Newest pictures of the gallery, for the start. */
  newest: null,
  failure: null,
  /** Of the query: null, 'adding', 'added' or 'alreadyThere'. */
  adding: null,
  notice: null,
};

/** Queries of this visit by key, so that Back and Forward find them again. */
const queries = new Map();
let underWay = null;

// Searching

function showQuery(query, { push = true } = {}) {
  if (push) {
    query.key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    queries.set(query.key, query);
    history.pushState({ key: query.key }, '', query.image ? `/?like=${query.image.id}` : '/');
  }
  Object.assign(state, { query, result: null, adding: null, notice: null });
  scrollTo({ top: 0 });
  $('results').focus({ preventScroll: true });
  void runSearch();
}

function showStart({ push = true } = {}) {
  underWay?.abort();
  underWay = null;
  if (push) history.pushState(null, '', '/');
  Object.assign(state, { query: null, result: null, failure: null, adding: null, notice: null });
  state.searching = false;
  render();
  void loadNewest();
}

/** Searches for what the state says; an older search that still runs is given up. */
async function runSearch() {
  const { query } = state;
  underWay?.abort();
  const { signal } = (underWay = new AbortController());
  // A gallery picture is among its own matches: one more is asked for and it is left out.
  const asked = Math.min(count() + (query.image ? 1 : 0), state.status?.limits.maxTopK ?? Infinity);
  Object.assign(state, { searching: true, failure: null });
  render();
  try {
    if (query.file) assertFits(query.file);
    const source = query.file ? { image: query.file } : { imageId: query.image.id };
    const result = await search(source, asked, signal);
    const matches = result.matches.filter(({ image }) => image.id !== query.image?.id);
    const here = query.file && matches.some(({ image }) => image.sha256 === result.analysis.sha256);
    Object.assign(state, { result: { ...result, matches }, asked });
    if (here && state.adding === null) state.adding = 'alreadyThere';
  } catch (error) {
    if (signal.aborted) return;
    const failure = await whyReally(error, query.file);
    if (signal.aborted) return;
    fail(failure, () => void runSearch());
  }
  if (signal.aborted) return;
  state.searching = false;
  render();
}

function assertFits(file) {
  const limit = state.status?.limits.maxUploadBytes;
  if (limit !== undefined && file.size > limit)
    throw new ApiError('IMAGE_TOO_LARGE', { details: { limit, actual: file.size, unit: 'bytes' } });
}

/** A browser tells a file that it can no longer read as it tells a server that is not there. */
async function whyReally(error, file) {
  if (error.code !== 'NETWORK' || !file) return error;
  try {
    await file.slice(0, 1).arrayBuffer();
    return error;
  } catch {
    return new ApiError('FILE_GONE');
  }
}

function fail(error, retry) {
  const failure =
    error instanceof ApiError ? error : new ApiError('UNKNOWN', { details: { code: error.name } });
  if (!(error instanceof ApiError)) console.error(error);
  if (failure.code === 'NETWORK') setOffline(true);
  const retryable = failure.retryable || ['NETWORK', 'INTERNAL_SERVER_ERROR'].includes(failure.code);
  const waitMs = failure.details.retryAfterMs ?? 0;
  state.failure = { error: failure, retry: retryable ? retry : null, readyAt: performance.now() + waitMs };
  if (waitMs > 0) setTimeout(render, waitMs + 50);
}

function takeFile(file, { name = file.name, several = 1 } = {}) {
  showQuery({ file, name, url: URL.createObjectURL(file) });
  if (several > 1) {
    state.notice = { several };
    render();
  }
}

function refuse(code) {
  fail(new ApiError(code), null);
  render();
}

/** The first file of a drop or a paste, or the picture of this gallery whose address was dropped. */
function takeTransfer(transfer, { pasted = false } = {}) {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  if (items[0]?.webkitGetAsEntry?.()?.isDirectory) return refuse('NOT_A_PICTURE');
  const address = transfer.getData('text/uri-list') || transfer.getData('text/plain');
  const id = URL.canParse(address) && own(new URL(address));
  if (id) return void searchById(id);
  const files = [...transfer.files];
  if (files.length > 0) {
    const unnamed = pasted && /^image\.\w+$/.test(files[0].name);
    return takeFile(files[0], { several: files.length, ...(unnamed && { name: null }) });
  }
  if (/^https?:\/\//.test(address)) refuse('NOT_A_FILE');
}

/** The id in the address of a picture of this server. */
const own = ({ origin, pathname }) =>
  origin === location.origin ? (/^\/media\/([^/]+)/.exec(pathname)?.[1] ?? null) : null;

async function searchById(id, options) {
  try {
    const image = await fetchPicture(id);
    if (!image) throw new ApiError('IMAGE_NOT_FOUND');
    showQuery({ image }, options);
  } catch (error) {
    fail(error, () => void searchById(id, options));
    render();
  }
}

async function addQuery() {
  const { query } = state;
  state.adding = 'adding';
  state.failure = null;
  render();
  try {
    const title = (query.name ?? '').replace(/\.\w{1,5}$/, '').slice(0, MAX_TITLE_LENGTH);
    const { created } = await addToGallery(query.file, title);
    if (state.query === query) state.adding = created ? 'added' : 'alreadyThere';
    void refreshStatus();
    state.newest = null;
    if (state.query === query && state.result?.matches.length === 0) return void runSearch();
  } catch (error) {
    if (state.query !== query) return;
    state.adding = null;
    fail(await whyReally(error, query.file), () => void addQuery());
  }
  render();
}

async function loadNewest() {
  try {
    state.newest = await fetchNewest();
  } catch (error) {
    if (state.query === null) fail(error, () => void loadNewest());
  }
  render();
}

// The server's state

let poll = 0;

async function refreshStatus() {
  clearTimeout(poll);
  const before = state.status?.gallerySize;
  try {
    state.status = await fetchStatus();
    if (state.offline) comeBack();
    if (before !== undefined && before !== state.status.gallerySize && !state.query) void loadNewest();
  } catch (error) {
    if (error.code === 'NETWORK') setOffline(true);
  }
  render();
  const busy = state.status?.jobs.some(({ state: job }) => job === 'RUNNING');
  poll = setTimeout(pollStatus, state.offline ? POLL_OFFLINE_MS : busy ? POLL_BUSY_MS : POLL_MS);
}

function pollStatus() {
  if (document.visibilityState === 'visible') void refreshStatus();
}

function setOffline(offline) {
  if (offline && !state.offline) {
    clearTimeout(poll);
    poll = setTimeout(pollStatus, POLL_OFFLINE_MS);
  }
  state.offline = offline;
}

/** What failed for want of a server is done again. */
function comeBack() {
  setOffline(false);
  const { failure } = state;
  if (failure?.error.code === 'NETWORK') {
    state.failure = null;
    failure.retry?.();
  } else if (!state.query && !state.newest) void loadNewest();
}

// What is shown

const count = () => Number($('count').value);
const minSimilarity = () => Number($('min-similarity').value) / 100;

function render() {
  document.documentElement.lang = locale();
  document.title = t('title');
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = t(node.dataset.text);
  for (const node of document.querySelectorAll('[data-label]')) node.ariaLabel = t(node.dataset.label);
  $('language').textContent = t('otherLanguage');
  $('language').lang = locale() === 'en' ? 'zh' : 'en';
  $('main').dataset.phase = state.query ? 'query' : 'start';
  renderServer();
  renderQuery();
  renderFailure();
  renderResults();
}

function renderServer() {
  const { status, offline } = state;
  $('offline').hidden = !offline;
  $('offline-text').textContent = t('offline');
  const job = status?.jobs.find(({ state: job }) => job === 'RUNNING');
  $('gallery-size').textContent = !status
    ? ''
    : job
      ? t(job.total === null ? 'importing.counting' : 'importing', { done: job.done, total: job.total })
      : t('gallerySize', { count: status.gallerySize });
  $('model').textContent = status ? t('model', status.model) : '';
  $('formats').textContent = status
    ? t('formats.limit', { size: fileSize(status.limits.maxUploadBytes) })
    : t('formats');
}

function renderQuery() {
  const { query, result, searching, adding, notice } = state;
  $('start').hidden = query !== null;
  $('panel').hidden = query === null;
  if (query === null) return;

  const name = query.image ? titleOf(query.image) : (query.name ?? t('pasted'));
  const source = query.image?.large ?? query.url;
  const preview = $('preview');
  if (preview.getAttribute('src') !== source) {
    preview.hidden = false;
    $('preview-missing').hidden = true;
    // Of an upload the shape is known once the browser has read it, which is at once.
    $('preview-frame').style.setProperty('--frame', query.image ? frameShape([query.image]) : 4 / 3);
    preview.src = source;
  }
  preview.alt = t('previewAlt', { name });
  $('preview-missing').textContent = state.failure ? '' : t('previewMissing');
  $('query-name').textContent = name;
  $('query-facts').textContent = [
    query.image ? t('fromGallery') : null,
    result ? `${result.analysis.width} × ${result.analysis.height}` : null,
    result?.analysis.format.toUpperCase(),
    query.file ? fileSize(query.file.size) : null,
  ]
    .filter(Boolean)
    .join(' · ');

  // Offered once the server has read the picture: of a broken one the search says so.
  $('add').hidden = !query.file || (!result && !searching) || adding === 'added' || adding === 'alreadyThere';
  $('add').disabled = adding === 'adding' || !result;
  $('add').textContent = t(adding === 'adding' ? 'adding' : 'add');
  say(
    'add-note',
    adding === 'added' || adding === 'alreadyThere'
      ? t(adding)
      : notice
        ? t('severalFiles', { count: notice.several })
        : '',
  );
  $('min-similarity-value').textContent = percent(minSimilarity(), 0);
  $('min-similarity').ariaValueText = percent(minSimilarity(), 0);
}

function renderFailure() {
  const { failure, offline } = state;
  // While there is no server the banner says so, and what failed is done again when it is back.
  const told = offline && failure?.error.code === 'NETWORK';
  $('failure').hidden = failure === null || told;
  if (failure === null || told) return;
  const { error, retry, readyAt } = failure;
  $('failure').dataset.code = error.code;
  say('failure-text', sentenceOf(error));
  $('failure-id').textContent = error.errorId ? t('errorId', { id: error.errorId }) : '';
  $('retry').hidden = retry === null;
  $('retry').disabled = performance.now() < readyAt;
}

function sentenceOf({ code, details }) {
  const amount = (value) =>
    details.unit === 'pixels' ? number(value / 1e6, { maximumFractionDigits: 1 }) + ' MP' : fileSize(value);
  return t(hasMessage(`error.${code}`) ? `error.${code}` : 'error.UNKNOWN', {
    ...details,
    code,
    seconds: Math.max(1, Math.ceil((details.retryAfterMs ?? 1000) / 1000)),
    ...(code === 'IMAGE_TOO_LARGE' && { limit: amount(details.limit), actual: amount(details.actual) }),
  });
}

/** Sets a live region only when its words change, so that it is not read out again and again. */
function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

let drawn = {};

function renderResults() {
  const { query, result, newest, searching, failure } = state;
  $('results').ariaBusy = String(searching);
  $('searching').hidden = !searching;
  $('searching').ariaLabel = t('searching');
  $('results-head').hidden = query ? failure !== null && !result : !newest?.length;
  $('results-title').textContent = t(query ? 'results' : 'newest');

  const matches = query
    ? (result?.matches.slice(0, count()) ?? [])
    : (newest ?? []).map((image) => ({ image }));
  const list = query ? result : newest;
  if (drawn.list !== list || drawn.length !== matches.length || drawn.locale !== locale()) {
    drawn = { list, length: matches.length, locale: locale() };
    $('grid').style.setProperty('--frame', frameShape(matches.map(({ image }) => image)));
    $('grid').replaceChildren(
      ...matches.map(({ image, similarity }) =>
        pictureCard({
          image,
          similarity,
          sameFile: Boolean(query?.file) && image.sha256 === result.analysis.sha256,
          onMoreLike: (image) => showQuery({ image }),
        }),
      ),
    );
  }
  const minimum = query ? minSimilarity() : 0;
  // As it is written on the card: 99.96 % reads 100.0 %, and then 100 % has to let it through.
  const passes = ({ similarity = 1 }) => Math.round(similarity * 1000) >= Math.round(minimum * 1000);
  matches.forEach((match, i) => ($('grid').children[i].hidden = !passes(match)));
  const shown = matches.filter(passes).length;

  say('summary', summaryOf(matches.length, shown, minimum));
  if (result) {
    const { decodeMs, embedMs, searchMs } = result.analysis.timings;
    const round = Math.round;
    $('summary').title = t('timings', {
      decode: round(decodeMs),
      embed: round(embedMs),
      search: round(searchMs),
    });
  }

  const empty = searching || failure || list === null ? null : emptinessOf(matches, shown, minimum);
  $('empty').hidden = empty === null;
  say('empty-text', empty ?? '');
  $('empty-action').hidden = !(query && matches.length > 0);
  $('empty-action').textContent = t('showAll');
}

function summaryOf(matches, shown, minimum) {
  const { query, result, searching, newest } = state;
  if (searching) return t('searching');
  if (!query) return newest?.length > 0 ? t('newestHint') : '';
  if (!result || matches === 0) return '';
  if (shown < matches)
    return t('summaryHidden', {
      shown,
      count: matches,
      hidden: matches - shown,
      minimum: percent(minimum, 0),
    });
  return t('summary', { count: matches, time: duration(result.analysis.timings.totalMs) });
}

/** Why no picture is shown, or null when one is. */
function emptinessOf(matches, shown, minimum) {
  if (shown > 0) return null;
  if (!state.query) return t('emptyGallery');
  if (matches.length > 0)
    return t('noneAbove', { minimum: percent(minimum, 0), best: percent(matches[0].similarity) });
  return t(state.status?.gallerySize === 0 ? 'emptyGalleryQuery' : 'noMatches');
}

// What the visitor does

const chooseFile = () => $('file').click();
$('choose').addEventListener('click', chooseFile);
$('choose-other').addEventListener('click', chooseFile);
$('file').addEventListener('change', () => {
  const [file] = $('file').files;
  $('file').value = ''; // the same file may be chosen again
  if (file) takeFile(file);
});
$('clear').addEventListener('click', () => {
  showStart();
  $('choose').focus();
});
$('home').addEventListener('click', (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showStart();
});
$('add').addEventListener('click', () => void addQuery());
$('retry').addEventListener('click', () => {
  const { retry } = state.failure;
  state.failure = null;
  retry();
});
$('min-similarity').addEventListener('input', render);
$('empty-action').addEventListener('click', () => {
  $('min-similarity').value = '0';
  render();
});
$('count').addEventListener('change', () => {
  const { query, result, asked } = state;
  const wanted = count() + (query?.image ? 1 : 0);
  // Fewer are there already; more are not when the whole gallery was.
  if (result && (wanted <= asked || result.matches.length + (query.image ? 1 : 0) < asked)) render();
  else if (query) void runSearch();
});
$('language').addEventListener('click', () => {
  switchLanguage();
  render();
});
$('reconnect').addEventListener('click', () => void refreshStatus());
$('preview').addEventListener('load', () => {
  const { naturalWidth: width, naturalHeight: height } = $('preview');
  $('preview-frame').style.setProperty('--frame', frameShape([{ width, height }]));
});
$('preview').addEventListener('error', () => {
  $('preview').hidden = true;
  $('preview-missing').hidden = false;
});

const carriesPicture = ({ types }) => types.includes('Files') || types.includes('text/uri-list');
addEventListener('dragenter', (event) => {
  if (carriesPicture(event.dataTransfer)) $('drop').hidden = false;
});
addEventListener('dragover', (event) => {
  if (carriesPicture(event.dataTransfer)) event.preventDefault();
});
$('drop').addEventListener('dragleave', () => ($('drop').hidden = true));
addEventListener('drop', (event) => {
  $('drop').hidden = true;
  if (!carriesPicture(event.dataTransfer)) return;
  event.preventDefault();
  takeTransfer(event.dataTransfer);
});
addEventListener('paste', (event) => takeTransfer(event.clipboardData, { pasted: true }));

addEventListener('popstate', () => open());
addEventListener('online', () => void refreshStatus());
document.addEventListener('visibilitychange', pollStatus);

/** Shows what the address and the history entry name. */
function open() {
  const query = queries.get(history.state?.key);
  const id = new URLSearchParams(location.search).get('like');
  if (query) showQuery(query, { push: false });
  else if (id) void searchById(id, { push: false });
  else showStart({ push: false });
}

render();
void refreshStatus();
open();
