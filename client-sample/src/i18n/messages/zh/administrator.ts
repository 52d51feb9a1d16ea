import type { Translation } from '../../translation';
import type { admin as en } from '../en/administrator';

export const admin: Translation<typeof en> = {
  title: '需要管理员权限',
  question: '只有管理员可以执行此操作。请输入服务器设置中的 ADMIN_TOKEN；它只保留到关闭此标签页为止。',
  wrong: '令牌不对。请查看服务器设置中的 ADMIN_TOKEN。',
  none: '服务器没有设置令牌时，只能在服务器本机上执行此操作。请在本机打开此页面（http://127.0.0.1:4000），或设置 ADMIN_TOKEN、重启服务器，然后在这里输入令牌。',
  token: '管理员令牌',
  enter: '继续',
  known: '你已输入管理员令牌。',
  forget: '清除令牌',
  folderRefused:
    '不允许导入这个文件夹，或者它不存在。请检查路径。可导入的文件夹由服务器管理员用 <code>{{setting}}</code> 设定，例如：',
  folderTaken: '这个文件夹不能添加：它已经在某个图片目录中，或包含某个图片目录，或属于 Likeness 自己。',
  patternWrong: '“排除”的内容不对：应为 .gitignore 格式的规则，每行一条。',
};
