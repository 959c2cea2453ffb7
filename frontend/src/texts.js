/** A translated text that the page shell put on <body data-text-…>. */
export function text(name) {
  return document.body.dataset[`text${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
}
