import type { Translation } from '../../translation';
import type { lightbox as en } from '../en/lightbox';

export const lightbox: Translation<typeof en> = {
  label: '图片',
  position: '第 {{index}} 张，共 {{total}} 张',
  announce: '{{name}}，第 {{index}} 张，共 {{total}} 张',
  previous: '上一张',
  next: '下一张',
  showDetails: '显示详情',
  hideDetails: '隐藏详情',
  details: '详情',
  loadFailed: '无法加载这张图片。',
  moreLikeThis: '找相似图片',
  openFull: '打开原图',
  size: '尺寸',
  sizeValue: '{{width}} × {{height}}（{{megapixels}} MP）',
  format: '格式',
  bytes: '文件大小',
  created: '添加时间',
  noTags: '没有标签',
  place: '所在位置',
  copyPath: '复制路径',
  copied: '已复制',
  missing: '目前找不到这张图片的文件。磁盘是否已连接？',
  keys: '方向键翻页，Esc 键关闭。',
};
