// Brings a list up to date row by row: what did not change is not touched, so that nothing is lost under somebody's hands.
function essence(row) {
  const copy = row.cloneNode(true);
  copy.removeAttribute("class");
  for (const token of copy.querySelectorAll("input[name=csrfmiddlewaretoken]")) token.remove();
  for (const limit of copy.querySelectorAll("[data-due]")) {
    limit.textContent = "";
    limit.removeAttribute("class");
  }
  for (const each of copy.querySelectorAll("[title], [data-label]")) {
    each.removeAttribute("title");
    delete each.dataset.label;
  }
  return copy.innerHTML.replace(/\s+/g, " ");
}

const REACHABLE = "a[href], button, input, select, textarea, summary";

/** Puts `fresh` in the place of `row`, with the keyboard where it was and what was ticked or typed in it. */
function replace(row, fresh) {
  const before = [...row.querySelectorAll(REACHABLE)];
  const after = [...fresh.querySelectorAll(REACHABLE)];
  before.forEach((field, place) => {
    if (field.type === "checkbox" && after[place]?.type === "checkbox") after[place].checked = field.checked;
  });
  fresh.classList.toggle("is-current", row.classList.contains("is-current"));
  const focused = before.indexOf(document.activeElement);
  row.replaceWith(fresh);
  if (focused >= 0) (after[focused] ?? after[0])?.focus({ preventScroll: true });
}

function remove(row) {
  const hadFocus = row.contains(document.activeElement);
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  if (hadFocus) neighbour?.querySelector(REACHABLE)?.focus({ preventScroll: true });
}

/** Makes the rows of `body` those of `wanted` (both by data-key); returns the rows that were not there before. */
export function mergeRows(body, wanted) {
  const kept = new Set([...wanted.rows].map((row) => row.dataset.key));
  for (const gone of [...body.rows].filter((row) => !kept.has(row.dataset.key))) remove(gone);
  const known = new Map([...body.rows].map((row) => [row.dataset.key, row]));
  const added = [];
  let place = null;
  for (const fresh of [...wanted.rows]) {
    const row = known.get(fresh.dataset.key);
    let shown = row;
    if (!row) {
      added.push(fresh);
      shown = fresh;
    } else if (essence(row) !== essence(fresh)) {
      replace(row, fresh);
      shown = fresh;
    }
    const next = place ? place.nextElementSibling : body.firstElementChild;
    // Moving an element takes the keyboard from it: only those that stand elsewhere are moved.
    if (next !== shown) body.insertBefore(shown, next);
    place = shown;
  }
  return added;
}
