import htmx from "htmx.org";
import "./styles/main.css";
import { mountIslands } from "./islands.js";
import "./clocks.js";
import "./confirm.js";
import "./first_fault.js";
import "./keyboard.js";
import "./lists.js";
import "./live_sign.js";
import "./live.js";
import "./arrivals.js";
import "./requests.js";
import "./shell.js";
import "./submit_once.js";
import "./unattended.js";
import "./send_at_once.js"; // after submit_once.js, so that it is counted as sent

window.htmx = htmx;

htmx.onLoad((element) => mountIslands(element));
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => mountIslands(document.body));
else mountIslands(document.body);
