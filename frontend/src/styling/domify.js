// Stands in for the package: what is made of a text gets its styles by script, because the page's policy ignores those
// written in the text.
import build from "../../node_modules/domify/index.js";

const STYLE = /\sstyle=(["'])(.*?)\1/gs;

export default function domify(text, document) {
  const built = build(text.replace(STYLE, " data-styled=$1$2$1"), document);
  const styled = [...(built.querySelectorAll?.("[data-styled]") ?? [])];
  if (built.dataset?.styled) styled.push(built);
  for (const element of styled) {
    element.style.cssText = element.dataset.styled;
    delete element.dataset.styled;
  }
  return built;
}
