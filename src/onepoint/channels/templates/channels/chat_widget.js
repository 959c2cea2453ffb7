(function () {
  "use strict";
  var script = document.currentScript;
  if (!script || window.onepointChat) return;
  window.onepointChat = true;
  var base = new URL(script.src).origin;
  var address = base + "{% url "chat-begin" %}?framed=1&from=" + encodeURIComponent(location.origin + location.pathname);
  if (script.dataset.queue) address += "&queue=" + encodeURIComponent(script.dataset.queue);
  if (script.dataset.lang) address += "&lang=" + encodeURIComponent(script.dataset.lang);
  var english = (script.dataset.lang || document.documentElement.lang || "").slice(0, 2).toLowerCase() === "en";
  var label = script.dataset.label || (english ? "{{ label_en|escapejs }}" : "{{ label_zh|escapejs }}");
  var button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  Object.assign(button.style, {
    position: "fixed", right: "20px", bottom: "20px", zIndex: 2147483000, padding: "12px 18px", border: 0, borderRadius: "24px",
    background: "#0f5c75", color: "#fff", font: "600 15px/1.2 system-ui, sans-serif", cursor: "pointer",
  });
  var frame;
  function open() {
    frame = document.createElement("iframe");
    frame.src = address;
    frame.title = label;
    Object.assign(frame.style, {
      position: "fixed", right: "20px", bottom: "76px", zIndex: 2147483000, width: "min(400px, calc(100vw - 24px))",
      height: "min(620px, calc(100vh - 96px))", border: "1px solid #d3dbe0", borderRadius: "10px", background: "#fff",
    });
    document.body.appendChild(frame);
  }
  button.addEventListener("click", function () {
    if (!frame) open();
    else frame.hidden = !frame.hidden;
    button.setAttribute("aria-expanded", String(!frame.hidden));
  });
  document.body.appendChild(button);
})();
