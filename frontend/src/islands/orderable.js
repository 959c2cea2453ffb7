// A list whose lines are moved up and down by buttons; what a form sends follows the order of its lines.
export function mount(list) {
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move]");
    const line = button?.closest("li");
    if (!line) return;
    if (button.dataset.move === "1") line.nextElementSibling?.after(line);
    else line.previousElementSibling?.before(line);
    button.focus();
  });
}
