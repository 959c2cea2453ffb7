// Marks rows of a list that were changed elsewhere: <div data-island="stale-rows" data-text="…"> around tr[data-key];
// what stands in the element with [data-stale-sign] appears then.
export function mount(list) {
  document.body.addEventListener("live:todo", ({ detail }) => {
    const row = detail?.subject !== undefined && list.querySelector(`tr[data-key="${Number(detail.subject)}"]`);
    if (!row || row.classList.contains("row--stale")) return;
    row.classList.add("row--stale");
    const sign = list.querySelector("[data-stale-sign]");
    if (sign) sign.hidden = false;
  });
}
