/**
 * Lints schemas with the project's own settings for schema.graphql: JSON of their texts comes in on standard input, JSON
 * of the names of the rules that each breaks goes out. A process of its own, since ESLint loads its settings with `import()`.
 */
import { ESLint } from 'eslint';
import rules from '../../scripts/lib/schema-rules.mjs';

let input = '';
for await (const chunk of process.stdin) input += chunk;
const results = [];
for (const schema of JSON.parse(input)) {
  const eslint = new ESLint({
    cwd: new URL('../../', import.meta.url).pathname,
    overrideConfigFile: true,
    overrideConfig: [
      ...rules,
      { files: ['schema.graphql'], languageOptions: { parserOptions: { graphQLConfig: { schema } } } },
    ],
  });
  const [result] = await eslint.lintText(schema, { filePath: 'schema.graphql' });
  results.push([
    ...new Set(
      result.messages.map(({ ruleId, message }) => ruleId?.replace('@graphql-eslint/', '') ?? message),
    ),
  ]);
}
process.stdout.write(JSON.stringify(results));
