// Simple conditions as rows: name, operator, value; joined by "and" or "or". What is more intricate stays text.
const TERM = /^\s*([\p{L}_][\p{L}\p{N}_]*)\s*(<=|>=|!=|=|<|>)\s*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null)\s*$/u;

function split(text, word) {
  const parts = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"' && text[at - 1] !== "\\") quoted = !quoted;
    else if (!quoted && "([{".includes(sign)) depth += 1;
    else if (!quoted && ")]}".includes(sign)) depth -= 1;
    else if (!quoted && depth === 0 && text.startsWith(` ${word} `, at)) {
      parts.push(text.slice(from, at));
      from = at + word.length + 2;
      at = from - 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

function unquote(value) {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}

/** {join: "and" | "or", rows: [{name, operator, value}]}, or null where it is more than that. */
export function parse(text) {
  const source = text.trim();
  if (!source) return { join: "and", rows: [] };
  const either = split(source, "or");
  const join = either.length > 1 ? "or" : "and";
  const rows = [];
  for (const part of join === "or" ? either : split(source, "and")) {
    const found = TERM.exec(part);
    if (!found) return null;
    rows.push({ name: found[1], operator: found[2], value: unquote(found[3]), isText: found[3].startsWith('"') });
  }
  return { join, rows };
}

export function format({ join, rows }, kindOf) {
  return rows
    .filter((row) => row.name)
    .map((row) => {
      const bare = row.value === "null" || row.value === "true" || row.value === "false" || (kindOf(row.name) === "number" && row.value !== "");
      const value = bare && !row.isText ? row.value : `"${String(row.value).replace(/(["\\])/g, "\\$1")}"`;
      return `${row.name} ${row.operator} ${value}`;
    })
    .join(` ${join} `);
}
