import { codeOf, sourceFiles } from './source.mjs';

/** A class with more of them has states that a union should name. */
const mostMutable = 5;

const classes = /^(?:export )?(?:abstract )?class (\w+)[^{]*\{\n([\s\S]*?)^\}/gm;
/** A field of its own line, or one that a constructor's parameter declares. */
const mutableField =
  /^ {2}(?:(?:private|protected|static|override) )*(?!readonly )\w+[?!]?(?:: | = (?!\(|async \().*|;)|^ {4}(?:private|protected) (?!readonly )\w+[?]?:/gm;

/** No class where things flow has more than five fields that change. */
export function checkFields(root) {
  return sourceFiles(root, 'src/streams').flatMap((file) =>
    [...codeOf(root, file).matchAll(classes)].flatMap(([, name, body]) => {
      const fields = body.match(mutableField)?.length ?? 0;
      return fields > mostMutable
        ? [`${file} has ${fields} fields that change in ${name}, ${mostMutable} at most`]
        : [];
    }),
  );
}
