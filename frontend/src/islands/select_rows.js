/** A list with a checkbox per row: the box in the head ticks all, the bar with what can be done appears when any is ticked. */
export function mount(form) {
  const all = form.querySelector("[data-select-all]");
  const bar = form.querySelector("[data-selection-bar]");
  const boxes = () => [...form.querySelectorAll('tbody input[type="checkbox"][name]')];
  const show = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    if (bar) bar.hidden = ticked === 0;
    for (const place of form.querySelectorAll("[data-selected-count]")) place.textContent = ticked;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
  };
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  show();
}
