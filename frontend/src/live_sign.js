// The small sign in the top bar: whether what the page shows changes by itself.
const QUIET = 3000; // a connection that is back within this time was never worth a word
const sign = document.getElementById("live-sign");
let state;
let timer;

function draw() {
  sign.hidden = false;
  sign.dataset.state = state;
  sign.title = sign.dataset[`title${state[0].toUpperCase()}${state.slice(1)}`] ?? "";
  sign.querySelector(".live-sign__text").textContent = sign.dataset[`text${state[0].toUpperCase()}${state.slice(1)}`] ?? "";
  sign.querySelector("a").hidden = state !== "ended";
}

document.body.addEventListener("live-state", ({ detail }) => {
  if (!sign || detail === state || (state === "ended" && detail === "lost")) return;
  state = detail;
  clearTimeout(timer);
  if (state === "lost") timer = setTimeout(draw, QUIET);
  else draw();
});
