// What a page asks by itself: nobody need be there, so the server does not count it as use of the session.
export const UNATTENDED = { "X-Onepoint-Unattended": "1" };

/** Like fetch; a session that has ended is told to the page, which keeps what was typed. */
export async function ask(url, options = {}) {
  const response = await fetch(url, { ...options, headers: { ...UNATTENDED, ...options.headers }, redirect: "error" });
  if (response.status === 401) document.body.dispatchEvent(new CustomEvent("live-state", { detail: "ended" }));
  return response;
}

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.triggeringEvent?.type.startsWith("live:")) Object.assign(event.detail.headers, UNATTENDED);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401 || !requestConfig?.headers["X-Onepoint-Unattended"]) return;
  event.preventDefault();
  document.body.dispatchEvent(new CustomEvent("live-state", { detail: "ended" }));
});
