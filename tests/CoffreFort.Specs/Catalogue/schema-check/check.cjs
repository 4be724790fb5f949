// Usage: node check.cjs schema.json document.json...: one line per fault, exit code 1 when there is one.
const { readFileSync } = require('node:fs');
const Ajv = require('ajv/dist/2020').default;

const [schema, ...documents] = process.argv.slice(2);
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false, formats: { date: /^\d{4}-\d{2}-\d{2}$/ } }).compile(read(schema));
for (const document of documents) {
  if (validate(read(document))) continue;
  for (const fault of validate.errors) console.log(`${document} ${fault.instancePath || '/'} ${fault.message}`);
  process.exitCode = 1;
}
