import type { Translation } from '../../translation';
import type { models as en } from '../en/models';

export const models: Translation<typeof en> = {
  progress: {
    pull: '下载 {{name}}',
    switch: '改用 {{name}}',
    waiting: '排队中',
    starting: '正在开始……',
    DOWNLOADING: '正在下载',
    CHECKING: '正在检查',
    CALIBRATING: '正在用图片校准',
    CONVERTING: '正在转换',
    DONE: '已就位',
    bytes: '{{done}} / {{total}}',
    speed: '每秒 {{size}}',
    filling: '正在计算向量：{{done}} / {{total}}',
    failedPictures: '{{number}} 张无法计算',
  },
  failure: {
    HUB_UNREACHABLE:
      '服务器连不上模型下载站。请检查网络；需要代理时设置 HTTPS_PROXY，使用镜像时设置 MODEL_HUB。没有网络时，可以上传文件。',
    DOWNLOAD_FAILED: '下载中断或被拒绝。已有的部分会保留，重试时会从这里接着下载。',
    MODEL_MISMATCH:
      '下载到的内容与下载站公布的不符，已丢弃，没有任何变化。请重试；如果一直如此，说明途中有设备改动了文件。',
    MODEL_MISMATCH_UPLOAD:
      '这个文件不能用来制作模型，或已损坏。请使用完整的 DINOv2 权重（model.safetensors）或 ONNX 文件重新上传。',
    STORAGE_FULL: '服务器的磁盘已满。请清理空间后继续，已有的部分会保留。',
    STORAGE_FAILED: '服务器无法写入自己的目录。请检查目录权限后重试。',
    SHUTTING_DOWN: '期间服务器被停止。恢复后请继续。',
    OTHER: '操作失败，没有任何变化。原因见服务器日志；输入管理员令牌后，本页会显示更多。',
    PINNED: '这台服务器的模型由设置 MODEL 固定。改为 MODEL=auto 并重启后，才能在这里更换。',
    details: '服务器的说明',
  },
  hint: {
    label: '关于模型',
    text: '内置模型擅长找副本和外观，不擅长找同类的东西。',
    get: '下载 DINOv2',
    getSize: '下载 DINOv2（{{size}}）',
    file: '没有网络？上传文件',
    dismiss: '不再显示',
  },
  link: '更换模型…',
};
