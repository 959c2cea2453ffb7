/** Puts the cursor into a field; for a picker into its visible input. */
export function goTo(selector) {
  const field = selector && document.querySelector(selector);
  if (!field) return;
  (field.nextElementSibling?.querySelector?.(".picker__input") ?? field).focus();
}
