// How many short messages a text takes: as the server cuts it (providers/smpp/alphabet.py).
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const FURTHER = "\f^{}\\[~]|€";

export function partsOf(text) {
  const characters = [...text];
  const isPlain = characters.every((one) => BASIC.includes(one) || FURTHER.includes(one));
  const [alone, part] = isPlain ? [160, 153] : [70, 67];
  const sizes = characters.map((one) => (isPlain ? (FURTHER.includes(one) ? 2 : 1) : one.length));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  if (whole <= alone) return whole ? 1 : 0;
  let parts = 1;
  let filled = 0;
  for (const size of sizes) {
    if (filled + size > part) {
      parts += 1;
      filled = 0;
    }
    filled += size;
  }
  return parts;
}

/** A text area whose form shows the length beside it. */
export function mount(area) {
  const place = area.form?.querySelector("[data-sms-length]");
  if (!place) return;
  const show = () => {
    const count = [...area.value].length;
    place.textContent = place.dataset.text.replace("{characters}", count).replace("{parts}", partsOf(area.value));
  };
  area.addEventListener("input", show);
  show();
}
