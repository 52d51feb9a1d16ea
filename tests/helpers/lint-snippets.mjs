/**
 * Lints snippets with the project's own ESLint settings: JSON [{ path, code }] comes in on standard input,
 * JSON of the messages of each goes out. A process of its own, since ESLint loads its settings with `import()`.
 * Rules that need types are left out: the snippets are not files that a project knows.
 */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

const root = new URL('../../', import.meta.url).pathname;
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [{ files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked }],
});

let input = '';
for await (const chunk of process.stdin) input += chunk;
const results = [];
for (const { path, code } of JSON.parse(input)) {
  const [result] = await eslint.lintText(code, { filePath: `${root}${path}` });
  results.push(result.messages.map(({ message }) => message));
}
process.stdout.write(JSON.stringify(results));
