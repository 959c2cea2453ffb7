/** Hides the special items whose condition does not hold and marks those that must be filled in, as the server says. */
export function mount(root) {
  const { shownUrl, prefix } = root.dataset;
  const controlling = new Set((root.dataset.controlling ?? "").split(" ").filter(Boolean).map((key) => `${prefix}-${key}`));
  const items = [...root.querySelectorAll("[data-item]")];
  for (const item of items) item.hidden = "notShown" in item.dataset;
  if (controlling.size === 0) return;
  let asked = 0;
  const look = async () => {
    const number = ++asked;
    const answer = await ask(root, shownUrl, prefix);
    // Of several questions only the answer to the last one counts.
    if (answer && number === asked) for (const item of items) show(item, answer);
  };
  root.addEventListener("change", (event) => {
    if (controlling.has(event.target.name)) look();
  });
  // Somebody quick, or a browser that brings back what was typed, may have answered before this ran.
  const answered = [...root.querySelectorAll("[name]")].some((input) => controlling.has(input.name) && isChanged(input));
  if (answered) look();
}

function isChanged(input) {
  if (input.options) return [...input.options].some((option) => option.selected !== option.defaultSelected);
  if (/^(checkbox|radio)$/.test(input.type)) return input.checked !== input.defaultChecked;
  return input.value !== input.defaultValue;
}

async function ask(root, url, prefix) {
  const body = new FormData();
  body.append("prefix", prefix);
  for (const input of root.querySelectorAll("[name]")) {
    if (/^(checkbox|radio)$/.test(input.type) && !input.checked) continue;
    body.append(input.name, input.value);
  }
  const headers = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  try {
    const response = await fetch(url, { method: "POST", body, headers });
    return response.ok ? await response.json() : null;
  } catch {
    return null; // The server decides again when the form is sent.
  }
}

function show(item, { shown, required }) {
  item.hidden = !shown.includes(item.dataset.item);
  const label = item.querySelector(".field__label");
  if (!label) return;
  label.querySelector(".field__required")?.remove();
  label.classList.toggle("field__label--required", required.includes(item.dataset.item));
}
