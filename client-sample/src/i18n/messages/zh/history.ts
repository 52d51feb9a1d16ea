import type { Translation } from '../../translation';
import type { history as en } from '../en/history';

export const history: Translation<typeof en> = {
  title: '历史',
  count: '{{number}} 次搜索',
  hint: '这里是在此浏览器中进行过的搜索，匹配结果为当时所见。其他人看不到这份列表。',
  empty: '还没有搜索记录',
  emptyHint: '每次以图搜索都会保存在这里，包括查询图片的缩略图和最佳匹配。',
  toSearch: '以图搜索',
  ownPicture: '你的图片',
  entry: '{{when}} 以“{{name}}”搜索',
  again: '再次搜索',
  againWith: '再次以“{{name}}”搜索（{{when}}）',
  matches: '最佳匹配',
  match: '找与“{{name}}”相似的图片，相似度',
  noMatches: '没有匹配结果，或当时的匹配已不在图库中。',
  remove: '移除 {{when}} 以“{{name}}”进行的搜索',
  removeShort: '从历史中移除',
  removed: '已移除该搜索记录。',
  removeFailed: '未能移除该搜索记录。',
  clear: '清空历史…',
  clearTitle: '清空搜索历史？',
  clearQuestion: '将永久删除 {{number}} 条搜索记录及其缩略图。图库不受影响。',
  clearAll: '清空历史',
};
