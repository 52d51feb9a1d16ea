import type { Translation } from '../../translation';
import type { atlas as en } from '../en/atlas';

export const atlas: Translation<typeof en> = {
  title: '图谱',
  intro: '整个图库一览：模型认为越相似的图片，位置越接近。',
  canvas: '图库的分布图',
  keys: '方向键移动，加号和减号缩放，0 显示全部。先用 Tab 键聚焦到图上，再用 N 和 P 按离中心的远近切换图片，回车打开选中的图片。',
  count_other: '{{count}} 张图片',
  missing_other: '还有 {{count}} 张新图片尚未出现在图中。',
  computing: '正在绘制图谱。一千张图片需要几秒，上万张需要一两分钟。',
  refreshing: '正在绘制更新的图谱……',
  empty: '至少要有三张图片才能绘制图谱。',
  emptyHint: '去图库添加图片',
  method: { umap: '布局：UMAP', pca: '布局：主成分' },
  zoomIn: '放大',
  zoomOut: '缩小',
  reset: '显示全部',
  place: '放入一张图片',
  placing: '正在寻找它的位置……',
  placed: '标记处是你的图片，连线指向与它最相似的图片。',
  query: '你的图片',
  clear: '移除',
  moreLike: '找相似图片',
  open: '查看原图',
  close: '关闭图片详情',
  dropNow: '松开以寻找它的位置',
};
