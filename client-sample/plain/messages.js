/**
 * Every sentence of the page, in English and Chinese. `{name}` is filled in; a key with `.one` beside it is used for
 * a `count` of one. `error.<CODE>` says what happened and what to do, for every code a client can receive.
 */
export const MESSAGES = {
  en: {
    title: 'Likeness: which of my pictures look like this one?',
    skip: 'Skip to the results',
    links: 'Links',
    query: 'Query picture',
    playground: 'API playground',
    otherLanguage: '中文',
    question: 'Which of my pictures look like this one?',
    dropHint: 'Drop a picture anywhere on this page, paste one, or',
    choose: 'Choose a picture',
    chooseOther: 'Another picture',
    clear: 'Start over',
    formats: 'JPEG, PNG, WebP, GIF, AVIF or TIFF',
    'formats.limit': 'JPEG, PNG, WebP, GIF, AVIF or TIFF, up to {size}',
    dropNow: 'Drop the picture to search',
    gallerySize: '{count} pictures in the gallery',
    'gallerySize.one': '1 picture in the gallery',
    importing: 'Pictures are being added: {done} of {total}',
    'importing.counting': 'Pictures are being added: {done} so far',
    model: 'Model: {id}. {description}',
    privacy:
      'Pictures are sent to this server and nowhere else. A search does not add its picture to the gallery; the server keeps a thumbnail of it in the history of your searches.',
    offline:
      'The server does not answer. Check that it is running (npm start) and reachable. This page tries again by itself.',
    tryNow: 'Try now',
    retry: 'Try again',
    searching: 'Searching …',
    results: 'Matches',
    newest: 'Newest in the gallery',
    newestHint: 'Or start from one of these.',
    summary: '{count} matches in {time}',
    'summary.one': '1 match in {time}',
    summaryHidden: '{shown} of {count} matches; {hidden} below {minimum}',
    milliseconds: '{value} ms',
    seconds: '{value} s',
    timings: 'decoded {decode} ms, embedded {embed} ms, searched {search} ms',
    noMatches: 'Nothing in the gallery resembles this picture.',
    noneAbove: 'No match has a similarity of {minimum} or more. The best one has {best}.',
    showAll: 'Show all matches',
    emptyGallery:
      'The gallery is empty, so there is nothing to compare with yet. Choose a picture and press “Add to gallery”, or add a whole folder from the command line as the README shows.',
    emptyGalleryQuery: 'The gallery is empty. Add this picture to begin it.',
    minSimilarity: 'Minimum similarity',
    minSimilarityHelp: 'What counts as high differs from picture to picture.',
    count: 'Number of results',
    similarity: 'Similarity',
    similarityOf: 'Similarity {percent} (cosine {value})',
    sameFile: 'Same file',
    untitled: 'Untitled',
    moreLike: 'More like this',
    moreLikeTitle: 'More like {title}',
    openOriginal: 'Open {title} in full size (new tab)',
    fromGallery: 'From the gallery',
    previewAlt: 'The query picture: {name}',
    previewMissing: 'Your browser cannot show this format. The search works all the same.',
    pasted: 'Pasted picture',
    add: 'Add to gallery',
    adding: 'Adding …',
    added: 'Added. It can be found from now on.',
    alreadyThere: 'This file is in the gallery already.',
    severalFiles: 'Searched by the first of {count} files.',
    'error.BAD_USER_INPUT':
      'The server did not accept {path}: it expects {rule}. Reload the page and try again.',
    'error.IMAGE_TOO_LARGE':
      'This picture is too large: {actual}, and the limit is {limit}. Choose a smaller one, or make this one smaller first.',
    'error.IMAGE_UNSUPPORTED':
      'This is not a picture of a known format. Choose a JPEG, PNG, WebP, GIF, AVIF or TIFF; export HEIC photos as JPEG.',
    'error.IMAGE_UNREADABLE':
      'This picture is damaged or incomplete. Open it in another program, save it anew and try that copy, or choose another one.',
    'error.IMAGE_NOT_FOUND':
      'This picture is no longer in the gallery. Go back, or start over with another one.',
    'error.UNAUTHENTICATED':
      'The server wants to know who you are. Sign in as its operator told you, then reload.',
    'error.FORBIDDEN': 'You are not allowed to do this here. Ask the operator of the server.',
    'error.QUERY_TOO_COMPLEX': 'This asks too much at once. Choose a smaller number of results.',
    'error.RATE_LIMITED': 'Too many requests. Wait {seconds} s, then try again.',
    'error.SERVER_BUSY': 'The server has its hands full. Wait {seconds} s, then try again.',
    'error.INDEX_NOT_READY': 'The server is still opening its index. Wait {seconds} s, then try again.',
    'error.SHUTTING_DOWN': 'The server is stopping. Try again when it is back.',
    'error.REQUEST_TIMEOUT': 'This took too long and was stopped. Try again, or try a smaller picture.',
    'error.INTERNAL_SERVER_ERROR':
      'Something went wrong on the server. Try again; if it stays, give its operator the number below.',
    'error.PROTOCOL': 'This page and the server are of different versions. Reload the page.',
    'error.NETWORK': 'The server did not answer. Check that it is running and reachable, then try again.',
    'error.UNKNOWN': 'The server answered something unexpected ({code}). Reload the page and try again.',
    'error.FILE_GONE': 'The file was changed or is no longer there. Choose it again.',
    'error.NOT_A_PICTURE': 'That is no picture file. Choose, drop or paste a picture.',
    'error.NOT_A_FILE':
      'Only the address of a picture arrived. Save the picture first and choose the file, or copy the picture itself and paste it.',
    errorId: 'Number: {id}',
  },
  zh: {
    title: 'Likeness：我的哪些图片与它相似？',
    skip: '跳到结果',
    links: '链接',
    query: '查询图片',
    playground: 'API 调试台',
    otherLanguage: 'English',
    question: '我的哪些图片与它相似？',
    dropHint: '把图片拖到页面任意位置、直接粘贴，或者',
    choose: '选择图片',
    chooseOther: '换一张',
    clear: '重新开始',
    formats: '支持 JPEG、PNG、WebP、GIF、AVIF、TIFF',
    'formats.limit': '支持 JPEG、PNG、WebP、GIF、AVIF、TIFF，最大 {size}',
    dropNow: '松开即可搜索',
    gallerySize: '图库中有 {count} 张图片',
    importing: '正在添加图片：{done} / {total}',
    'importing.counting': '正在添加图片：已完成 {done} 张',
    model: '模型：{id}。{description}',
    privacy: '图片只会发送到这台服务器。搜索不会把查询图片加入图库；服务器会在你的搜索历史中保留它的缩略图。',
    offline: '服务器没有响应。请确认它正在运行（npm start）且可以访问。本页面会自动重试。',
    tryNow: '立即重试',
    retry: '重试',
    searching: '正在搜索……',
    results: '匹配结果',
    newest: '图库中最新的图片',
    newestHint: '也可以从其中一张开始。',
    summary: '{count} 个匹配，用时 {time}',
    summaryHidden: '显示 {count} 个匹配中的 {shown} 个；{hidden} 个低于 {minimum}',
    milliseconds: '{value} 毫秒',
    seconds: '{value} 秒',
    timings: '解码 {decode} 毫秒，计算向量 {embed} 毫秒，检索 {search} 毫秒',
    noMatches: '图库中没有与它相似的图片。',
    noneAbove: '没有相似度达到 {minimum} 的匹配，最高为 {best}。',
    showAll: '显示全部匹配',
    emptyGallery:
      '图库还是空的，暂时没有可比较的图片。请选择一张图片并点击“加入图库”，或按 README 的说明用命令行添加整个文件夹。',
    emptyGalleryQuery: '图库还是空的。把这张图片加入图库，作为第一张吧。',
    minSimilarity: '最低相似度',
    minSimilarityHelp: '多高才算相似，因图片而异。',
    count: '结果数量',
    similarity: '相似度',
    similarityOf: '相似度 {percent}（余弦 {value}）',
    sameFile: '同一文件',
    untitled: '无标题',
    moreLike: '找相似图片',
    moreLikeTitle: '找与“{title}”相似的图片',
    openOriginal: '查看原图：{title}（新标签页）',
    fromGallery: '来自图库',
    previewAlt: '查询图片：{name}',
    previewMissing: '浏览器无法显示这种格式，但不影响搜索。',
    pasted: '粘贴的图片',
    add: '加入图库',
    adding: '正在加入……',
    added: '已加入图库，现在可以搜索到它了。',
    alreadyThere: '这个文件已经在图库中。',
    severalFiles: '共 {count} 个文件，仅用第一个进行搜索。',
    'error.BAD_USER_INPUT': '服务器不接受 {path}：应为 {rule}。请刷新页面后重试。',
    'error.IMAGE_TOO_LARGE': '图片太大：{actual}，上限为 {limit}。请换一张较小的图片，或先把它缩小。',
    'error.IMAGE_UNSUPPORTED':
      '无法识别这种图片格式。请选择 JPEG、PNG、WebP、GIF、AVIF 或 TIFF；HEIC 照片请先导出为 JPEG。',
    'error.IMAGE_UNREADABLE': '图片已损坏或不完整。请用其他软件打开并另存一份再试，或换一张图片。',
    'error.IMAGE_NOT_FOUND': '这张图片已不在图库中。请返回，或换一张图片重新开始。',
    'error.UNAUTHENTICATED': '服务器需要确认你的身份。请按管理员的说明登录，然后刷新页面。',
    'error.FORBIDDEN': '你没有权限执行此操作。请联系服务器管理员。',
    'error.QUERY_TOO_COMPLEX': '一次请求的内容太多。请减少结果数量。',
    'error.RATE_LIMITED': '请求过于频繁。请等待 {seconds} 秒后重试。',
    'error.SERVER_BUSY': '服务器正忙。请等待 {seconds} 秒后重试。',
    'error.INDEX_NOT_READY': '服务器正在打开索引。请等待 {seconds} 秒后重试。',
    'error.SHUTTING_DOWN': '服务器正在停止。请在它恢复后重试。',
    'error.REQUEST_TIMEOUT': '处理时间过长，已停止。请重试，或换一张较小的图片。',
    'error.INTERNAL_SERVER_ERROR': '服务器出错了。请重试；如果仍然失败，请把下面的编号告诉管理员。',
    'error.PROTOCOL': '页面与服务器的版本不一致。请刷新页面。',
    'error.NETWORK': '服务器没有响应。请确认它正在运行且可以访问，然后重试。',
    'error.UNKNOWN': '服务器返回了意外的结果（{code}）。请刷新页面后重试。',
    'error.FILE_GONE': '文件已被修改或不存在。请重新选择。',
    'error.NOT_A_PICTURE': '这不是图片文件。请选择、拖入或粘贴一张图片。',
    'error.NOT_A_FILE': '只收到了图片的地址。请先保存图片再选择该文件，或复制图片本身后粘贴。',
    errorId: '编号：{id}',
  },
};

const LOCALES = { en: 'en', zh: 'zh-CN' };
const STORED = 'likeness.language';

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage may be forbidden; the browser's own language is then right every time
  }
}

/** What was chosen here before, else the first of the browser's languages that the page speaks. */
function initialLanguage() {
  const known = [stored(), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return known.find((tag) => tag in MESSAGES) ?? 'en';
}

let language = initialLanguage();

export const locale = () => LOCALES[language];

export function switchLanguage() {
  language = language === 'en' ? 'zh' : 'en';
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // as above
  }
}

/** The sentence of `key` with its values; numbers are written as the language does. */
export function t(key, values = {}) {
  const messages = MESSAGES[language];
  const text = (values.count === 1 && messages[`${key}.one`]) || messages[key];
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === 'number' ? number(value) : (value ?? '');
  });
}

export const hasMessage = (key) => key in MESSAGES[language];

export const number = (value, options) => new Intl.NumberFormat(locale(), options).format(value);

/** 0..1 as a percentage with one decimal. */
export const percent = (value, digits = 1) =>
  number(value, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });

/** A time in the unit that suits it. */
export function duration(ms) {
  return ms < 1000
    ? t('milliseconds', { value: Math.max(1, Math.round(ms)) })
    : t('seconds', { value: Math.round(ms / 100) / 10 });
}

/** A file size in the unit that suits it, in the steps of 1024 that file managers and the server's limit use. */
export function fileSize(bytes) {
  const [value, unit] =
    bytes < 1024
      ? [bytes, 'byte']
      : bytes < 1024 ** 2
        ? [bytes / 1024, 'kilobyte']
        : [bytes / 1024 ** 2, 'megabyte'];
  return number(value, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 });
}
