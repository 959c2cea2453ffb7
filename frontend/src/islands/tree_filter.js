/** A text box that narrows a tree (data-tree="#id") to the nodes whose text or data-key contains what is typed. */
export function mount(input) {
  const tree = document.querySelector(input.dataset.tree);
  if (!tree) return;
  const opened = new Map([...tree.querySelectorAll("details")].map((node) => [node, node.open]));
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const item of [...tree.querySelectorAll("li")].reverse()) {
      const row = item.querySelector(".tree__row");
      const own = `${row?.textContent} ${row?.dataset.key ?? ""}`.toLowerCase().includes(wanted);
      const below = [...item.querySelectorAll("li")].some((child) => !child.hidden);
      item.hidden = Boolean(wanted) && !own && !below;
      const details = item.querySelector(":scope > details");
      if (details) details.open = wanted ? below : opened.get(details);
    }
  });
}
