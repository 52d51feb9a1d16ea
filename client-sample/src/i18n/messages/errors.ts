import type { Translation } from '../translation';

/** For every code that a client can receive, and for what only a page can run into: what happened and what to do. */
export const en = {
  BAD_USER_INPUT: 'The server did not accept {{path}}: it expects {{rule}}. Reload the page and try again.',
  IMAGE_TOO_LARGE:
    'This picture is too large: {{actual}}, and the limit is {{limit}}. Choose a smaller one, or make this one smaller first.',
  IMAGE_UNSUPPORTED:
    'This is not a picture of a known format. Choose a JPEG, PNG, WebP, GIF, AVIF or TIFF; export HEIC photos as JPEG.',
  IMAGE_UNREADABLE:
    'This picture is damaged or incomplete. Open it in another program, save it anew and try that copy, or choose another one.',
  FILE_CHANGED: 'A file was being written to while it was read. Import it again when it is complete.',
  FOLDER_UNREADABLE: 'The server cannot read this folder. Ask its operator.',
  IMAGE_NOT_FOUND: 'This picture is no longer in the gallery. Go back, or start over with another one.',
  IMAGE_FILE_MISSING:
    'The file of this picture is missing or damaged on the server. Adding the same picture again puts it back.',
  UNAUTHENTICATED: 'The server wants to know who you are. Sign in as its operator told you, then reload.',
  FORBIDDEN: 'You are not allowed to do this here. Ask the operator of the server.',
  HOST_NOT_ALLOWED:
    'The server does not answer under this address. Ask its operator to add the name to the setting ALLOWED_HOSTS.',
  QUERY_TOO_COMPLEX: 'This asks too much at once. Choose a smaller number of results.',
  RATE_LIMITED: 'Too many requests. Wait {{seconds}} s, then try again.',
  SERVER_BUSY: 'The server has its hands full. Wait {{seconds}} s, then try again.',
  FILE_TOO_LARGE: 'The file is too large: {{actual}}, the limit is {{limit}}.',
  STORAGE_FULL: 'The disk of the server is full. Ask its operator to make room, then try again.',
  INDEX_NOT_READY: 'The server is still opening its index. Wait {{seconds}} s, then try again.',
  SHUTTING_DOWN: 'The server is stopping. Try again when it is back.',
  MEDIA_UNAVAILABLE:
    'The server cannot use the folder of its pictures at the moment. Try again later; if it stays, tell its operator.',
  REQUEST_TIMEOUT: 'This took too long and was stopped. Try again, or try a smaller picture.',
  REQUEST_CANCELLED: 'The request was cancelled before it was answered. Try again.',
  INTERNAL_SERVER_ERROR:
    'Something went wrong on the server. Try again; if it stays, give its operator the number below.',
  PROTOCOL: 'This page and the server are of different versions. Reload the page.',
  NETWORK: 'The server did not answer. Check that it is running and reachable, then try again.',
  UNKNOWN: 'The server answered something unexpected ({{code}}). Reload the page and try again.',
  FILE_GONE: 'The file was changed or is no longer there. Choose it again.',
  NOT_A_PICTURE: 'That is no picture file. Choose, drop or paste a picture.',
  NOT_A_FILE:
    'Only the address of a picture arrived. Save the picture first and choose the file, or copy the picture itself and paste it.',
  errorId: 'Number: {{id}}',
} as const;

export const zh: Translation<typeof en> = {
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
  INDEX_NOT_READY: '服务器正在打开索引。请等待 {{seconds}} 秒后重试。',
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
