import type { Translation } from '../../translation';
import type { keys as en } from '../en/keys';

export const keys: Translation<typeof en> = {
  groups: {
    everywhere: '所有页面',
    search: '搜索',
    gallery: '图库',
    picture: '查看大图',
    atlas: '图谱',
  },
  actions: {
    help: '显示这个列表',
    close: '关闭最上层的窗口；在图库中取消选择',
    paste: '用剪贴板中的图片搜索',
    move: '移到左、右、上、下的图片',
    row: '本行的第一张或最后一张',
    ends: '第一张或最后一张图片',
    screen: '上翻或下翻一屏',
    open: '查看大图',
    select: '选择图片',
    extend: '连续选择多张，可用任意方向键',
    all: '全选',
    remove: '移除图片或所选图片；在相册中则移出相册',
    order: '在相册中移动图片，可用任意方向键',
    turn: '上一张或下一张',
    firstLast: '第一张或最后一张',
    details: '显示或隐藏详情',
    favorite: '标记或取消收藏',
    rate: '评为 1 到 5 星',
    unrate: '清除评分',
    pan: '移动图谱',
    zoom: '放大或缩小',
    whole: '显示整个图谱',
    next: '从中心向外，下一张或上一张图片',
    opened: '打开标出的图片',
  },
};
