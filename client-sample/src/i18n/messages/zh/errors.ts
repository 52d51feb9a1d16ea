import type { Translation } from '../../translation';
import type { errors as en } from '../en/errors';

export const errors: Translation<typeof en> = {
  BAD_USER_INPUT: '服务器不接受 {{path}}：应为 {{rule}}。请刷新页面后重试。',
  IMAGE_TOO_LARGE: '图片太大：{{actual}}，上限为 {{limit}}。请换一张较小的图片，或先把它缩小。',
  IMAGE_UNSUPPORTED:
    '无法识别这种图片格式。请选择 JPEG、PNG、WebP、GIF、AVIF 或 TIFF；HEIC 照片请先导出为 JPEG。',
  IMAGE_UNREADABLE: '图片已损坏或不完整。请用其他软件打开并另存一份再试，或换一张图片。',
  FILE_CHANGED: '读取时文件正在被写入。请在写入完成后重新导入。',
  FOLDER_UNREADABLE: '服务器无法读取这个文件夹。请联系管理员。',
  IMAGE_NOT_FOUND: '这张图片已不在图库中。请返回，或换一张图片重新开始。',
  IMAGE_FILE_MISSING: '服务器上这张图片的文件缺失或已损坏。重新添加同一张图片即可恢复。',
  UNAUTHENTICATED: '服务器需要确认你的身份。请按管理员的说明登录，然后刷新页面。',
  FORBIDDEN: '你没有权限执行此操作。请联系服务器管理员。',
  HOST_NOT_ALLOWED: '服务器不接受这个网址。请联系管理员把它的主机名加入 ALLOWED_HOSTS 设置。',
  QUERY_TOO_COMPLEX: '一次请求的内容太多。请减少结果数量。',
  RATE_LIMITED: '请求过于频繁。请等待 {{seconds}} 秒后重试。',
  SERVER_BUSY: '服务器正忙。请等待 {{seconds}} 秒后重试。',
  FILE_TOO_LARGE: '文件太大：{{actual}}，上限为 {{limit}}。',
  STORAGE_FULL: '服务器的磁盘已满。请联系管理员清理空间后重试。',
  SHUTTING_DOWN: '服务器正在停止。请在它恢复后重试。',
  MEDIA_UNAVAILABLE: '服务器暂时无法使用图片文件夹。请稍后重试；如果一直如此，请告知管理员。',
  REQUEST_TIMEOUT: '处理时间过长，已停止。请重试，或换一张较小的图片。',
  REQUEST_CANCELLED: '请求在得到回答之前被取消了。请重试。',
  INTERNAL_SERVER_ERROR: '服务器出错了。请重试；如果仍然失败，请把下面的编号告诉管理员。',
  PROTOCOL: '页面与服务器的版本不一致。请刷新页面。',
  NETWORK: '服务器没有响应。请确认它正在运行且可以访问，然后重试。',
  UNKNOWN: '服务器返回了意外的结果（{{code}}）。请刷新页面后重试。',
  FILE_GONE: '文件已被修改或不存在。请重新选择。',
  NOT_A_PICTURE: '这不是图片文件。请选择、拖入或粘贴一张图片。',
  NOT_A_FILE: '只收到了图片的地址。请先保存图片再选择该文件，或复制图片本身后粘贴。',
  errorId: '编号：{{id}}',
};
